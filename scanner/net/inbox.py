"""What has arrived on a connection and was not read yet, and why nothing more comes.

A connection ends once, for one reason. Whoever waits for bytes then gets that reason as an AskFailedError, after
everything that did arrive has been read. Of sockets nothing is known here.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from scanner.model import AskFailedError, FailureKind
from scanner.wire.errors import MalformedError
from scanner.wire.text import printable

T = TypeVar("T")

ANSWER_LIMIT = 1 << 16
"""Bytes that one message in the clear may take: the longest greeting or capability list has a tenth of that."""


class Inbox:
    """The reader's side of a connection."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None
        self._ended: tuple[FailureKind, str] | None = None
        self.buffer = bytearray()
        """Received and not yet consumed."""

    @property
    def ended(self) -> bool:
        """Whether nothing more can arrive."""
        return self._ended is not None

    def close(self) -> None:
        """Drop whatever the bytes come from; never waits."""
        self._end(FailureKind.CLOSED_EARLY, "closed here")

    def _end(self, kind: FailureKind, detail: str) -> None:
        """Nothing more comes, for this reason, if it is the first."""
        if self._ended is None:
            self._ended = kind, detail
            self.close()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def more(self) -> None:
        """Wait until the buffer has grown. Raises AskFailedError when it no longer can."""
        size = len(self.buffer)
        while len(self.buffer) == size:
            if self._ended is not None:
                kind, detail = self._ended
                raise AskFailedError(kind, detail, received=bytes(self.buffer))
            self._waiter = self._loop.create_future()
            await self._waiter

    async def until_closed(self) -> None:
        """Wait until the peer closes, whatever it says before; the connection's deadline is the limit."""
        try:
            while True:
                self.buffer.clear()
                await self.more()
        except AskFailedError:
            return

    async def read(self, decode: Callable[[bytes], tuple[T, int] | None]) -> T:
        """Feed a codec until it returns `(value, consumed)`.

        Raises AskFailedError: MALFORMED when the codec says so, or has no value yet from ANSWER_LIMIT bytes; else the
        reason why nothing more comes.
        """
        while True:
            try:
                decoded = decode(bytes(self.buffer[:ANSWER_LIMIT]))
            except MalformedError as error:
                said = printable(bytes(self.buffer[:64]), 64)
                detail = f"{error}; received '{said}'" if said else str(error)
                raise AskFailedError(FailureKind.MALFORMED, detail, received=bytes(self.buffer)) from error
            if decoded is not None:
                value, consumed = decoded
                del self.buffer[:consumed]
                return value
            if len(self.buffer) >= ANSWER_LIMIT:
                detail = f"no complete message within {ANSWER_LIMIT} bytes"
                raise AskFailedError(FailureKind.MALFORMED, detail, received=bytes(self.buffer[:512]))
            await self.more()
