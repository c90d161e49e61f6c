"""The first byte of openwires is TLS; a broker in the clear is told by its own first words."""

from scanner.model import ReachTls
from scanner.probes.cleartext import recognise
from scanner.protocols import protocol
from tests.hostile import Peer, serving
from tests.protocols.test_failures import attempts_of
from tests.wire.test_openwire import OFFER


def test_port() -> None:
    known = protocol("openwires")
    assert (known.port, known.reach_tls, known.twins) == (61617, ReachTls.IMPLICIT, ("openwire",))


def test_plaintext_is_recognised() -> None:
    assert recognise(OFFER) == "openwire"


async def test_sends_a_client_hello_and_nothing_before() -> None:
    with serving(Peer.drain) as (port, counters):
        await attempts_of({"openwires": f"openwires://127.0.0.1:{port}"})
        assert await counters.reach(lambda seen: seen.accepted == seen.ended)
    assert counters.received
    assert all(first.startswith(b"\x16\x03\x01") for first in counters.received)
