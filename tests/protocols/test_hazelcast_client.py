"""What a member of Hazelcast answers to a client's login in the clear as nobody."""

import pytest

from scanner.model import ReachTls
from scanner.protocols import protocol
from tests.hostile import Peer, says, serving
from tests.protocols.talk import converse
from tests.protocols.test_hazelcast import member
from tests.wire.test_hazelcast import answer


def test_port() -> None:
    known = protocol("hazelcast-client")
    assert (known.port, known.reach_tls) == (5701, ReachTls.NEVER)


@pytest.mark.parametrize(
    ("said", "credentials", "words"),
    [
        (answer(0), "accepted", "was taken"),
        (answer(1), "accepted", "credentials failed"),
        (answer(2), "unknown", "status 2"),
        (answer(3), "accepted", "not allowed"),
        (answer(0, kind=0), "unknown", "type 0x000000"),
    ],
)
async def test_credentials(said: bytes, credentials: str, words: str) -> None:
    with serving(says(said)) as (port, _):
        seen = await converse("hazelcast-client", port)
    assert (seen.speaks, seen.credentials, seen.tls_offered) == ("hazelcast-client", credentials, None)
    assert words in seen.how


async def test_a_login_without_a_password() -> None:
    with serving(member) as (port, counters):
        assert (await converse("hazelcast-client", port)).credentials == "accepted"
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert counters.everything.startswith(b"CP2")
    # the names of the cluster, the user and the client, and no password between them
    assert counters.everything.count(b"tlsassay-unused-name") == 3
    assert b"tlsassay-unused-name\x06\0\0\0\0\x04" in counters.everything


async def test_passive_says_nothing() -> None:
    with serving(Peer.drain) as (port, counters):
        seen = await converse("hazelcast-client", port, passive=True)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (seen.speaks, seen.credentials) == ("unknown", "unknown")
    assert counters.everything == b""
