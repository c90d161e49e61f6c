"""TLS stacks as fixtures. `stack` is each configuration in turn, started once and ended before the next one starts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.certificates import Pki
from tests.servers.conftest import require_installed
from tests.servers.harness import Configuration, Running, start
from tests.servers.stacks import (
    boringssl,
    botan,
    caddy,
    gnutls,
    jsse,
    mbedtls,
    nss,
    openssl30,
    openssl35,
    openssl101,
    openssl102,
    openssl111,
    rustls,
    tlslite_ng,
    wolfssl,
)
from tests.servers.stacks.truth import Witness

STACKS = (
    *(openssl101, openssl102, openssl111, openssl30, openssl35),
    *(gnutls, nss, jsse, caddy, rustls, boringssl, tlslite_ng, mbedtls, wolfssl, botan),
)
CONFIGURATIONS: tuple[Configuration, ...] = tuple(one for stack in STACKS for one in stack.CONFIGURATIONS)


@pytest.fixture(scope="session", params=CONFIGURATIONS, ids=[one.name for one in CONFIGURATIONS])
def stack(request: pytest.FixtureRequest, server_folder: Path, server_pki: Pki) -> Iterator[Running]:
    """Every configuration in turn."""
    configuration: Configuration = request.param
    require_installed(configuration)
    with start(configuration, server_pki, server_folder) as running:
        yield running


@pytest.fixture(scope="session")
def witness(stack: Running) -> Witness:
    """Other people's clients of the configuration."""
    return Witness(stack)
