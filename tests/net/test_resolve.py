"""Names to addresses, and what is said where there are none."""

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scanner.model import AskFailedError, FailureKind
from scanner.net.resolve import Resolver

Answer = list[str] | BaseException | Callable[[], list[str]]


class Names:
    """Stands for the system's resolver."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: Counter[str] = Counter()
        self.families: set[int] = set()

    def getaddrinfo(self, host: str, _port: None, family: int, kind: int) -> list[Any]:
        self.asked[host] += 1
        self.families.add(family)
        answer = self.answers[host]
        if isinstance(answer, BaseException):
            raise answer
        found = answer() if callable(answer) else answer
        return [(family, kind, 6, "", (address, 0)) for address in found]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    stand_in = Names()
    monkeypatch.setattr(socket, "getaddrinfo", stand_in.getaddrinfo)
    return stand_in


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    made = Resolver(timeout=5.0)
    yield made
    made.close()


async def failure(resolver: Resolver, host: str) -> FailureKind:
    with pytest.raises(AskFailedError) as caught:
        await resolver.addresses(host, 443)
    assert host in caught.value.failure.detail
    return caught.value.failure.kind


@pytest.mark.parametrize(
    ("host", "address"), [("192.0.2.7", "192.0.2.7"), ("::1", "::1"), ("2001:DB8:0::7", "2001:db8::7")]
)
async def test_an_address_is_not_looked_up(names: Names, resolver: Resolver, host: str, address: str) -> None:
    assert await resolver.addresses(host, 443) == (address,)
    assert not names.asked


async def test_a_pin_is_for_one_port(names: Names) -> None:
    names.answers["mail.example.test"] = ["192.0.2.1"]
    pinned = Resolver({("mail.example.test", 443): "192.0.2.9"})
    assert await pinned.addresses("mail.example.test", 443) == ("192.0.2.9",)
    assert await pinned.addresses("mail.example.test", 993) == ("192.0.2.1",)
    pinned.close()


async def test_a_pin_holds_for_an_address_too() -> None:
    pinned = Resolver({("192.0.2.1", 443): "192.0.2.9"})
    assert await pinned.addresses("192.0.2.1", 443) == ("192.0.2.9",)
    pinned.close()


async def test_every_address_once_in_order(names: Names, resolver: Resolver) -> None:
    names.answers["two.example.test"] = ["2001:db8::7", "192.0.2.1", "2001:db8::7"]
    assert await resolver.addresses("two.example.test", 443) == ("2001:db8::7", "192.0.2.1")


@pytest.mark.parametrize(("family", "asked"), [(0, socket.AF_UNSPEC), (4, socket.AF_INET), (6, socket.AF_INET6)])
async def test_family(names: Names, family: int, asked: int) -> None:
    names.answers["one.example.test"] = ["192.0.2.1"]
    chosen = Resolver(family=family)
    await chosen.addresses("one.example.test", 443)
    assert names.families == {asked}
    chosen.close()


async def test_each_name_is_asked_once(names: Names, resolver: Resolver) -> None:
    names.answers = {"good.example.test": ["192.0.2.1"], "bad.example.test": socket.gaierror(socket.EAI_NONAME, "no")}
    await asyncio.gather(*(resolver.addresses("good.example.test", port) for port in range(1, 100)))
    for _ in range(3):
        assert await failure(resolver, "bad.example.test") is FailureKind.UNRESOLVED
    assert names.asked == {"good.example.test": 1, "bad.example.test": 1}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), FailureKind.UNRESOLVED),
        (socket.gaierror(socket.EAI_NODATA, "No address associated with hostname"), FailureKind.UNRESOLVED),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), FailureKind.TIMED_OUT),
        (socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure"), FailureKind.TIMED_OUT),
        (UnicodeError("label too long"), FailureKind.UNRESOLVED),
    ],
)
async def test_only_no_such_name_is_unresolved(
    names: Names, resolver: Resolver, error: Exception, kind: FailureKind
) -> None:
    names.answers["x.example.test"] = error
    assert await failure(resolver, "x.example.test") is kind


async def test_a_label_that_is_too_long_is_no_name(resolver: Resolver) -> None:
    assert await failure(resolver, "a" * 64 + ".example.test") is FailureKind.UNRESOLVED


async def test_the_systems_resolver_is_asked(resolver: Resolver) -> None:
    assert set(await resolver.addresses("localhost", 443)) <= {"127.0.0.1", "::1"}
    assert await failure(resolver, "name.invalid") in {FailureKind.UNRESOLVED, FailureKind.TIMED_OUT}


async def test_a_resolver_that_hangs_costs_its_timeout(names: Names) -> None:
    released = threading.Event()

    def hang() -> list[str]:
        released.wait(20)
        return ["192.0.2.1"]

    names.answers["slow.example.test"] = hang
    hanging = Resolver(timeout=0.1)
    try:
        async with asyncio.timeout(5):
            assert await failure(hanging, "slow.example.test") is FailureKind.TIMED_OUT
    finally:
        hanging.close()
        released.set()


async def test_one_caller_that_is_cancelled_does_not_spoil_the_answer(names: Names, resolver: Resolver) -> None:
    released = threading.Event()

    def wait() -> list[str]:
        released.wait(20)
        return ["192.0.2.1"]

    names.answers["shared.example.test"] = wait
    first, second = (asyncio.create_task(resolver.addresses("shared.example.test", 443)) for _ in range(2))
    for _ in range(5):
        await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    released.set()
    assert first.cancelled()
    assert await second == ("192.0.2.1",)
