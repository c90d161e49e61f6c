"""The estate as a whole: the inventory tells the truth, and it starts and stops cleanly."""

import re
import socket
import ssl
import threading
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanner import registry
from scanner.demo import PLANTED, WAIVED, WARNED, ZONE, estate


def test_every_declared_service_says_what_is_planted(running: Any) -> None:
    assert set(running.services) == set(running.planted) == set(PLANTED)


def test_every_server_is_declared_and_every_declared_server_runs(running: Any) -> None:
    urls = [endpoint["url"] for service in running.services.values() for endpoint in service["endpoints"]]
    used = {name for url in urls for name in re.findall(r"\{(.+)\}", url)}
    assert used == set(running.inventory["hosts"])
    assert all(re.fullmatch(r"[a-z]+://\{[a-z0-9-]+\}", url) for url in urls)


def test_planted_rules_exist(running: Any) -> None:
    assert set().union(*running.planted.values()) <= set(registry.identifiers("rules"))


NOT_PLANTED = {
    # the estate has no SSH server, KDC or Java registry
    *("ssh-algorithm-too-weak", "terrapin-exposed", "host-key-too-small", "host-key-not-pinned"),
    *("kerberos-encryption-too-weak", "rmi-names-listed", "rmi-tls-incomplete", "jmx-without-authentication"),
    # its ports are the system's choice, of which none is anybody's twin, and each server has one address
    *("undeclared-listener", "node-differs"),
    # nothing in it is declared to belong together, or is pinned twice
    *("certificate-not-shared", "tls-mixed", "backup-pin-missing"),
}


def test_every_rule_of_the_first_policy_fails_somewhere(running: Any) -> None:
    policy = yaml.safe_load(registry.data_files("policies", ".yaml")["site"])
    assert {rule["rule"] for rule in policy["rules"]} - NOT_PLANTED == set().union(*running.planted.values())


def test_what_is_warned_of_is_planted(running: Any) -> None:
    assert all(rule in running.planted[service] for rule, service in WARNED)


def test_every_certificate_is_judged_by_the_demo_root_alone(running: Any) -> None:
    for service in running.services.values():
        if any("http://" not in endpoint["url"] for endpoint in service["endpoints"]):
            assert service["certificate"]["trust"] == ["./demo-ca.pem"]


def test_one_boundary_is_crossed(running: Any) -> None:
    outside = {name for name, service in running.services.items() if ZONE not in service["reachable_from"]}
    assert outside == {name for name, rules in running.planted.items() if "boundary-crossed" in rules}
    assert ZONE in running.inventory["zones"]


def test_the_waiver_covers_a_planted_defect_and_is_in_force(running: Any) -> None:
    (waiver,) = running.inventory["waivers"]
    assert (waiver["rule"], waiver["service"]) == WAIVED
    assert waiver["rule"] in running.planted[waiver["service"]]
    assert isinstance(waiver["expires"], date)
    assert waiver["expires"] > date.today()  # noqa: DTZ011 - a day more or less does not matter


def test_the_closed_port_refuses(running: Any) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(running.address("web-gone"), timeout=5)


def demo_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("demo ")]


def test_everything_stops_even_while_clients_linger(tmp_path: Path) -> None:
    before = set(demo_threads())
    clients = []
    with estate(tmp_path) as started:
        hosts = re.findall(r'^  ([a-z0-9-]+): "(.+):(\d+)"$', started.inventory.read_text(), re.MULTILINE)
        for name, host, port in hosts:
            if name != "web-gone":
                clients.append(socket.create_connection((host, int(port)), timeout=5))
                clients[-1].sendall(b"\x16\x03\x01" if name.startswith("web") else b"a")
        mail = next(client for client, (name, *_) in zip(clients, hosts, strict=False) if name == "imap-good")
        assert mail.recv(4) == b"* OK"
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 5
    assert set(demo_threads()) <= before
    for client in clients:
        client.close()
    for _, host, port in hosts:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), timeout=5)


def test_nothing_private_is_left_on_disk(tmp_path: Path) -> None:
    with estate(tmp_path) as started:
        files = list(tmp_path.iterdir())
        assert sorted(file.name for file in files) == ["demo-ca.pem", "demo.yaml"]
        assert all("PRIVATE" not in file.read_text() for file in files)
        assert started.inventory in files


def test_a_failed_start_closes_its_ports(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), estate(tmp_path / "absent"):
        pass


def test_two_estates_do_not_know_of_each_other(tmp_path: Path, running: Any) -> None:
    with estate(tmp_path) as other:
        trusting = ssl.create_default_context(cafile=other.inventory.parent / "demo-ca.pem")
        with (
            socket.create_connection(running.address("web-good"), timeout=5) as connection,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            trusting.wrap_socket(connection, server_hostname="good.demo.test")
