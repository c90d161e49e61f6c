"""TCP connections with an absolute deadline and a byte budget.

A connection ends closed by the peer, reset, out of time or over budget, and says which to whoever reads (`Inbox`).

Theory of operation. The sockets are our own and the event loop only watches them: a transport with its protocol costs
more than the kernel does, and a scan is nothing but short connections (docs/performance.md).
"""

import asyncio
import errno
import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Protocol

from scanner.model import AskFailedError, FailureKind
from scanner.net.inbox import Inbox
from scanner.wire.errors import MalformedError

CHUNK = 1 << 16
"""Bytes that are read at a time."""

_ICMP = {errno.EHOSTUNREACH, errno.EACCES}
"""Host unreachable or communication prohibited; ICMPv6 code 1, 5 and 6 arrive as EACCES."""
_UNDER_WAY = {errno.EINPROGRESS, errno.EALREADY}
_LOCAL_TROUBLE = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL}


class Packets(Protocol):
    """How a protocol carries the bytes of another."""

    def wrap(self, data: bytes) -> bytes:
        """Put them into packets."""

    def feed(self, data: bytes) -> bytes:
        """What is in the packets that are complete now. Raises MalformedError."""


class Layer(Protocol):
    """What lies between the words and the wire: TLS."""

    def sealed(self, words: bytes) -> bytes:
        """What to send for these words, and whatever else has to be sent by now."""

    def opened(self, data: bytes) -> Iterable[bytes]:
        """The words in what arrived. Raises AskFailedError behind the last that can come."""

    def farewell(self) -> bytes:
        """What to send last."""


class Connection(Inbox):
    """One connection; made by `dial`."""

    def __init__(self, seconds: float, budget: int) -> None:
        super().__init__()
        self._seconds = seconds
        self._deadline = self._loop.time() + seconds
        self._budget = budget
        self._timer: asyncio.TimerHandle | None = None
        self._socket: socket.socket | None = None
        self._fileno = -1
        self._unsent = b""
        self.packets: Packets | None = None
        """From now on everything goes in these."""
        self._layer: Layer | None = None
        self.received = 0
        self.called = ""
        """The name that the peer goes by, for protocols whose first words bear it (XMPP); empty: none is known."""

    async def connect(self, address: str, port: int, within: float) -> None:
        """To be called once, by `dial`. Raises OSError with the kernel's word, TimeoutError without one."""
        line, destination = self._open(address, port, socket.SOCK_STREAM)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        code = line.connect_ex(destination)
        if code == errno.EINPROGRESS:
            code = line.connect_ex(destination)  # a server nearby has taken it by now: the loop need not watch for that
        if code in _UNDER_WAY:
            async with asyncio.timeout(within):
                await self._until_writable()
            code = line.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code == errno.ECONNRESET:  # the handshake was complete: before, it would be refused (RFC 9293 §3.10.7.3)
            self._lost(ConnectionResetError())
            return
        if code not in {0, errno.EISCONN}:
            raise OSError(code, os.strerror(code))
        self._watch()

    def _open(self, address: str, port: int, kind: socket.SocketKind) -> tuple[socket.socket, tuple[Any, ...]]:
        """A socket, and what it is to connect to."""
        self._socket = line = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
        self._fileno = line.fileno()
        line.setblocking(False)
        # getaddrinfo for the scope of a link-local address, which is a number (RFC 4007 §11)
        found = socket.getaddrinfo(address, port, flags=socket.AI_NUMERICHOST)[0][4] if "%" in address else None
        return line, found or (address, port)

    def _watch(self) -> None:
        self._timer = self._loop.call_at(self._deadline, self._out_of_time)
        self._loop.add_reader(self._fileno, self._receive)

    async def _until_writable(self) -> None:
        self._waiter = self._loop.create_future()
        self._loop.add_writer(self._fileno, self._wake)
        try:
            await self._waiter
        finally:
            self._loop.remove_writer(self._fileno)

    def _receive(self) -> None:
        if self._socket is None:
            return
        try:
            data = self._socket.recv(CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lost(error)
            return
        self._arrived(data)

    def _arrived(self, data: bytes) -> None:
        if data:
            self._take(data)
        else:
            self._end(FailureKind.CLOSED_EARLY, "closed the connection" + self._so_far())

    def _take(self, data: bytes) -> None:
        self.received += len(data)
        if self.received > self._budget:
            self._end(FailureKind.FLOODED, f"sent more than {self._budget} bytes")
            return
        try:
            arrived = data if self.packets is None else self.packets.feed(data)
        except MalformedError as error:
            self._end(FailureKind.MALFORMED, str(error))
        else:
            self._deliver(arrived)
        self._wake()

    def _deliver(self, data: bytes) -> None:
        if self._layer is None:
            self.buffer += data
            return
        try:
            for words in self._layer.opened(data):
                self.buffer += words
        except AskFailedError as error:
            self._end(error.failure.kind, error.failure.detail)
        else:
            self.send(b"")

    def _lost(self, error: OSError) -> None:
        if isinstance(error, ConnectionError):
            self._end(FailureKind.RESET, "reset the connection" + self._so_far())
        else:
            self._end(FailureKind.CLOSED_EARLY, str(error) + self._so_far())

    def _out_of_time(self) -> None:
        if self.received:
            self._end(FailureKind.DEADLINE, f"did not finish within {self._seconds:g} s" + self._so_far())
        else:
            self._end(FailureKind.TIMED_OUT, f"silent for {self._seconds:g} s")

    def _so_far(self) -> str:
        return f" after {self.received} bytes" if self.received else " without a word"

    # for whoever asks

    def close(self) -> None:
        """Drop the connection; never waits."""
        line, self._socket = self._socket, None
        if line is None:
            return  # and somebody else's may have its number by now
        if self._timer is not None:
            self._timer.cancel()
            self._loop.remove_reader(self._fileno)
        if self._unsent:
            self._loop.remove_writer(self._fileno)
        elif self._layer is not None:
            with suppress(OSError):
                line.send(self._layer.farewell())
        line.close()
        super().close()

    def send(self, data: bytes) -> None:
        """Send without waiting: questions are small, and a peer that does not read runs into the deadline."""
        if self._layer is not None:
            data = self._layer.sealed(data)
        if not data:
            return
        if self.packets is not None:
            data = self.packets.wrap(data)
        if self._unsent:
            self._unsent += data
        elif rest := self._sent(data):
            self._unsent = rest
            self._loop.add_writer(self._fileno, self._send_on)

    def _sent(self, data: bytes) -> bytes:
        """What the kernel does not take yet."""
        if self._socket is None:
            return b""
        try:
            return data[self._socket.send(data) :]
        except (BlockingIOError, InterruptedError):
            return data
        except OSError as error:
            with suppress(OSError):
                self._take(self._socket.recv(CHUNK))  # what came before
            self._lost(error)
            return b""

    def _send_on(self) -> None:
        rest = self._sent(self._unsent)
        if not rest and self._socket is not None:
            self._loop.remove_writer(self._fileno)
        self._unsent = rest

    @property
    def layer(self) -> Layer | None:
        """What all that is sent and received goes through."""
        return self._layer

    def put_on(self, layer: Layer) -> None:
        """From here on, all that is sent and received goes through `layer`."""
        self._layer = layer
        self._deliver(b"")


def connect_failure(error: OSError, timeout: float) -> AskFailedError:
    """What the kernel's word on a connect means (tcp(7), ip(7), RFC 1812 §5.2.7.1, RFC 4443 §3.1)."""
    if isinstance(error, TimeoutError):
        return AskFailedError(FailureKind.FILTERED, f"no answer within {timeout:g} s")
    if isinstance(error, ConnectionRefusedError):
        return AskFailedError(FailureKind.REFUSED, "connection refused")
    text = errno.errorcode.get(error.errno or 0, "?") + ": " + (error.strerror or str(error))
    if error.errno in _ICMP:
        return AskFailedError(FailureKind.FILTERED, f"ICMP: host unreachable or prohibited ({text})")
    if error.errno in _LOCAL_TROUBLE:
        return AskFailedError(FailureKind.INTERNAL, f"this host cannot open a connection ({text})")
    return AskFailedError(FailureKind.UNREACHABLE, f"no way to the address from this host ({text})")


async def dial(
    address: str, port: int, *, connect: float, seconds: float, budget: int, kind: type[Connection] | None = None
) -> Connection:
    """Connect to a numeric address, within `connect` seconds; the connection lasts at most `seconds`, that included.

    `kind`: of connection, where it is not TCP.

    Raises AskFailedError: REFUSED (closed), FILTERED (no answer within `connect`, or ICMP says no), UNREACHABLE,
    INTERNAL; DEADLINE when `seconds` are over before `connect`, since a shorter wait tells nothing.
    """
    connection = (kind or Connection)(seconds, budget)
    try:
        await connection.connect(address, port, min(connect, seconds))
    except BaseException as error:
        connection.close()
        if isinstance(error, TimeoutError) and error.errno is None and seconds < connect:
            raise AskFailedError(FailureKind.DEADLINE, f"time ran out after {seconds:g} s of connecting") from error
        if isinstance(error, OSError):
            raise connect_failure(error, connect) from error
        raise
    return connection
