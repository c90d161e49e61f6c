"""The first byte of mqtts is TLS."""

from scanner.model import ReachTls
from scanner.protocols import protocol
from tests.hostile import Peer, serving
from tests.protocols.test_failures import attempts_of


def test_port() -> None:
    assert (protocol("mqtts").port, protocol("mqtts").reach_tls) == (8883, ReachTls.IMPLICIT)


async def test_sends_a_client_hello_that_names_the_protocol() -> None:
    with serving(Peer.drain) as (port, counters):
        await attempts_of({"mqtts": f"mqtts://127.0.0.1:{port}"})
        assert await counters.reach(lambda seen: seen.accepted == seen.ended)
    assert counters.received
    assert all(first.startswith(b"\x16\x03\x01") for first in counters.received)
    assert b"\x04mqtt" in counters.everything
