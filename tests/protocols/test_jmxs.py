"""The first byte of jmxs is TLS, until a ClientHello has no answer."""

from scanner.model import ReachTls
from scanner.protocols import protocol
from tests.hostile import Peer, serving
from tests.protocols.test_failures import attempts_of


def test_port() -> None:
    assert (protocol("jmxs").port, protocol("jmxs").reach_tls) == (9999, ReachTls.IMPLICIT)


async def test_sends_a_client_hello_and_nothing_before() -> None:
    with serving(Peer.drain) as (port, counters):
        await attempts_of({"jmxs": f"jmxs://127.0.0.1:{port}"})
        assert await counters.reach(lambda seen: seen.accepted == seen.ended)
    assert counters.received
    assert all(first.startswith(b"\x16\x03\x01") for first in counters.received)
