"""Servers that want no certificate of a client, ask for one, or insist on it."""

import ssl

import pytest

from scanner.observations.client_authentication import ClientAuthentication
from scanner.observations.tls_versions import TlsVersions
from scanner.probes import client_authentication
from tests.hostile import Peer, serving
from tests.probes.asked import ask
from tests.probes.openssl_server import s_server
from tests.probes.tls_servers import context, interview, run_in_shell, tls_server
from tests.servers.certificates import Pki

WANTED = {ssl.CERT_NONE: "none", ssl.CERT_OPTIONAL: "requested", ssl.CERT_REQUIRED: "required"}


@pytest.mark.parametrize("mode", list(WANTED))
@pytest.mark.parametrize(
    ("oldest", "newest", "labels"),
    [
        ("TLSv1", "TLSv1", ("TLSv1.0",)),
        ("TLSv1_2", "TLSv1_2", ("TLSv1.2",)),
        ("TLSv1_3", "TLSv1_3", ("TLSv1.3",)),
        ("TLSv1", "TLSv1_3", ("TLSv1.2", "TLSv1.3")),
    ],
)
async def test_wanted(pki: Pki, mode: ssl.VerifyMode, oldest: str, newest: str, labels: tuple[str, ...]) -> None:
    server = context(pki, oldest=oldest, newest=newest)
    server.verify_mode = mode
    server.load_verify_locations(pki.root)
    with tls_server(server) as (port, _):
        asked = await ask(port, ClientAuthentication)
        shown = [run_in_shell(line.reproduce) for line in asked.evidence(ClientAuthentication)]
    seen = asked[ClientAuthentication]
    assert seen.wanted == dict.fromkeys(labels, WANTED[mode])
    assert set(seen.reasons) == (set(labels) if mode is ssl.CERT_REQUIRED else set())
    asked_for = "Client Certificate Types" if labels == ("TLSv1.0",) else "Requested Signature Algorithms: "
    assert seen.authorities == ()  # none given: any
    assert [asked_for in one for one in shown] == [mode is not ssl.CERT_NONE] * len(labels)
    # up to TLS 1.2 a handshake only where one is asked for; in TLS 1.3 always
    assert asked.attempts["client_authentication"].connections <= 2


@pytest.mark.parametrize(("option", "wanted"), [("-verify", "requested"), ("-Verify", "required")])
async def test_authorities(pki: Pki, option: str, wanted: str) -> None:
    with s_server(pki, option, "2", "-CAfile", str(pki.root)) as port:
        asked = await ask(port, ClientAuthentication)
        shown = [run_in_shell(line.reproduce) for line in asked.evidence(ClientAuthentication)]
    seen = asked[ClientAuthentication]
    assert seen.wanted == {"TLSv1.2": wanted, "TLSv1.3": wanted}
    assert seen.authorities == ("Common Name: tlsassay test root",)
    assert all("Acceptable client certificate CA names\nCN = tlsassay test root" in one for one in shown)


async def test_what_could_not_be_asked_is_unknown() -> None:
    with serving(Peer.reset) as (port, _):
        asking = interview(port)
        versions = TlsVersions(versions={"TLSv1.2": "accepted", "TLSv1.3": "accepted"})
        seen = await client_authentication.probe(asking, versions, None)
        await asking.close()
    assert seen.wanted == {"TLSv1.2": "unknown", "TLSv1.3": "unknown"}
    assert "reset" in seen.reasons["TLSv1.3"]


def test_names_that_are_none() -> None:
    assert client_authentication._name(b"\x30\x00") == ""
    assert client_authentication._name(b"\xff\xff").startswith("malformed name ffff")
