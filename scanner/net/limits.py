"""How much of a server's time and of this host's resources a scan may take.

Theory of operation. Every connection passes one `Gate`. It first waits for a place at its address, then for one of the
scan's places, so that a slow address never holds places that others could use; then for the two rates. asyncio-throttle
polls while it waits: a lock lets one waiter at a time poll, or a thousand waiters would wake a hundred times a second
each.
"""

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from asyncio_throttle.throttler import Throttler

PERIOD = 1.0
"""Seconds over which rates are counted."""
REMEMBERED = 4096
"""Addresses; before there are more, or twice those in use, those not used within the last PERIOD are forgotten."""
SPARE_DESCRIPTORS = 64
"""Left for the journal, the report, the event loop and the resolver's sockets."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Deadlines in seconds, sizes in bytes, rates in connections a second."""

    connect: float = 5.0
    """Without an answer to a SYN by then, a port is filtered."""
    connection: float = 10.0
    """Absolute: a server that drips cannot stretch it."""
    endpoint: float = 60.0
    """Absolute, from an endpoint's first connection."""
    run: float | None = None
    budget: int = 1 << 20
    """Bytes a server may send on one connection."""
    concurrency: int = 256
    per_address: int = 8
    rate: int = 500
    per_address_rate: int = 100

    def places(self) -> int:
        """Connections that may be open at once: `concurrency`, or what the file-descriptor limit leaves."""
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft == resource.RLIM_INFINITY:
            return self.concurrency
        return max(1, min(self.concurrency, soft - SPARE_DESCRIPTORS))


class _Rate:
    """A throttle with one waiter polling at a time."""

    def __init__(self, per_second: int) -> None:
        self._turn = asyncio.Lock()
        self._throttler = Throttler(per_second, period=PERIOD)

    async def wait(self) -> None:
        async with self._turn:
            await self._throttler.acquire()


class Place:
    """The limits of one address; kept until a period of its rate has passed since it was last used."""

    def __init__(self, limits: Limits) -> None:
        self.places = asyncio.Semaphore(limits.per_address)
        self.rate = _Rate(limits.per_address_rate)
        self.users = 0
        self.left = 0.0


class Gate:
    """Concurrency and rate, of the whole scan and for each address."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._places = asyncio.Semaphore(limits.places())
        self._rate = _Rate(limits.rate)
        self._addresses: dict[str, Place] = {}
        self._enough = REMEMBERED

    @asynccontextmanager
    async def connection(self, address: str) -> AsyncIterator[None]:
        """Hold the right to one connection to `address`."""
        place = await self.enter(address)
        try:
            yield
        finally:
            self.leave(place)

    async def enter(self, address: str) -> Place:
        """Wait for the right to one connection to `address`; who gets it has to `leave`."""
        self._forget()
        mine = self._addresses.get(address)
        if mine is None:
            mine = self._addresses[address] = Place(self._limits)
        mine.users += 1
        held: list[asyncio.Semaphore] = []
        try:
            for places in (mine.places, self._places):
                await places.acquire()
                held.append(places)
            await mine.rate.wait()
            await self._rate.wait()
        except BaseException:
            _give_back(mine, held)
            raise
        return mine

    def leave(self, place: Place) -> None:
        """Give back what `enter` gave."""
        _give_back(place, (place.places, self._places))

    def _forget(self) -> None:
        """Now and then drop the addresses whose rate is no longer counted, so that memory stays flat."""
        if len(self._addresses) > self._enough:
            since = time.monotonic() - PERIOD
            self._addresses = {name: one for name, one in self._addresses.items() if one.users or one.left > since}
            self._enough = max(REMEMBERED, 2 * len(self._addresses))  # or all would be looked at for each new one


def _give_back(place: Place, held: Iterable[asyncio.Semaphore]) -> None:
    for places in held:
        places.release()
    place.users -= 1
    place.left = time.monotonic()
