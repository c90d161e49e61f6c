"""Reading without a socket: what arrived is read first, then the reason why nothing more comes."""

import asyncio

import pytest

from scanner.model import AskFailedError, Failure, FailureKind
from scanner.net.inbox import ANSWER_LIMIT, Inbox
from scanner.wire.errors import MalformedError
from scanner.wire.lines import decode_line


class Fed(Inbox):
    """Gets its bytes from a test."""

    def arrive(self, data: bytes) -> None:
        self.buffer += data
        self._wake()

    def end(self, kind: FailureKind, detail: str = "for a test") -> None:
        self._end(kind, detail)


async def failure(inbox: Inbox) -> Failure:
    with pytest.raises(AskFailedError) as caught:
        await inbox.more()
    return caught.value.failure


async def test_a_reader_waits_for_as_much_as_it_needs() -> None:
    inbox = Fed()
    reading = asyncio.create_task(inbox.read(decode_line))
    for part in (b"on", b"e\r", b"\ntwo"):
        await asyncio.sleep(0)
        assert not reading.done()
        inbox.arrive(part)
    assert await reading == b"one"
    assert inbox.buffer == b"two"


async def test_what_arrived_is_read_before_the_end_is_told() -> None:
    inbox = Fed()
    inbox.arrive(b"one\r\ntw")
    inbox.end(FailureKind.RESET)
    assert await inbox.read(decode_line) == b"one"
    with pytest.raises(AskFailedError) as caught:
        await inbox.read(decode_line)
    assert (caught.value.failure.kind, caught.value.received) == (FailureKind.RESET, b"tw")


async def test_the_first_reason_stands() -> None:
    inbox = Fed()
    assert not inbox.ended
    inbox.end(FailureKind.DEADLINE, "too late")
    inbox.end(FailureKind.RESET)
    inbox.close()
    assert inbox.ended
    assert await failure(inbox) == Failure(FailureKind.DEADLINE, "too late")


async def test_whoever_waits_is_told_of_the_end() -> None:
    inbox = Fed()
    waiting = asyncio.create_task(failure(inbox))
    await asyncio.sleep(0)
    inbox.close()
    assert (await waiting).kind is FailureKind.CLOSED_EARLY


async def test_until_closed_whatever_is_said() -> None:
    inbox = Fed()
    waiting = asyncio.create_task(inbox.until_closed())
    for _ in range(3):
        await asyncio.sleep(0)
        inbox.arrive(b"and another thing")
    await asyncio.sleep(0)
    assert not waiting.done()
    inbox.end(FailureKind.CLOSED_EARLY)
    await waiting


async def test_what_a_codec_refuses_is_malformed_and_shown_harmless() -> None:
    def refuses(_: bytes) -> None:
        raise MalformedError("no such thing")

    inbox = Fed()
    inbox.arrive(b"\x1b[2J")
    with pytest.raises(AskFailedError) as caught:
        await inbox.read(refuses)
    assert caught.value.failure == Failure(FailureKind.MALFORMED, r"no such thing; received '\x1b[2J'")
    assert caught.value.received == b"\x1b[2J"


async def test_a_message_without_an_end_is_cut_off() -> None:
    inbox = Fed()
    inbox.arrive(bytes(ANSWER_LIMIT + 1))
    with pytest.raises(AskFailedError) as caught:
        await inbox.read(lambda _: None)
    assert caught.value.failure.kind is FailureKind.MALFORMED
    assert str(ANSWER_LIMIT) in caught.value.failure.detail
