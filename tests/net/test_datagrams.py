"""What comes back over UDP, and what silence is."""

import asyncio
import errno
import os
import socket

import pytest

from scanner.model import AskFailedError, Failure, FailureKind
from scanner.net import datagrams
from scanner.net.datagrams import Datagrams, Group
from scanner.net.dial import dial
from scanner.wire.lines import decode_line
from tests.hostile import answering
from tests.net.test_dial import to_the_end


async def connect(port: int, *, seconds: float = 5.0, budget: int = 1 << 20, host: str = "127.0.0.1") -> Datagrams:
    made = await dial(host, port, connect=5.0, seconds=seconds, budget=budget, kind=Datagrams)
    assert isinstance(made, Datagrams)
    return made


async def unheard(connection: Datagrams, within: float = 5.0) -> Failure:
    """Why nothing was heard."""
    with pytest.raises(AskFailedError) as caught:
        await connection.hear(b"anybody there?", within)
    assert connection.ended
    return caught.value.failure


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_an_answer(host: str) -> None:
    with answering(lambda asked: (b"you said ", asked), host=host) as (port, counters):
        connection = await connect(port, host=host)
        await connection.hear(b"hello\n", 5.0)
        assert await connection.read(decode_line) == b"you said hello"
        connection.send(b"more\n")
        assert await connection.read(decode_line) == b"you said more"
        connection.close()
        connection.send(b"into the void")  # no error
    assert counters.received == [b"hello\n", b"more\n"]


async def test_connecting_says_nothing() -> None:
    with answering(lambda _: ()) as (port, counters):
        connection = await connect(port)
        connection.close()
        assert not await counters.reach(lambda seen: bool(seen.received), 0.1)


async def test_an_empty_datagram_is_an_answer() -> None:
    with answering(lambda _: (b"",)) as (port, counters):
        connection = await connect(port)
        await connection.hear(b"", 5.0)
        assert (connection.heard, connection.buffer, connection.ended) == (1, b"", False)
        connection.close()
    assert counters.received == [b""]


async def test_closed_is_what_icmp_says() -> None:
    with answering(lambda _: ()) as (port, _):
        pass
    failure = await unheard(await connect(port))
    assert failure == Failure(FailureKind.REFUSED, "ICMP: port unreachable")


async def test_silence_is_open_or_filtered() -> None:
    with answering(lambda _: ()) as (port, _):
        failure = await unheard(await connect(port), 0.1)
        assert failure.kind is FailureKind.TIMED_OUT
        assert failure.detail == "open|filtered: no answer over UDP within 0.1 s, and no ICMP"
        failure = await unheard(await connect(port, seconds=0.1))
        assert failure.kind is FailureKind.TIMED_OUT
        assert failure.detail.startswith("open|filtered")


async def test_what_is_lost_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datagrams, "AGAIN", 0.01)
    asked: list[bytes] = []

    def third(words: bytes) -> list[bytes]:
        asked.append(words)
        return [b"at last\n"] if len(asked) == 3 else []

    with answering(third) as (port, counters):
        connection = await connect(port)
        connection.send(b"question")
        assert await connection.read(decode_line) == b"at last"
        assert not await counters.reach(lambda seen: len(seen.received) > 3, 0.2)  # it is answered
        connection.close()
    assert asked == [b"question"] * 3


async def test_an_empty_datagram_does_not_end_the_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datagrams, "AGAIN", 0.01)
    answers = iter([b"", b"at last\n"])
    with answering(lambda _: [next(answers, b"")]) as (port, _):
        connection = await connect(port)
        connection.send(b"question")
        assert await connection.read(decode_line) == b"at last"
        connection.close()


async def test_a_deadline_and_a_budget_hold() -> None:
    with answering(lambda _: [b"x" * 1000] * 20) as (port, _):
        connection = await connect(port, budget=10_000)
        connection.send(b"?")
        with pytest.raises(AskFailedError) as caught:
            await to_the_end(connection)
        assert caught.value.failure.kind is FailureKind.FLOODED
        assert len(connection.buffer) <= 10_000
        connection = await connect(port, seconds=0.1)
        connection.send(b"?")
        with pytest.raises(AskFailedError) as caught:
            await to_the_end(connection)
        assert caught.value.failure.kind is FailureKind.DEADLINE


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ECONNREFUSED, FailureKind.REFUSED),
        (errno.EHOSTUNREACH, FailureKind.FILTERED),
        (errno.EACCES, FailureKind.FILTERED),
        (errno.ENETUNREACH, FailureKind.UNREACHABLE),
    ],
)
async def test_what_the_kernel_says(number: int, kind: FailureKind, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    with answering(lambda _: ()) as (port, _):
        connection = await connect(port)
        monkeypatch.setattr(socket.socket, "send", fails)
        assert (await unheard(connection)).kind is kind


async def test_only_the_peer_is_heard() -> None:
    with answering(lambda _: ()) as (port, counters), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        connection = await connect(port)
        connection.send(b"hello")
        assert await counters.reach(lambda seen: bool(seen.received))
        assert connection._socket is not None
        stranger.sendto(b"I am the server", connection._socket.getsockname())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await connection.more()
        connection.close()


async def test_an_address_that_is_no_group_is_not_joined() -> None:
    with pytest.raises(AskFailedError) as caught:
        await dial("127.0.0.1", 54327, connect=1.0, seconds=1.0, budget=1, kind=Group)
    assert caught.value.failure == Failure(FailureKind.UNREACHABLE, "127.0.0.1 is no multicast group")
