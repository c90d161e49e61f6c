"""The connections to one endpoint, one after the other or several at once.

Theory of operation. Every connection passes the scan's `Gate` and ends with the endpoint's deadline, which begins with
the first connection and not in the queue before it. The connection that shows that the port is open is kept for whoever
asks next instead of being wasted. An address that does not take the first connection is not called again; nor is one
from which nothing came back over UDP, where there is no connection to take.
"""

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from scanner.model import AskFailedError, Failure, FailureKind, Transport
from scanner.net.datagrams import Datagrams, Group
from scanner.net.dial import Connection, dial
from scanner.net.limits import Gate, Limits, Place

_KINDS: dict[Transport, type[Connection] | None] = {"tcp": None, "udp": Datagrams, "multicast": Group}


class Tally(Protocol):
    """Whoever counts the connections that are tried on its behalf."""

    connections: int


class Caller:
    """Connects to one address and port."""

    def __init__(
        self,
        address: str,
        port: int,
        *,
        gate: Gate,
        limits: Limits,
        transport: Transport = "tcp",
        unresolved: Failure | None = None,
        run_deadline: float | None = None,
    ) -> None:
        self.connections = 0
        """Connections tried so far."""
        self._address = address
        self._port = port
        self._gate = gate
        self._limits = limits
        self._transport: Transport = transport
        self._heard = False
        self._run_deadline = run_deadline
        self._deadline: float | None = None
        self._unreachable = unresolved
        self._spare: tuple[Connection, Place] | None = None

    @property
    def out_of_time(self) -> bool:
        """Whether the endpoint's deadline is over."""
        return self._deadline is not None and asyncio.get_running_loop().time() >= self._deadline

    async def pause(self, seconds: float) -> None:
        """Sleep, but not beyond the endpoint's deadline."""
        left = seconds if self._deadline is None else self._deadline - asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, min(seconds, left)))

    async def reach(self, tally: Tally) -> None:
        """Connect, if nobody has yet. Raises AskFailedError when the address does not take the connection."""
        self._raise_if_unreachable()
        if self.connections == 0:
            self._spare = await self._dial(tally)

    async def hear(self, tally: Tally, question: bytes) -> None:
        """Hear anything at all over UDP, if nobody has yet; a group is only listened to. Raises AskFailedError."""
        self._raise_if_unreachable()
        if self._heard:
            return
        try:
            async with self.connected(tally) as line:
                assert isinstance(line, Datagrams)  # noqa: S101 - there is no other kind of transport
                await line.hear(None if isinstance(line, Group) else question, self._limits.connect)
        except AskFailedError as error:
            self._unreachable = error.failure
            raise
        self._heard = True

    @asynccontextmanager
    async def connected(self, tally: Tally) -> AsyncIterator[Connection]:
        """A connection on which nothing was said yet; it ends with the context. Raises AskFailedError."""
        self._raise_if_unreachable()
        if self._spare is not None and not self._spare[0].ended:
            connection, place = self._spare
            self._spare = None
        else:
            await self.close()
            connection, place = await self._dial(tally)
        try:
            yield connection
        except AskFailedError as error:
            if error.failure.kind is FailureKind.TIMED_OUT and self.out_of_time:
                raise self._spent() from error  # a shorter wait tells nothing
            raise
        finally:
            connection.close()
            self._gate.leave(place)

    def elsewhere(self, port: int) -> "Caller":
        """Connects to another port of the same address, within the same deadline."""
        other = copy.copy(self)
        other.connections, other._port, other._spare, other._unreachable = 0, port, None, None
        return other

    async def close(self) -> None:
        """Drop the connection that nobody used."""
        if self._spare is not None:
            connection, place = self._spare
            self._spare = None
            connection.close()
            self._gate.leave(place)

    def _raise_if_unreachable(self) -> None:
        if self._unreachable is not None:
            raise AskFailedError(self._unreachable.kind, self._unreachable.detail)

    async def _dial(self, tally: Tally) -> tuple[Connection, Place]:
        try:
            place, left = await self._queue()
        except TimeoutError as error:
            raise self._spent() from error
        first, self.connections = self.connections == 0, self.connections + 1
        tally.connections += 1
        try:
            connection = await dial(
                self._address,
                self._port,
                connect=min(self._limits.connect, self._limits.connection),
                seconds=min(self._limits.connection, left),
                budget=self._limits.budget,
                kind=_KINDS[self._transport],
            )
        except BaseException as error:
            self._gate.leave(place)
            if first and isinstance(error, AskFailedError):
                self._unreachable = error.failure
            raise
        return connection, place

    def _spent(self) -> AskFailedError:
        spent = f"the endpoint's {self._limits.endpoint:g} s (or the run's time) are spent"
        return AskFailedError(FailureKind.DEADLINE, spent)

    async def _queue(self) -> tuple[Place, float]:
        """Wait for a place; the seconds that are left then. Raises TimeoutError when there are none."""
        now = asyncio.get_running_loop().time
        async with asyncio.timeout_at(self._run_deadline if self._deadline is None else self._deadline):
            place = await self._gate.enter(self._address)
        if self._deadline is None:
            self._deadline = now() + self._limits.endpoint
            if self._run_deadline is not None:
                self._deadline = min(self._deadline, self._run_deadline)
        left = self._deadline - now()
        if left <= 0:
            self._gate.leave(place)
            raise TimeoutError
        return place, left
