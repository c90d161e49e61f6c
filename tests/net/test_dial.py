"""What a connect says, and how a connection ends."""

import asyncio
import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from scanner.model import AskFailedError, Failure, FailureKind
from scanner.net.dial import Connection, dial
from scanner.net.inbox import ANSWER_LIMIT
from scanner.wire.errors import MalformedError
from scanner.wire.lines import decode_line
from tests.hostile import Peer, Talk, drips, floods, hangs_up, says, serving


async def connect(port: int, *, seconds: float = 5.0, budget: int = 1 << 20, host: str = "127.0.0.1") -> Connection:
    return await dial(host, port, connect=5.0, seconds=seconds, budget=budget)


@contextmanager
def full() -> Iterator[tuple[str, int]]:
    """The address of a server that answers no more: what does not fit into the backlog gets no answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, ExitStack() as waiting:
        for _ in range(4):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(server.getsockname())
        yield server.getsockname()


async def to_the_end(connection: Connection) -> None:
    async with asyncio.timeout(10):
        while True:
            await connection.more()


async def ending(talk: Talk, *, seconds: float = 5.0, budget: int = 1 << 20) -> tuple[Failure, bytes]:
    """Why nothing more comes from this server, and what came before."""
    with serving(talk) as (port, _):
        connection = await connect(port, seconds=seconds, budget=budget)
        with pytest.raises(AskFailedError) as caught:
            await to_the_end(connection)
        assert connection.ended
        connection.close()
    assert caught.value.received == bytes(connection.buffer)
    return caught.value.failure, caught.value.received


async def test_open() -> None:
    with serving(says(b"hello\n")) as (port, counters):
        connection = await connect(port)
        assert await connection.read(decode_line) == b"hello"
        connection.send(b"bye")
        assert await counters.reach(lambda seen: seen.everything == b"bye")
        connection.close()
        assert await counters.reach(lambda seen: seen.ended == 1)


async def test_ipv6() -> None:
    with serving(says(b"hello\n"), host="::1") as (port, _):
        connection = await connect(port, host="::1")
        assert await connection.read(decode_line) == b"hello"
        connection.close()


async def test_closed() -> None:
    with serving(Peer.drain) as (port, _):
        pass
    with pytest.raises(AskFailedError) as caught:
        await connect(port)
    assert caught.value.failure.kind is FailureKind.REFUSED


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ECONNREFUSED, FailureKind.REFUSED),
        (errno.ETIMEDOUT, FailureKind.FILTERED),
        (errno.EHOSTUNREACH, FailureKind.FILTERED),
        (errno.EACCES, FailureKind.FILTERED),
        (errno.ENETUNREACH, FailureKind.UNREACHABLE),
        (errno.EPERM, FailureKind.UNREACHABLE),
        (errno.EMFILE, FailureKind.INTERNAL),
        (errno.EADDRNOTAVAIL, FailureKind.INTERNAL),
    ],
)
async def test_what_the_kernel_says(number: int, kind: FailureKind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect_ex", lambda *_: number)
    with pytest.raises(AskFailedError) as caught:
        await connect(1)
    assert caught.value.failure.kind is kind


async def test_one_that_is_reset_as_soon_as_it_is_open_was_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect_ex", lambda *_: errno.ECONNRESET)
    connection = await connect(1)
    with pytest.raises(AskFailedError) as caught:
        await connection.more()
    assert caught.value.failure == Failure(FailureKind.RESET, "reset the connection without a word")
    connection.close()


@pytest.mark.parametrize(("connect_within", "kind"), [(0.05, FailureKind.FILTERED), (5.0, FailureKind.DEADLINE)])
async def test_no_answer_is_filtered_only_after_a_whole_wait(connect_within: float, kind: FailureKind) -> None:
    with full() as address, pytest.raises(AskFailedError) as caught:
        await dial(*address, connect=connect_within, seconds=0.1, budget=1)
    assert caught.value.failure.kind is kind


async def test_a_cancelled_connect_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    made, lingering = list[socket.socket](), asyncio.Event()

    class Lingering(Connection):
        async def _until_writable(self) -> None:
            assert self._socket is not None
            made.append(self._socket)
            lingering.set()
            await super()._until_writable()

    monkeypatch.setattr("scanner.net.dial.Connection", Lingering)
    with full() as address:
        task = asyncio.create_task(dial(*address, connect=60.0, seconds=60.0, budget=1))
        await asyncio.wait_for(lingering.wait(), 5)
        number = made[0].fileno()
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
    assert made[0].fileno() == -1
    assert not asyncio.get_running_loop().remove_writer(number)


async def test_a_closed_one_leaves_alone_who_has_its_number_next() -> None:
    with serving(says(b"hello\n")) as (port, _):
        first = await connect(port)
        first.close()
        second = await connect(port)
        first.close()
        first.send(b"into the void")
        assert await second.read(decode_line) == b"hello"
        second.close()
        with pytest.raises(AskFailedError) as caught:
            await first.more()
        assert caught.value.failure.kind is FailureKind.CLOSED_EARLY


async def test_more_than_the_kernel_takes_at_once_is_sent_in_the_end() -> None:
    much = bytes(range(256)) * (1 << 14)
    with serving(Peer.drain) as (port, counters):
        connection = await connect(port)
        connection.send(much)
        connection.send(b"and this")
        assert await counters.reach(lambda seen: seen.everything == much + b"and this")
        connection.close()


async def test_what_came_before_a_reset_is_read_when_sending_shows_it() -> None:
    with serving(says(b"last words\n", then=Peer.reset)) as (port, counters):
        connection = await connect(port)
        assert await counters.reach(lambda seen: seen.ended == 1)
        for _ in range(3):
            connection.send(b"still there?")
        with pytest.raises(AskFailedError) as caught:
            await to_the_end(connection)
        connection.close()
    assert caught.value.failure.kind is FailureKind.RESET


async def test_silence_times_out() -> None:
    failure, received = await ending(Peer.drain, seconds=0.1)
    assert (failure.kind, received) == (FailureKind.TIMED_OUT, b"")


async def test_dripping_does_not_stretch_the_deadline() -> None:
    loop = asyncio.get_running_loop()
    before = loop.time()
    failure, received = await ending(drips(b"drip "), seconds=0.2)
    assert failure.kind is FailureKind.DEADLINE
    assert received.startswith(b"drip ")
    assert loop.time() - before < 5


async def test_flooding_is_cut_at_the_budget() -> None:
    failure, received = await ending(floods(b"", b"flood"), budget=10_000)
    assert failure.kind is FailureKind.FLOODED
    assert len(received) <= 10_000


@pytest.mark.parametrize(
    ("talk", "kind", "words"),
    [
        (hangs_up, FailureKind.CLOSED_EARLY, b""),
        (says(b"last words", then=hangs_up), FailureKind.CLOSED_EARLY, b"last words"),
        (Peer.reset, FailureKind.RESET, b""),
    ],
)
async def test_the_two_ends(talk: Talk, kind: FailureKind, words: bytes) -> None:
    failure, received = await ending(talk)
    assert (failure.kind, received) == (kind, words)


async def test_what_came_before_the_end_is_still_read() -> None:
    with serving(says(b"one\ntwo\nthr", then=hangs_up)) as (port, _):
        connection = await connect(port)
        assert await connection.read(decode_line) == b"one"
        with pytest.raises(AskFailedError):
            await to_the_end(connection)
        assert await connection.read(decode_line) == b"two"
        with pytest.raises(AskFailedError) as caught:
            await connection.read(decode_line)
        assert caught.value.failure.kind is FailureKind.CLOSED_EARLY
        assert caught.value.received == b"thr"
        connection.send(b"into the void")  # no error


async def test_malformed_bytes_are_shown_harmless() -> None:
    def refuses(_: bytes) -> None:
        raise MalformedError("not what it should be")

    with serving(says(b"\x1b[2J<b>")) as (port, _):
        connection = await connect(port)
        await connection.more()
        with pytest.raises(AskFailedError) as caught:
            await connection.read(refuses)
        connection.close()
    assert caught.value.failure == Failure(FailureKind.MALFORMED, r"not what it should be; received '\x1b[2J<b>'")
    assert caught.value.received == b"\x1b[2J<b>"


async def test_a_message_without_an_end_is_malformed() -> None:
    sizes: list[int] = []

    def never(buffer: bytes) -> None:
        sizes.append(len(buffer))

    with serving(floods(b"", b"x")) as (port, _):
        connection = await connect(port)
        with pytest.raises(AskFailedError) as caught:
            await connection.read(never)
        connection.close()
    assert caught.value.failure.kind is FailureKind.MALFORMED
    assert max(sizes) == ANSWER_LIMIT
