"""UDP, with the interface of a TCP connection, its deadline and its budget.

Theory of operation. There is nothing to connect to: only an answer shows that a server is there, only ICMP that none
is, and silence is either an open port or a filter. A datagram may get lost: what was sent is sent again, after one
second, two more, four more, until anything is said. The socket is connected all the same, so that the kernel hands
over what this peer sends and what ICMP says of it, and nothing else.
"""

import asyncio
import ipaddress
import socket
import struct
import sys
from contextlib import suppress

from scanner.model import AskFailedError, FailureKind
from scanner.net.dial import Connection, connect_failure

AGAIN = 1.0
"""Seconds after which a datagram without an answer is sent once more; the next time it is twice as many."""

_IP_RECVERR, _IPV6_RECVERR = 11, 25
"""Linux, ip(7) and ipv6(7): hear of unreachable hosts as well, not only of ports."""


class Datagrams(Connection):
    """What goes to and fro between a port of ours and one of a server."""

    def __init__(self, seconds: float, budget: int) -> None:
        super().__init__(seconds, budget)
        self.heard = 0
        """Datagrams received, empty ones included."""
        self._repeating: asyncio.TimerHandle | None = None

    async def connect(self, address: str, port: int, within: float) -> None:  # noqa: ARG002 - nothing is waited for
        """To be called once, by `dial`; sends nothing. Raises OSError."""
        line, destination = self._open(address, port, socket.SOCK_DGRAM)
        if sys.platform == "linux":
            six = line.family is socket.AF_INET6
            line.setsockopt(*((socket.IPPROTO_IPV6, _IPV6_RECVERR) if six else (socket.IPPROTO_IP, _IP_RECVERR)), 1)
        line.connect(destination)
        self._watch()

    async def hear(self, question: bytes | None, within: float) -> None:
        """Wait for any datagram, after asking, if there is something to ask. Raises AskFailedError."""
        if question is not None:
            self.send(question)
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not self.heard and self._ended is None:
                    self._waiter = self._loop.create_future()
                    await self._waiter
        if not self.heard:
            self._end(FailureKind.TIMED_OUT, self._silence(within))
        if self._ended is not None and not self.heard:
            raise AskFailedError(*self._ended)

    def send(self, data: bytes) -> None:
        """Send a datagram, again and again until anything is said."""
        self._stop_repeating()
        self._send_again(data, AGAIN)

    def close(self) -> None:
        """Drop the association; never waits."""
        self._stop_repeating()
        super().close()

    def _send_again(self, data: bytes, pause: float) -> None:
        if self._socket is None:
            return
        self._repeating = self._loop.call_later(pause, self._send_again, data, 2 * pause)
        try:
            self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            return  # as good as lost
        except OSError as error:
            self._lost(error)

    def _stop_repeating(self) -> None:
        if self._repeating is not None:
            self._repeating.cancel()

    def _arrived(self, data: bytes) -> None:
        if data:  # one without anything answers no question
            self._stop_repeating()
        self.heard += 1
        self._take(data)

    def _lost(self, error: OSError) -> None:
        if isinstance(error, ConnectionRefusedError):
            self._end(FailureKind.REFUSED, "ICMP: port unreachable" + (self._so_far() if self.heard else ""))
        else:
            failure = connect_failure(error, self._seconds).failure
            self._end(failure.kind, failure.detail)

    def _out_of_time(self) -> None:
        if self.heard:
            super()._out_of_time()
        else:
            self._end(FailureKind.TIMED_OUT, self._silence(self._seconds))

    def _silence(self, seconds: float) -> str:
        return f"open|filtered: no answer over UDP within {seconds:g} s, and no ICMP"


class Group(Datagrams):
    """A multicast group that is listened to; nothing is sent to it."""

    async def connect(self, address: str, port: int, within: float) -> None:  # noqa: ARG002 - nothing is waited for
        """Join the group on the interface that the routing table names. Raises OSError, AskFailedError."""
        if not ipaddress.ip_address(address).is_multicast:
            raise AskFailedError(FailureKind.UNREACHABLE, f"{address} is no multicast group")
        line, group = self._open(address, port, socket.SOCK_DGRAM)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # others may listen as well
        line.bind(group)
        name = socket.inet_pton(line.family, address.partition("%")[0])
        if line.family is socket.AF_INET6:
            scope = group[3] if len(group) > 3 else 0
            line.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, struct.pack("@16sI", name, scope))
        else:
            line.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("@4s4s", name, bytes(4)))
        self._watch()

    def _silence(self, seconds: float) -> str:
        return f"nothing was heard of the group within {seconds:g} s; nothing is sent to it that others might act upon"
