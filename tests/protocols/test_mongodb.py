"""What MongoDB answers in the clear.

No mongod can be had here: the server is a fake, whose answers are those that MongoDB's documentation shows.
"""

import pytest

from scanner.model import FailureKind
from scanner.wire.bson import document
from scanner.wire.mongodb import command
from tests.hostile import Peer, Talk, hangs_up, serving
from tests.protocols.talk import converse, converse_failure
from tests.wire.test_mongodb import message

HELLO, PARAMETER = command(1, hello=1), command(2, getParameter=1, authenticationMechanisms=1)


def answer(**values: int | str) -> bytes:
    return message(bytes(5) + document(values))


OPEN = answer(ok=1)
LOGIN_FIRST = answer(ok=0, errmsg="command getParameter requires authentication", code=13, codeName="Unauthorized")


def server(parameter: bytes, hello: bytes | None = None) -> Talk:
    """Answers hello, and the question after it."""

    def talk(peer: Peer) -> None:
        for reply in (hello or answer(maxWireVersion=21, setName="rs0", ok=1), parameter):
            if not peer.receive():
                return
            peer.send(reply)
        hangs_up(peer)

    return talk


@pytest.mark.parametrize(
    ("parameter", "credentials", "how"),
    [
        (OPEN, "accepted", "no authentication at all"),
        (LOGIN_FIRST, "accepted", "asked for in the clear"),
        (answer(ok=0, errmsg="no such command", code=59), "unknown", "does not tell"),
        (answer(ok=0, errmsg="\x1b[2J" * 4000), "unknown", "error ?"),
    ],
)
async def test_credentials(parameter: bytes, credentials: str, how: str) -> None:
    with serving(server(parameter)) as (port, counters):
        said = await converse("mongodb", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.banner, said.tls_offered) == ("mongodb", "maxWireVersion 21, setName rs0", None)
    assert said.credentials == credentials
    assert how in said.how
    assert said.how.isprintable()
    assert counters.everything == HELLO + PARAMETER


async def test_passive_says_hello_alone() -> None:
    with serving(server(OPEN)) as (port, counters):
        said = await converse("mongodb", port, passive=True)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert said.credentials == "unknown"
    assert "--passive" in said.how
    assert counters.everything == HELLO


async def test_an_older_server_knows_no_hello() -> None:
    with serving(server(LOGIN_FIRST, answer(ok=0, errmsg="no such command: 'hello'", code=59))) as (port, _):
        said = await converse("mongodb", port)
    assert said.banner == "hello: error 59 'no such command: 'hello''"
    assert said.credentials == "accepted"


@pytest.mark.parametrize("parts", [b"", LOGIN_FIRST[:40]])
async def test_one_that_closes_is_no_answer(parts: bytes) -> None:
    """As mongod does where TLS is required."""
    with serving(server(parts)) as (port, _):
        assert (await converse_failure("mongodb", port)).kind is FailureKind.CLOSED_EARLY


async def test_tls_is_no_answer() -> None:
    with serving(server(OPEN, b"\x15\x03\x01\0\x02\x02\x46" + bytes(9))) as (port, _):
        assert (await converse_failure("mongodb", port)).kind is FailureKind.MALFORMED
