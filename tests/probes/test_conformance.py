"""A sound server deviates in nothing; one that selects what it likes is found out whoever asks."""

import socket

from scanner.model import FailureKind
from scanner.observations.conformance import Conformance
from scanner.observations.tls_versions import TlsVersions
from tests.hostile import Peer, hangs_up, serving
from tests.probes.asked import ask
from tests.probes.tls_servers import ECDSA, RSA, context, peeked, speaks_tls, tls_server
from tests.servers.certificates import Pki


async def test_a_sound_server(pki: Pki) -> None:
    with tls_server(context(pki, RSA, ECDSA, oldest="TLSv1")) as (port, counters):
        asked = await ask(port)
    seen = asked[Conformance]
    assert seen.deviations == ()
    assert seen.answers == counters.accepted
    assert asked.attempts["conformance"].connections == 0


async def test_a_server_that_selects_what_it_likes(pki: Pki) -> None:
    """A suite of TLS 1.3 for whoever offers TLS 1.1."""
    steady = speaks_tls(context(pki))

    def talk(peer: Peer) -> None:
        start = peer.socket.recv(11, socket.MSG_PEEK)
        if start[:1] == b"\x16" and start[9:11] == b"\x03\x02":
            assert 0x1301 not in peeked(peer)[0]
            body = b"\x03\x02" + b"r" * 32 + b"\0\x13\x01\0"
            message = b"\x02" + len(body).to_bytes(3) + body + b"\x0e\0\0\0"
            peer.receive()
            peer.send(b"\x16\x03\x02" + len(message).to_bytes(2) + message)
            peer.drain()
        else:
            steady(peer)

    with serving(talk) as (port, _):
        asked = await ask(port, Conformance, TlsVersions)
    (deviation,) = asked[Conformance].deviations
    assert "TLS_AES_128_GCM_SHA256" in deviation.what
    assert "TLSv1.1" in deviation.asked
    (line,) = asked.evidence(Conformance)
    assert (line.asked, line.answered) == (deviation.asked, deviation.what)


async def test_no_answers() -> None:
    with serving(hangs_up) as (port, _):
        failure = (await ask(port, Conformance, TlsVersions)).failure(Conformance)
    assert failure.kind is FailureKind.CLOSED_EARLY
