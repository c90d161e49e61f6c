"""One running estate for all its tests."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanner.demo import estate


@dataclass(frozen=True)
class Running:
    """What the inventory says, as an independent reader sees it."""

    inventory: dict[str, Any]
    planted: dict[str, frozenset[str]]
    ca: Path

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        return {service["id"]: service for service in self.inventory["services"]}

    def address(self, name: str) -> tuple[str, int]:
        host, _, port = self.inventory["hosts"][name].rpartition(":")
        return host, int(port)

    def server_name(self, service: str) -> str:
        name: str = self.services[service]["endpoints"][0]["server_name"]
        return name

    def trusting(self) -> ssl.SSLContext:
        """A client that trusts the demo's root alone and checks everything."""
        return ssl.create_default_context(cafile=self.ca)


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with estate(tmp_path_factory.mktemp("demo")) as started:
        inventory = yaml.safe_load(started.inventory.read_text())
        yield Running(inventory, started.planted, started.inventory.parent / "demo-ca.pem")
