"""A whole scan: everything declared is asked, whatever single servers or probes do, and it ends."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from scanner import registry
from scanner.declared import CertificateExpectation, DeclaredEndpoint, Inventory, Service
from scanner.interview import Interview
from scanner.model import AskFailedError, Asks, Attempt, FailureKind, Observation
from scanner.net.limits import Limits
from scanner.net.resolve import Resolver
from scanner.observations import observation_types
from scanner.observations.cleartext import Cleartext
from scanner.observations.tls_versions import TlsVersions
from scanner.plan import FULL, Plan
from scanner.probes import Need, builds_on, probe_order
from scanner.scan import applicable_probes, endpoint_of, scan
from tests.hostile import Peer, Talk, hangs_up, in_turn, serving
from tests.probes.tls_servers import context, speaks_tls
from tests.protocols import test_imap, test_ldap
from tests.servers.certificates import SERVER_NAME, Pki

LIMITS = Limits(connect=5.0, connection=5.0, endpoint=20.0, rate=100_000, per_address_rate=100_000)
ALL = {stem for stem, kind in observation_types().items() if not kind.protocols}
"""Probes of any protocol that has TLS."""
UNASKING = {"reachability", "conformance"}
"""Probes that have an observation also where no question got an answer."""


class Names(Resolver):
    """A resolver that knows these names alone, and `slow`, which it is silent about."""

    def __init__(self, **known: tuple[str, ...]) -> None:
        super().__init__()
        self.known = known
        self.asked: Counter[str] = Counter()

    async def addresses(self, host: str, _port: int) -> tuple[str, ...]:
        self.asked[host] += 1
        if host == "slow":
            await asyncio.Event().wait()
        if host not in self.known:
            raise AskFailedError(FailureKind.UNRESOLVED, f"'{host}' has no address")
        return self.known[host]


def service(name: str, *urls: str) -> Service:
    endpoints = tuple(DeclaredEndpoint(url=url, server_name=SERVER_NAME) for url in urls)
    return Service(id=name, endpoints=endpoints, certificate=CertificateExpectation(trust=()))


def inventory(*services: Service) -> Inventory:
    return Inventory(name="test", services=services)


async def attempts_of(declared: Inventory, limits: Limits = LIMITS, **more: Any) -> list[Attempt[Any]]:
    async with asyncio.timeout(30):
        return [attempt async for attempt in scan(declared, limits=limits, **more)]


def by_probe(attempts: list[Attempt[Any]]) -> dict[str, Attempt[Any]]:
    found = {attempt.probe: attempt for attempt in attempts}
    assert len(found) == len(attempts)
    return found


def test_order() -> None:
    order = probe_order()
    assert set(order) == set(registry.stems("probes"))
    assert order.index("tls_versions") < order.index("certificate")
    assert set(applicable_probes("https")) == set(applicable_probes("imap")) == ALL
    assert set(applicable_probes("http")) == {"reachability", "cleartext"}
    assert set(applicable_probes("ssh")) == {"reachability", "cleartext", "ssh"}
    assert set(applicable_probes("jmx")) == {"reachability", "cleartext", "java_rmi"}
    assert set(applicable_probes("jmxs")) == ALL | {"java_rmi"}
    for scheme in ("https", "imap", "http", "ssh", "jmx"):
        assert set(applicable_probes(scheme, undeclared=True)) == {"reachability", "cleartext"}


@pytest.mark.parametrize("stem", set(registry.stems("probes")) - ALL)
def test_a_probe_of_one_protocol_is_asked_of_no_other(stem: str) -> None:
    schemes = observation_types()[stem].protocols
    assert schemes <= set(registry.identifiers("protocols"))
    for scheme in registry.identifiers("protocols"):
        assert (stem in applicable_probes(scheme)) is (scheme in schemes), scheme


def test_what_probes_build_on() -> None:
    assert builds_on("tls_versions") == ()
    assert builds_on("cleartext") == (Need("tls_versions", optional=True),)
    assert builds_on("groups") == (Need("tls_versions", optional=False), Need("cipher_suites", optional=True))
    for stem in ALL:
        assert {need.probe for need in builds_on(stem)} <= ALL - {stem}


def test_a_plan_chooses_probes() -> None:
    plan = Plan(probes=("certificate", "cleartext", "reachability"))
    assert set(applicable_probes("https", plan)) == {"certificate", "cleartext", "reachability"}
    assert set(applicable_probes("http", plan)) == {"cleartext", "reachability"}


@pytest.mark.parametrize(
    ("url", "server_name", "port"),
    [
        ("https://Mail.Example.test", "mail.example.test", 443),
        ("https://mail.example.test.:8443", "mail.example.test", 8443),  # RFC 6066 §3: no trailing dot
        ("https://192.0.2.1", None, 443),
        ("imaps://[2001:db8::1]", None, 993),
    ],
)
def test_endpoint(url: str, server_name: str | None, port: int) -> None:
    declared = DeclaredEndpoint(url=url)
    endpoint = endpoint_of(Service(id="x", endpoints=(declared,)), declared, "192.0.2.7")
    assert (endpoint.server_name, endpoint.port, endpoint.address) == (server_name, port, "192.0.2.7")


async def test_everything_is_asked(pki: Pki) -> None:
    done: list[None] = []
    with serving(speaks_tls(context(pki))) as (port, counters):
        declared = inventory(service("A", f"tls://127.0.0.1:{port}"), service("B", f"https://127.0.0.1:{port}"))
        attempts = await attempts_of(declared, finished=lambda: done.append(None))
        assert await counters.reach(lambda seen: seen.accepted == seen.ended)
    assert len(done) == 2
    for name in "AB":
        mine = by_probe([attempt for attempt in attempts if attempt.endpoint.service == name])
        assert set(mine) == ALL
        assert all(attempt.observation is not None for attempt in mine.values())
        quiet = {"cleartext", "conformance", "upgrade"}
        assert all(attempt.evidence for probe, attempt in mine.items() if probe not in quiet)
    assert sum(attempt.connections for attempt in attempts) == counters.accepted


async def test_every_address_is_an_endpoint(pki: Pki) -> None:
    talk = speaks_tls(context(pki))
    with serving(talk) as (port, four), serving(talk, host="::1", port=port) as (_, six):
        names = Names(localhost=("127.0.0.1", "::1"))
        attempts = await attempts_of(inventory(service("A", f"tls://localhost:{port}")), resolver=names)
        names.close()
    for address in ("127.0.0.1", "::1"):
        mine = by_probe([attempt for attempt in attempts if attempt.endpoint.address == address])
        assert mine["tls_versions"].observation.versions["TLSv1.2"] == "accepted"
    assert four.accepted == six.accepted > 0


async def test_a_broken_node_shows_beside_a_good_one(pki: Pki) -> None:
    with serving(speaks_tls(context(pki))) as (port, _):
        names = Names(both=("127.0.0.1", "::1"))  # nobody listens on ::1
        attempts = await attempts_of(inventory(service("A", f"tls://both:{port}")), resolver=names)
        names.close()
    states = {a.endpoint.address: a.observation.state for a in attempts if a.probe == "reachability"}
    assert states == {"127.0.0.1": "open", "::1": "closed"}


async def test_a_name_without_an_address_is_still_an_endpoint() -> None:
    names = Names()
    found = by_probe(await attempts_of(inventory(service("A", "https://nobody.example.test")), resolver=names))
    names.close()
    assert set(found) == ALL
    assert found["reachability"].observation.state == "unresolved"
    assert found["conformance"].failure == found["tls_versions"].failure
    for probe in ALL - UNASKING:
        assert found[probe].failure.kind is FailureKind.UNRESOLVED
    assert found["certificate"].failure == found["tls_versions"].failure
    assert {attempt.endpoint.address for attempt in found.values()} == {""}
    assert sum(attempt.connections for attempt in found.values()) == 0


async def test_a_probe_that_breaks_is_its_own_failure(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(_: Interview, __: TlsVersions | None) -> Cleartext:
        raise RuntimeError("a defect\x1b[2J")

    monkeypatch.setattr(registry.load("probes", "cleartext"), "probe", breaks)
    with serving(speaks_tls(context(pki))) as (port, _):
        found = by_probe(await attempts_of(inventory(service("A", f"tls://127.0.0.1:{port}"))))
    assert found["cleartext"].failure.kind is FailureKind.INTERNAL
    assert found["cleartext"].failure.detail == r"RuntimeError: a defect\x1b[2J"
    assert all(found[probe].observation is not None for probe in ALL - {"cleartext"})


Probe = Callable[..., Awaitable[Observation]]


def stand_in(monkeypatch: pytest.MonkeyPatch, stem: str, probe: Probe) -> Probe:
    """Put this in the place of a probe, with the same needs; what was there before."""
    builds_on(stem)  # remembered
    before: Probe = registry.load("probes", stem).probe
    monkeypatch.setattr(registry.load("probes", stem), "probe", probe)
    return before


async def test_probes_run_side_by_side(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that build on the same go on only when the other has begun."""
    begun = {"downgrade": asyncio.Event(), "cipher_suites": asyncio.Event()}
    really: dict[str, Probe] = {}

    def after(one: str, other: str) -> Probe:
        async def waits(*known: Any) -> Observation:
            begun[one].set()
            await begun[other].wait()
            return await really[one](*known)

        return waits

    for one, other in (("downgrade", "cipher_suites"), ("cipher_suites", "downgrade")):
        really[one] = stand_in(monkeypatch, one, after(one, other))
    with serving(speaks_tls(context(pki))) as (port, _):
        found = by_probe(await attempts_of(inventory(service("A", f"tls://127.0.0.1:{port}"))))
    assert all(attempt.observation is not None for attempt in found.values())


async def test_reachability_is_first_and_conformance_last(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(speaks_tls(context(pki))) as (port, _):
        attempts = await attempts_of(inventory(service("A", f"tls://127.0.0.1:{port}")))
    assert (attempts[0].probe, attempts[-1].probe) == ("reachability", "conformance")
    assert attempts[-1].observation.answers == sum(attempt.connections for attempt in attempts) > 20


@pytest.mark.parametrize("why", ["fails", "is not asked"])
async def test_what_is_optional_can_be_missing(pki: Pki, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    async def fails(*_: Any) -> Observation:
        raise AskFailedError(FailureKind.RESET, "for a test")

    plan = FULL
    if why == "fails":
        stand_in(monkeypatch, "cipher_suites", fails)
    else:
        plan = Plan(probes=("groups", "reachability", "tls_versions"))
    with serving(speaks_tls(context(pki))) as (port, _):
        found = by_probe(await attempts_of(inventory(service("A", f"tls://127.0.0.1:{port}")), plan=plan))
    assert "x25519" in found["groups"].observation.groups["TLSv1.2"]
    assert ("cipher_suites" in found) is (why == "fails")


async def test_what_is_required_fails_along(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(asking: Interview) -> Observation:
        asking.cite("TLSv1.2", "a hello", "a reset")
        raise AskFailedError(FailureKind.RESET, "for a test")

    stand_in(monkeypatch, "tls_versions", fails)
    with serving(speaks_tls(context(pki))) as (port, counters):
        found = by_probe(await attempts_of(inventory(service("A", f"tls://127.0.0.1:{port}"))))
    for probe in ALL - UNASKING - {"cleartext"}:
        assert found[probe].failure == found["tls_versions"].failure
        assert found[probe].evidence == found["tls_versions"].evidence
    assert found["cleartext"].observation.speaks == "tls"
    assert counters.accepted == 1


async def test_the_plan_reaches_the_probes(pki: Pki) -> None:
    asks = Asks(minimum="TLSv1.2")
    plan = Plan(depth="quick", probes=("cipher_suites", "reachability", "tls_versions"), asks=asks)
    with serving(speaks_tls(context(pki))) as (port, counters):
        found = by_probe(await attempts_of(inventory(service("A", f"tls://127.0.0.1:{port}")), plan=plan))
    assert set(found) == set(plan.probes or ())
    older, reasons = ("SSLv3", "TLSv1.0", "TLSv1.1"), found["tls_versions"].observation.reasons
    assert reasons == dict.fromkeys(older, "one hello offered everything from SSLv3 to TLSv1.1")
    assert found["cipher_suites"].observation.asked == {"TLSv1.2": "planned", "TLSv1.3": "planned"}
    assert counters.accepted == 5  # TLS 1.3 twice: first for another kind of key than TLS 1.2 has shown


@pytest.mark.parametrize("end", [Peer.reset, hangs_up])
@pytest.mark.parametrize("turn", [0, 1])
async def test_losing_every_second_connection_gives_no_wrong_refusal(pki: Pki, end: Talk, turn: int) -> None:
    steady = speaks_tls(context(pki))
    order = (end, steady) if turn == 0 else (steady, end)
    with serving(in_turn(*order)) as (port, _):
        found = by_probe(await attempts_of(inventory(service("A", f"tls://127.0.0.1:{port}"))))
    versions = found["tls_versions"].observation.versions
    for version in ("TLSv1.2", "TLSv1.3"):
        assert versions[version] in {"accepted", "unknown"}
    for version in ("SSLv3", "TLSv1.0", "TLSv1.1"):
        assert versions[version] in {"refused", "unknown"}


@pytest.mark.parametrize("passive", [True, False])
async def test_passive(passive: bool) -> None:
    with serving(test_ldap.server(start_tls=2)) as (port, counters):
        found = by_probe(await attempts_of(inventory(service("A", f"ldap://127.0.0.1:{port}")), passive=passive))
    assert found["cleartext"].observation.credentials == ("unknown" if passive else "accepted")
    assert (b"tlsassay-unused" in counters.everything) is not passive
    assert found["tls_versions"].failure.kind is FailureKind.UPGRADE_REFUSED


async def test_three_hundred_endpoints(pki: Pki) -> None:
    limits = Limits(concurrency=32, per_address=16, rate=100_000, per_address_rate=100_000, endpoint=60.0)
    with serving(test_imap.server(b"* OK hello", b"IMAP4rev1", starttls=b"NO")) as (port, counters):
        declared = inventory(*(service(f"S{n}", f"imap://127.0.0.1:{port}") for n in range(300)))
        attempts = await attempts_of(declared, limits)
        assert await counters.reach(lambda seen: seen.accepted == seen.ended)
    assert len(attempts) == 300 * len(ALL)
    assert Counter(attempt.status for attempt in attempts) == {"ok": 600, "failed": 300 * (len(ALL) - 2)}
    assert all(a.observation.credentials == "accepted" for a in attempts if a.probe == "cleartext")
    assert counters.accepted == 600
    assert counters.most_open <= 2 * 16  # the server's threads may notice an end a moment later


async def test_slow_servers_do_not_hold_up_others(pki: Pki) -> None:
    """Ten silent servers at one address, and a good one at another that is declared last."""
    limits = Limits(connection=0.5, endpoint=5.0, per_address=2, concurrency=64, rate=10_000, per_address_rate=10_000)
    with serving(Peer.drain) as (silent, _), serving(speaks_tls(context(pki)), host="::1") as (good, _):
        mute = [service(f"S{n}", f"tls://127.0.0.1:{silent}") for n in range(10)]
        async with asyncio.timeout(30):
            found = scan(inventory(*mute, service("good", f"tls://[::1]:{good}")), limits=limits)
            order = [attempt.endpoint.service async for attempt in found if attempt.probe == "certificate"]
    assert order[0] == "good"
    assert len(order) == 11


async def test_the_run_has_a_deadline() -> None:
    limits = Limits(connection=30.0, endpoint=60.0, run=0.4)
    loop = asyncio.get_running_loop()
    names = Names(here=("127.0.0.1",))
    with serving(Peer.drain) as (port, counters):
        declared = inventory(
            *(service(f"S{n}", f"imap://here:{port}") for n in range(20)), service("slow", f"tls://slow:{port}")
        )
        before = loop.time()
        attempts = await attempts_of(declared, limits, resolver=names)
        assert loop.time() - before < 10
        assert await counters.reach(lambda seen: seen.accepted == seen.ended)
    names.close()
    assert len(attempts) == 21 * len(ALL)
    for attempt in attempts:
        if attempt.observation is None:
            assert attempt.failure is not None
            assert attempt.failure.kind in {FailureKind.TIMED_OUT, FailureKind.DEADLINE}
        else:
            assert attempt.probe == "reachability"
            assert attempt.observation.state == "open"  # not filtered, for want of time
    slow = [attempt for attempt in attempts if attempt.endpoint.service == "slow"]
    assert {attempt.failure.kind for attempt in slow if attempt.failure} == {FailureKind.DEADLINE}
    assert all(attempt.failure for attempt in slow)


async def read(attempts: AsyncIterator[Attempt[Any]]) -> None:
    async for _ in attempts:
        pass


@pytest.mark.parametrize("how", ["cancelled", "closed"])
async def test_going_away_closes_everything(how: str) -> None:
    with serving(Peer.drain) as (port, counters):
        mute = inventory(*(service(f"S{n}", f"tls://127.0.0.1:{port}") for n in range(5)))
        attempts = scan(mute, limits=LIMITS if how == "cancelled" else replace(LIMITS, connection=0.1))
        if how == "cancelled":
            reading = asyncio.create_task(read(attempts))
            assert await counters.reach(lambda seen: seen.open == 5)
            reading.cancel()
            await asyncio.wait([reading])
            assert reading.cancelled()
        else:
            await anext(aiter(attempts))
            await attempts.aclose()
        assert await counters.reach(lambda seen: seen.accepted == seen.ended)
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_a_slow_reader_slows_the_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.scan.WAITING_ATTEMPTS", 10)
    with serving(Peer.drain) as (port, counters):
        declared = inventory(*(service(f"S{n}", f"tcp://127.0.0.1:{port}") for n in range(300)))
        attempts = scan(declared, limits=LIMITS)
        await anext(aiter(attempts))
        assert not await counters.reach(lambda seen: seen.accepted > 10 + 2 * LIMITS.per_address, 0.3)
        assert len([attempt async for attempt in attempts]) == 2 * 300 - 1
