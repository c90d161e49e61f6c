"""TCP connections with an absolute deadline and a byte budget.

A connection ends once, for one reason: closed by the peer, reset, out of time or over budget. Whoever waits for bytes
then gets that reason as an AskFailedError, after everything that did arrive has been read.
"""

import asyncio
import errno
from collections.abc import Callable
from typing import TypeVar, cast

from scanner.model import AskFailedError, FailureKind
from scanner.wire.errors import MalformedError
from scanner.wire.text import printable

T = TypeVar("T")

ANSWER_LIMIT = 1 << 16
"""Bytes that one message in the clear may take: the longest greeting or capability list has a tenth of that."""

_ICMP = {errno.EHOSTUNREACH, errno.EACCES}
"""Host unreachable or communication prohibited; ICMPv6 code 1, 5 and 6 arrive as EACCES."""
_LOCAL_TROUBLE = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL}


class Connection(asyncio.Protocol):
    """One connection; made by `dial`."""

    def __init__(self, seconds: float, budget: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._seconds = seconds
        self._budget = budget
        self._timer = self._loop.call_later(seconds, self._out_of_time)
        self._waiter: asyncio.Future[None] | None = None
        self._ended: tuple[FailureKind, str] | None = None
        self._transport: asyncio.Transport | None = None
        self.buffer = bytearray()
        """Received and not yet consumed."""
        self.received = 0

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports are no subclass

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        if self.received > self._budget:
            self._end(FailureKind.FLOODED, f"sent more than {self._budget} bytes")
            return
        self.buffer += data
        self._wake()

    def eof_received(self) -> None:
        self._end(FailureKind.CLOSED_EARLY, "closed the connection" + self._so_far())

    def connection_lost(self, exc: Exception | None) -> None:
        if isinstance(exc, ConnectionError):
            self._end(FailureKind.RESET, "reset the connection" + self._so_far())
        else:
            self._end(FailureKind.CLOSED_EARLY, str(exc or "closed the connection") + self._so_far())

    def _out_of_time(self) -> None:
        if self.received:
            self._end(FailureKind.DEADLINE, f"did not finish within {self._seconds:g} s" + self._so_far())
        else:
            self._end(FailureKind.TIMED_OUT, f"silent for {self._seconds:g} s")

    def _so_far(self) -> str:
        return f" after {self.received} bytes" if self.received else " without a word"

    def _end(self, kind: FailureKind, detail: str) -> None:
        if self._ended is None:
            self._ended = kind, detail
            self.close()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # for whoever asks

    @property
    def ended(self) -> bool:
        """Whether nothing more can arrive."""
        return self._ended is not None

    def close(self) -> None:
        """Drop the connection; never waits."""
        self._timer.cancel()
        if self._transport is not None:
            self._transport.abort()

    def send(self, data: bytes) -> None:
        """Send without waiting: questions are small, and a peer that does not read runs into the deadline."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

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


def _connect_failure(error: OSError, timeout: float) -> AskFailedError:
    """What the kernel's word on a connect means (tcp(7), ip(7), RFC 1812 §5.2.7.1, RFC 4443 §3.1)."""
    if isinstance(error, TimeoutError):
        return AskFailedError(FailureKind.FILTERED, f"no answer within {timeout:g} s")
    if isinstance(error, ConnectionRefusedError):
        return AskFailedError(FailureKind.REFUSED, "connection refused")
    if isinstance(error, ConnectionResetError):
        return AskFailedError(FailureKind.RESET, "reset as soon as connected")  # refused is what it is before
    text = errno.errorcode.get(error.errno or 0, "?") + ": " + (error.strerror or str(error))
    if error.errno in _ICMP:
        return AskFailedError(FailureKind.FILTERED, f"ICMP: host unreachable or prohibited ({text})")
    if error.errno in _LOCAL_TROUBLE:
        return AskFailedError(FailureKind.INTERNAL, f"this host cannot open a connection ({text})")
    return AskFailedError(FailureKind.UNREACHABLE, f"no way to the address from this host ({text})")


async def dial(address: str, port: int, *, connect: float, seconds: float, budget: int) -> Connection:
    """Connect to a numeric address, within `connect` seconds; the connection lasts at most `seconds`, that included.

    Raises AskFailedError: REFUSED (closed), FILTERED (no answer within `connect`, or ICMP says no), UNREACHABLE,
    RESET (open, but reset at once), INTERNAL; DEADLINE when `seconds` are over before `connect`, since a shorter wait
    tells nothing.
    """
    loop = asyncio.get_running_loop()
    made: list[Connection] = []

    def make() -> Connection:
        made.append(Connection(seconds, budget))
        return made[-1]

    try:
        async with asyncio.timeout(min(connect, seconds)):
            _, connection = await loop.create_connection(make, address, port)
    except BaseException as error:
        for half_open in made:
            half_open.close()
        if isinstance(error, TimeoutError) and error.errno is None and seconds < connect:
            raise AskFailedError(FailureKind.DEADLINE, f"time ran out after {seconds:g} s of connecting") from error
        if isinstance(error, OSError):
            raise _connect_failure(error, connect) from error
        raise
    return connection
