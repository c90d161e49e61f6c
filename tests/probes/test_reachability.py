"""Open, closed and the rest, and what shows it."""

import pytest

from scanner.model import AskFailedError, Failure, FailureKind
from scanner.probes.reachability import probe
from tests.hostile import Peer, serving
from tests.probes.tls_servers import interview


async def test_open() -> None:
    with serving(Peer.drain) as (port, counters):
        asking = interview(port)
        assert (await probe(asking)).state == "open"
        assert (await probe(asking)).state == "open"
        await asking.close()
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert counters.accepted == asking.connections == 1
    assert counters.everything == b""
    assert asking.take_evidence()[0].reproduce == f"nc -vz 127.0.0.1 {port}"


async def test_reset_at_once_is_open() -> None:
    for _ in range(20):
        with serving(Peer.reset) as (port, _counters):
            asking = interview(port)
            assert (await probe(asking)).state == "open"
            await asking.close()


async def test_closed() -> None:
    with serving(Peer.drain) as (port, _):
        pass
    asking = interview(port)
    seen = await probe(asking)
    assert seen.state == "closed"
    assert seen.detail == "connection refused"
    assert "refused" in asking.take_evidence()[0].answered


async def test_unresolved() -> None:
    failure = Failure(FailureKind.UNRESOLVED, "'mail.example.test' has no address")
    asking = interview(1, unresolved=failure)
    assert (await probe(asking)).state == "unresolved"
    assert asking.connections == 0


@pytest.mark.parametrize("kind", [FailureKind.TIMED_OUT, FailureKind.UNREACHABLE, FailureKind.DEADLINE])
async def test_what_could_not_be_asked_is_no_state(kind: FailureKind) -> None:
    with pytest.raises(AskFailedError) as caught:
        await probe(interview(1, unresolved=Failure(kind, "for a reason")))
    assert caught.value.failure == Failure(kind, "for a reason")
