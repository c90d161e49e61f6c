"""The handshake with `openssl s_server`: every group and suite, an RSA-PSS key, tickets, and a certificate demanded."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.wire.tls13 import Handshake
from scanner.wire.tls13_messages import Ticket
from scanner.wire.tls13_psk import offer_psk
from scanner.wire.tls13_shares import SHARE_GROUPS, make_share
from scanner.wire.tls_names import Alert
from scanner.wire.tls_record import AlertMessage
from tests.missing import not_run
from tests.servers.certificates import Pki
from tests.servers.harness import Configuration, Listener, Running, Site, find_binary, start
from tests.wire.tls13_peers import SUITES_13, client_hello, in_record

pytestmark = pytest.mark.real
GROUPS = "X25519:X448:P-256:P-384:P-521:ffdhe2048:ffdhe3072:ffdhe4096:ffdhe6144:ffdhe8192"
SUITES = (
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    ":TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256"
)


def configured(name: str, *options: str) -> Configuration:
    """A server of TLS 1.3 with an RSA-PSS key."""

    def prepare(site: Site) -> list[str]:
        key, certificate = site.folder / "key.pem", site.folder / "certificate.pem"
        made = ["openssl", "req", "-x509", "-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048", "-nodes"]
        named = ["-subj", "/CN=pss.example.test", "-days", "30", "-keyout", str(key), "-out", str(certificate)]
        subprocess.run([*made, *named], check=True, capture_output=True, timeout=60)
        listening = ["openssl", "s_server", "-accept", f"{site.address}:{site.ports['tls']}", "-www", "-tls1_3"]
        spoken = ["-groups", GROUPS, "-ciphersuites", SUITES, "-cipher", "ALL:@SECLEVEL=0"]
        return [*listening, *spoken, "-cert", str(certificate), "-key", str(key), *options]

    truth = {"tls": Listener(versions=frozenset({"TLSv1.3"}))}
    return Configuration(name=name, binary="openssl", package="openssl", tls="required", truth=truth, prepare=prepare)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if find_binary("openssl") is None:
        not_run("openssl is not installed (apt-get install openssl)")
    return tmp_path_factory.mktemp("s_server")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Running]:
    with start(configured("open"), Pki(folder), folder) as running:
        yield running


@pytest.fixture(scope="module")
def demanding(folder: Path) -> Iterator[Running]:
    with start(configured("demanding", "-Verify", "1"), Pki(folder), folder) as running:
        yield running


def shaken(
    server: Running, group: int, *, suite: int = 0x1301, ticket: Ticket | None = None, tickets: int = 2
) -> Handshake:
    """A whole handshake on a connection of its own, and what follows: an alert or so many tickets."""
    share = make_share(group)
    hello = client_hello([share], suites=[suite])
    if ticket:
        hello = offer_psk(hello, ticket, ticket.age_add)
    handshake = Handshake(hello, [share], psk=ticket)
    with socket.create_connection((server.address, server.ports["tls"]), timeout=10) as connection:

        def hear() -> None:
            data = connection.recv(1 << 16)
            assert data, "the server left"
            handshake.feed(data)

        connection.sendall(in_record(hello))
        while not handshake.done:
            hear()
        if handshake.finished:
            connection.sendall(handshake.finish())
            while not handshake.alert and len(handshake.tickets) < tickets:
                hear()
    return handshake


@pytest.mark.parametrize("group", SHARE_GROUPS)
def test_every_group(server: Running, group: int) -> None:
    handshake = shaken(server, group)
    assert handshake.hello is not None
    assert (handshake.hello.group, handshake.proven, handshake.scheme) == (group, True, 0x0809)
    assert (handshake.alert, len(handshake.tickets)) == (None, 2)


@pytest.mark.parametrize("suite", SUITES_13)
def test_every_suite_and_a_resumption_in_each(server: Running, suite: int) -> None:
    first = shaken(server, 29, suite=suite)
    assert first.hello is not None
    assert (first.hello.suite, first.proven) == (suite, True)
    second = shaken(server, 23, suite=suite, ticket=first.tickets[0], tickets=1)
    assert (second.resumed, second.proven, second.alert) == (True, False, None)


def test_a_certificate_is_demanded(demanding: Running) -> None:
    handshake = shaken(demanding, 29)
    assert handshake.proven
    assert handshake.certificate_request is not None
    assert handshake.alert == AlertMessage(2, Alert.CERTIFICATE_REQUIRED)
    assert handshake.tickets == ()
