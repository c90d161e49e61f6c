"""What Redis answers to a PING in the clear."""

import pytest

from scanner.model import FailureKind
from scanner.probes.cleartext import recognise
from scanner.wire.redis import PING
from tests.hostile import Peer, Talk, hangs_up, serving
from tests.protocols.talk import converse, converse_failure

DENIED = b"-DENIED Redis is running in protected mode because protected mode is enabled and no password is set\r\n"


def server(answer: bytes) -> Talk:
    def talk(peer: Peer) -> None:
        if peer.receive():
            peer.send(answer)
        hangs_up(peer)

    return talk


@pytest.mark.parametrize(
    ("answer", "credentials", "how"),
    [
        (b"+PONG\r\n", "accepted", "no authentication at all"),
        (b"-NOPERM this user has no permissions to run the 'ping' command\r\n", "accepted", "no authentication"),
        (b"-LOADING Redis is loading the dataset in memory\r\n", "accepted", "no authentication"),
        (b"-MISCONF Errors writing to the AOF file: No space left on device\r\n", "accepted", "no authentication"),
        (b"-NOAUTH Authentication required.\r\n", "accepted", "asked for in the clear"),
        (b"-ERR operation not permitted\r\n", "accepted", "asked for in the clear"),
        (DENIED, "refused", "protected mode"),
        (b"-ERR max number of clients reached\r\n", "unknown", "does not tell"),
        (b"-ERR unknown command\r\n", "unknown", "does not tell"),
    ],
)
@pytest.mark.parametrize("passive", [False, True])
async def test_credentials(answer: bytes, credentials: str, how: str, passive: bool) -> None:
    with serving(server(answer)) as (port, counters):
        said = await converse("redis", port, passive=passive)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.credentials, said.tls_offered) == ("redis", credentials, None)
    assert how in said.how
    assert counters.everything == PING


async def test_what_it_says_is_harmless() -> None:
    with serving(server(b"-\x1b[2J" + b"\xff" * 4000 + b"\r\n")) as (port, _):
        said = await converse("redis", port)
    assert said.banner.isprintable()
    assert said.how.isprintable()
    assert len(said.how) < 300


async def test_tls_is_malformed() -> None:
    with serving(server(bytes.fromhex("15030100020246"))) as (port, _):
        assert (await converse_failure("redis", port)).kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("words", "scheme"),
    [
        (b"-NOAUTH Authentication required.\r\n", "redis"),
        (b"-ERR unknown command '\x16\x03'", "redis"),
        (b"-ERR Protocol error: unauthenticated multibulk length\r\n", "redis"),
        (DENIED, "redis"),
    ],
)
def test_is_recognised(words: bytes, scheme: str) -> None:
    assert recognise(words) == scheme
