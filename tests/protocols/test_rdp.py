"""What a Remote Desktop server answers to a request with TLS, and to one without."""

import pytest

from scanner.model import FailureKind
from scanner.observations.tls_versions import TlsVersions
from scanner.probes.cleartext import probe
from scanner.wire.rdp import Security, connection_request
from tests.hostile import HANDSHAKE_FAILURE, Peer, Talk, hangs_up, serving
from tests.probes.tls_servers import interview
from tests.protocols.talk import converse, converse_failure, upgrade
from tests.wire.test_rdp import NO_NEGOTIATION, RDP_CHOSEN, TLS_CHOSEN, TLS_REQUIRED

CLEAR, TLS = connection_request(Security.RDP), connection_request(Security.SSL | Security.HYBRID)
HYBRID_CHOSEN = TLS_CHOSEN[:15] + b"\2\0\0\0"
HYBRID_EX_CHOSEN = TLS_CHOSEN[:15] + b"\x08\0\0\0"


def failure(code: int) -> bytes:
    return TLS_REQUIRED[:15] + bytes([code]) + b"\0\0\0"


def server(clear: bytes = TLS_REQUIRED, tls: bytes = TLS_CHOSEN) -> Talk:
    """Answers a request without TLS, and one with it; a ClientHello with an alert."""

    def talk(peer: Peer) -> None:
        asked = peer.receive()
        peer.send(tls if asked == TLS else clear)
        if asked == TLS and peer.receive():
            peer.send(HANDSHAKE_FAILURE)
        hangs_up(peer)

    return talk


@pytest.mark.parametrize(
    ("answer", "credentials", "how"),
    [
        (RDP_CHOSEN, "accepted", "standard RDP security"),
        (NO_NEGOTIATION, "accepted", "standard RDP security"),
        (failure(1), "refused", "SSL_REQUIRED_BY_SERVER"),
        (failure(5), "refused", "HYBRID_REQUIRED_BY_SERVER"),
        (failure(6), "refused", "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER"),
        (TLS_CHOSEN, "refused", "protocol 1"),
        (HYBRID_EX_CHOSEN, "refused", "protocol 8"),
        (TLS_CHOSEN[:15] + b"\x10\0\0\0", "refused", "protocol 16"),
        (TLS_CHOSEN[:15] + b"\x03\0\0\0", "unknown", "protocol 3"),  # one is to be chosen
        (TLS_CHOSEN[:15] + b"\0\0\0\x80", "unknown", "does not tell"),
        (failure(2), "unknown", "does not tell"),
        (failure(99), "unknown", "failure 99"),
    ],
)
@pytest.mark.parametrize("passive", [False, True])
async def test_credentials(answer: bytes, credentials: str, how: str, passive: bool) -> None:
    with serving(server(clear=answer)) as (port, counters):
        said = await converse("rdp", port, passive=passive)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.credentials, said.tls_offered) == ("rdp", credentials, None)
    assert how in said.how
    assert counters.everything == CLEAR


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (TLS_CHOSEN, None),
        (HYBRID_CHOSEN, None),
        (RDP_CHOSEN, FailureKind.UPGRADE_REFUSED),
        (NO_NEGOTIATION, FailureKind.UPGRADE_REFUSED),
        (failure(2), FailureKind.UPGRADE_REFUSED),
        (failure(3), FailureKind.UPGRADE_REFUSED),
        (failure(6), FailureKind.MALFORMED),
        (HYBRID_EX_CHOSEN, FailureKind.MALFORMED),
        (b"SSH-2.0", FailureKind.MALFORMED),
    ],
)
async def test_upgrade(answer: bytes, kind: FailureKind | None) -> None:
    with serving(server(tls=answer)) as (port, counters):
        refusal = await upgrade("rdp", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (refusal.kind if refusal else None) is kind
    assert counters.everything == TLS


@pytest.mark.parametrize(("answer", "offered"), [(TLS_CHOSEN, True), (RDP_CHOSEN, False), (failure(6), None)])
async def test_whether_tls_is_offered_is_asked_apart(answer: bytes, offered: bool | None) -> None:
    with serving(server(RDP_CHOSEN, answer)) as (port, _):
        asking = interview(port, scheme="rdp")
        seen = await probe(asking, TlsVersions(versions={}) if offered else None)
        await asking.close()
    assert (seen.credentials, seen.tls_offered) == ("accepted", offered)


async def test_a_server_that_disconnects_is_no_answer() -> None:
    with serving(server(bytes.fromhex("0300000b068000001234 00"))) as (port, _):
        assert (await converse_failure("rdp", port)).kind is FailureKind.MALFORMED
