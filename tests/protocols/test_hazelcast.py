"""A faithful fake of a Hazelcast 5 member, for which no package is at hand: what it answers to three bytes."""

import pytest

from scanner.model import FailureKind, ReachTls
from scanner.protocols import protocol
from tests.hostile import HANDSHAKE_FAILURE, Peer, hangs_up, says, serving
from tests.protocols.talk import converse, converse_failure
from tests.wire.test_hazelcast import answer

STATUS = 1


def member(peer: Peer) -> None:
    """As `UnifiedProtocolDecoder` and `UnifiedProtocolEncoder` do: members are greeted, clients not."""
    heard = b""
    while len(heard) < 3 and (data := peer.receive()):
        heard += data
    if heard.startswith(b"HZC"):
        peer.send(b"HZC")
    elif heard.startswith(b"CP2"):
        while not heard.endswith(bytes.fromhex("060000000028")) and (data := peer.receive()):
            heard += data
        peer.send(answer(STATUS))
    else:
        return
    peer.drain()


def test_port() -> None:
    assert (protocol("hazelcast").port, protocol("hazelcast").reach_tls) == (5701, ReachTls.NEVER)


async def test_a_member_answers() -> None:
    with serving(member) as (port, counters):
        said = await converse("hazelcast", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.banner, said.credentials) == ("hazelcast", "HZC", "unknown")
    assert "own encryption" in said.how
    assert counters.everything == b"HZC"


async def test_a_port_for_clients_alone() -> None:
    with serving(says(b"HZX", then=hangs_up)) as (port, _):
        failure = await converse_failure("hazelcast", port)
    assert failure.kind is FailureKind.UPGRADE_REFUSED
    assert "HZX" in failure.detail


@pytest.mark.parametrize("scheme", ["hazelcast", "hazelcast-client"])
async def test_tls(scheme: str) -> None:
    with serving(says(HANDSHAKE_FAILURE, then=hangs_up)) as (port, _):
        assert (await converse(scheme, port)).speaks == "tls"


@pytest.mark.parametrize("scheme", ["hazelcast", "hazelcast-client"])
async def test_the_end_is_no_refusal(scheme: str) -> None:
    with serving(hangs_up) as (port, _):
        assert (await converse_failure(scheme, port)).kind is FailureKind.CLOSED_EARLY
    with serving(says(b"HTTP/1.1 400 Bad Request\r\n")) as (port, _):
        assert (await converse_failure(scheme, port)).kind is FailureKind.MALFORMED
