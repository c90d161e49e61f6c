"""How many connections at once and how many a second."""

import asyncio
import resource
import time
from collections import deque

import pytest
from asyncio_throttle.throttler import Throttler

from scanner.net import limits as limits_module
from scanner.net.caller import Caller
from scanner.net.limits import PERIOD, SPARE_DESCRIPTORS, Gate, Limits
from tests.hostile import Peer, serving

FAST = Limits(rate=100_000, per_address_rate=100_000)


@pytest.mark.parametrize(
    ("soft", "places"),
    [(1024, 256), (SPARE_DESCRIPTORS + 100, 100), (SPARE_DESCRIPTORS, 1), (8, 1), (resource.RLIM_INFINITY, 256)],
)
def test_places_stay_below_the_descriptors(soft: int, places: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, resource.RLIM_INFINITY))
    assert Limits(concurrency=256).places() == places


async def most_at_once(gate: Gate, addresses: list[str]) -> tuple[int, dict[str, int]]:
    """How many were inside at once when so many wanted to get in, in all and by address."""
    inside: dict[str, int] = dict.fromkeys(addresses, 0)
    most, most_by_address = 0, dict(inside)

    async def enter(address: str) -> None:
        nonlocal most
        async with gate.connection(address):
            inside[address] += 1
            most = max(most, sum(inside.values()))
            most_by_address[address] = max(most_by_address[address], inside[address])
            for _ in range(5):
                await asyncio.sleep(0)
            inside[address] -= 1

    await asyncio.gather(*(enter(address) for address in addresses))
    return most, most_by_address


async def test_concurrency_of_the_scan() -> None:
    gate = Gate(Limits(concurrency=7, per_address=100, rate=100_000, per_address_rate=100_000))
    most, _ = await most_at_once(gate, [f"10.0.0.{n % 20}" for n in range(200)])
    assert most == 7


async def test_concurrency_of_an_address() -> None:
    gate = Gate(Limits(concurrency=100, per_address=3, rate=100_000, per_address_rate=100_000))
    most, by_address = await most_at_once(gate, [f"10.0.0.{n % 4}" for n in range(200)])
    assert set(by_address.values()) == {3}
    assert most == 12


async def test_a_server_never_sees_more_than_allowed() -> None:
    limits = Limits(concurrency=50, per_address=4, rate=100_000, per_address_rate=100_000)
    gate = Gate(limits)
    with serving(Peer.drain) as (port, counters):

        async def visit() -> None:
            tally = Caller("127.0.0.1", port, gate=gate, limits=limits)  # who calls counts for itself
            async with tally.connected(tally) as connection:
                connection.send(b"x")
                assert await counters.reach(lambda seen: seen.open > 0)

        await asyncio.gather(*(visit() for _ in range(40)))
        assert await counters.reach(lambda seen: seen.ended == 40)
    # A place is free as soon as the client has closed; the server's thread may notice the end a moment later.
    assert counters.accepted == 40
    assert counters.most_open < 40


async def test_a_busy_address_does_not_hold_up_others() -> None:
    gate = Gate(Limits(concurrency=2, per_address=1, rate=100_000, per_address_rate=100_000))
    async with gate.connection("10.0.0.1"):
        waiting = [asyncio.create_task(most_at_once(gate, ["10.0.0.1"])) for _ in range(5)]
        for _ in range(10):
            await asyncio.sleep(0)
        async with asyncio.timeout(5), gate.connection("10.0.0.2"):
            assert not any(task.done() for task in waiting)
    await asyncio.gather(*waiting)


class Clock:
    """A throttle's clock and sleep, that count instead of waiting."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.polls = 0
        self.sleeping = 0
        self.most_sleeping = 0
        monkeypatch.setattr("asyncio_throttle.throttler.time", self)
        monkeypatch.setattr("asyncio_throttle.throttler.asyncio", self)
        monkeypatch.setattr(limits_module, "time", self)

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.polls += 1
        self.sleeping += 1
        self.most_sleeping = max(self.most_sleeping, self.sleeping)
        await asyncio.sleep(0)
        self.now += seconds
        self.sleeping -= 1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def most_in_a_period(moments: list[float]) -> int:
    recent: deque[float] = deque()
    most = 0
    for moment in moments:
        recent.append(moment)
        while recent[0] < moment - PERIOD:
            recent.popleft()
        most = max(most, len(recent))
    return most


async def entries(clock: Clock, gate: Gate, addresses: list[str], *, one_by_one: bool) -> dict[str, list[float]]:
    """When each got in."""
    moments: dict[str, list[float]] = {address: [] for address in addresses}

    async def enter(address: str) -> None:
        async with gate.connection(address):
            moments[address].append(clock.now)

    if one_by_one:
        for address in addresses:
            await enter(address)
    else:
        await asyncio.gather(*(enter(address) for address in addresses))
    return moments


@pytest.mark.parametrize("one_by_one", [True, False])
async def test_rate_of_the_scan(clock: Clock, one_by_one: bool) -> None:
    gate = Gate(Limits(rate=10, per_address_rate=100_000))
    moments = await entries(clock, gate, [f"10.0.0.{n}" for n in range(50)], one_by_one=one_by_one)
    everything = sorted(moment for entered in moments.values() for moment in entered)
    assert len(everything) == 50
    assert most_in_a_period(everything) == 10
    assert everything[-1] - everything[0] >= 4 * PERIOD


@pytest.mark.parametrize("one_by_one", [True, False])
async def test_rate_of_an_address(clock: Clock, one_by_one: bool) -> None:
    """Also where nobody uses the address between two connections."""
    gate = Gate(Limits(rate=100_000, per_address_rate=5))
    moments = await entries(clock, gate, ["10.0.0.1", "10.0.0.2"] * 20, one_by_one=one_by_one)
    for entered in moments.values():
        assert len(entered) == 20
        assert most_in_a_period(entered) == 5


async def test_one_waiter_polls_at_a_time(clock: Clock) -> None:
    gate = Gate(Limits(rate=10, per_address_rate=100_000, concurrency=1000))
    await entries(clock, gate, [f"10.0.{n}.1" for n in range(200)], one_by_one=False)
    assert clock.most_sleeping == 1
    assert clock.polls < 200 / 10 * (PERIOD / Throttler(1).retry_interval + 2)


async def test_addresses_are_forgotten(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits_module, "REMEMBERED", 10)
    gate = Gate(FAST)
    async with gate.connection("10.9.9.9"):
        for n in range(1000):
            clock.now += PERIOD / 2
            async with gate.connection(f"10.0.{n // 250}.{n % 250}"):
                pass
            assert len(gate._addresses) <= 12
        assert "10.9.9.9" in gate._addresses


def free(gate: Gate) -> int:
    """Places that nobody holds."""
    return gate._places._value


@pytest.mark.parametrize("at", ["inside", "in the queue", "at the rate"])
async def test_cancelling_gives_the_place_back(at: str) -> None:
    limits = Limits(concurrency=2, per_address=2, rate=100_000, per_address_rate=2)
    gate = Gate(limits)
    reached = asyncio.Event()

    async def hold() -> None:
        async with gate.connection("10.0.0.1"):
            reached.set()
            await asyncio.Event().wait()

    before = [] if at == "inside" else [asyncio.create_task(hold()) for _ in range(2)]
    if at == "at the rate":  # both have passed, so their rate is used up and their places are free
        await asyncio.wait_for(reached.wait(), 5)
        await cancelled(before)
        before = []
    late = asyncio.create_task(hold())
    for _ in range(10):
        await asyncio.sleep(0)
    await cancelled([late, *before])
    assert free(gate) == 2
    gate._addresses.clear()
    async with asyncio.timeout(5), gate.connection("10.0.0.1"), gate.connection("10.0.0.1"):
        assert free(gate) == 0


async def cancelled(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert all(task.cancelled() for task in tasks)


def test_the_clock_of_the_tests_is_the_throttles() -> None:
    assert limits_module.time is time
