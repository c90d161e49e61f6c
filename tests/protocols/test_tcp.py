"""Plain TCP: reachability alone."""

from scanner.model import ReachTls
from scanner.protocols import protocol
from tests.hostile import Peer, serving
from tests.protocols.test_failures import attempts_of


def test_has_no_port_of_its_own() -> None:
    assert protocol("tcp").port is None
    assert protocol("tcp").reach_tls is ReachTls.NEVER


async def test_connects_once_and_says_nothing() -> None:
    with serving(Peer.drain) as (port, counters):
        attempts = (await attempts_of({"tcp": f"tcp://127.0.0.1:{port}"}))["tcp"]
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (counters.accepted, counters.everything) == (1, b"")
    assert attempts["reachability"].observation.state == "open"
    assert attempts["cleartext"].observation.speaks == "unknown"
