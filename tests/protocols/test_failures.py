"""Whatever a server does instead of an answer, a scan ends in time and says so: no refusal, no pass, no traceback.

New protocols are taken up by themselves.
"""

import asyncio
import socket
from typing import Any

import pytest

from scanner import registry
from scanner.declared import CertificateExpectation, DeclaredEndpoint, Inventory, Service
from scanner.model import Attempt, FailureKind, Observation, ReachTls
from scanner.net.limits import Limits
from scanner.net.resolve import Resolver
from scanner.observations.cleartext import Cleartext
from scanner.observations.reachability import Reachability
from scanner.observations.tls_versions import TlsVersions
from scanner.protocols import protocol
from scanner.scan import applicable_probes, scan
from tests import hostile

LIMITS = Limits(
    connect=0.6, connection=0.6, endpoint=4.0, budget=1 << 18, rate=5000, per_address_rate=5000, per_address=64
)
# A connect to loopback has to succeed within these on a busy machine, or an open port would look filtered.
SLACK = 10.0
"""Seconds; all servers of a protocol are asked at the same time, on a machine that may be busy."""

TOGETHER = 4
"""Protocols that are tried at the same time: nearly all of it is waiting."""

SCHEMES = [one for one in registry.identifiers("protocols") if protocol(one).transport != "multicast"]
"""A group has no server that could misbehave: see test_multicast.py."""


def inventory(endpoints: dict[str, str]) -> Inventory:
    trust = CertificateExpectation(trust=())
    services = [
        Service(id=name, endpoints=(DeclaredEndpoint(url=url),), certificate=trust) for name, url in endpoints.items()
    ]
    return Inventory(name="hostile", services=tuple(services))


async def attempts_of(urls: dict[str, str], limits: Limits = LIMITS) -> dict[str, dict[str, Attempt[Any]]]:
    """Service → probe → attempt, within the deadline that the limits promise."""
    found: dict[str, dict[str, Attempt[Any]]] = {name: {} for name in urls}
    async with asyncio.timeout(limits.endpoint + SLACK):
        async for attempt in scan(inventory(urls), limits=limits):
            found[attempt.endpoint.service][attempt.probe] = attempt
    return found


def answers(attempt: Attempt[Any]) -> Observation | None:
    """The observation. Fails where there is neither one nor a typed failure."""
    assert (attempt.observation is None) != (attempt.failure is None)
    if attempt.failure is not None:
        assert attempt.failure.kind is not FailureKind.INTERNAL, attempt.failure
        assert attempt.failure.detail
        assert attempt.failure.detail.isprintable()
    observation: Observation | None = attempt.observation
    return observation


@pytest.mark.parametrize("schemes", [SCHEMES[n : n + TOGETHER] for n in range(0, len(SCHEMES), TOGETHER)], ids="+".join)
async def test_hostile_servers(schemes: list[str]) -> None:
    async with asyncio.TaskGroup() as group:
        for scheme in schemes:
            group.create_task(hostile_servers(scheme), name=scheme)


async def hostile_servers(scheme: str) -> None:
    udp = protocol(scheme).transport == "udp"
    servers = hostile.hostile_over_udp(scheme) if udp else hostile.HOSTILE | hostile.hostile_to(scheme)
    with hostile.all_of(servers) as ports:
        found = await attempts_of({name: f"{scheme}://127.0.0.1:{port}" for name, port in ports.items()})
    for name, attempts in found.items():
        reached = answers(attempts["reachability"])
        if udp and name == "silent":
            assert_nothing_is_known(attempts)
            continue
        assert isinstance(reached, Reachability), (scheme, name)
        assert reached.state == "open", (scheme, name)
        said = answers(attempts["cleartext"])
        if said is not None:
            assert isinstance(said, Cleartext)
            assert said.credentials in {"none", "unknown"}, (scheme, name, said)
            assert said.tls_offered is None, (scheme, name, said)
            assert said.banner.isprintable()
        if protocol(scheme).reach_tls is ReachTls.NEVER:
            assert set(attempts) == set(applicable_probes(scheme))
            for probe in attempts.keys() - {"reachability", "cleartext"}:
                assert answers(attempts[probe]) is None, (name, probe)
            continue
        versions = answers(attempts["tls_versions"])
        if name in {"alert", "unknown alert"} and protocol(scheme).reach_tls is ReachTls.IMPLICIT:
            expected = {"alert": "refused", "unknown alert": "unknown"}[name]
            assert isinstance(versions, TlsVersions), name
            assert set(versions.versions.values()) <= {expected, "unknown"}  # a busy machine leaves some unasked
        else:
            assert versions is None, (scheme, name, versions)
        assert answers(attempts["certificate"]) is None
        for attempt in attempts.values():
            assert attempt.seconds < LIMITS.endpoint + SLACK


def assert_nothing_is_known(attempts: dict[str, Attempt[Any]]) -> None:
    """Silence over UDP is no state of the port, and whatever else is asked fails for that one reason."""
    for probe, attempt in attempts.items():
        assert answers(attempt) is None, probe
        assert attempt.failure is not None
        assert attempt.failure.kind is FailureKind.TIMED_OUT, probe
        assert attempt.failure.detail.startswith("open|filtered"), probe


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_nobody_there(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(_resolver: Resolver, _host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(Resolver, "_getaddrinfo", no_such_name)  # without DNS the system's would say "try again"
    udp = protocol(scheme).transport == "udp"
    with hostile.answering(lambda _: ()) if udp else hostile.serving(hostile.Peer.drain) as (port, _):
        pass
    urls = {"closed": f"{scheme}://127.0.0.1:{port}", "no name": f"{scheme}://name.invalid:{port}"}
    found = await attempts_of(urls)
    for name, kind, state in (
        ("closed", FailureKind.REFUSED, "closed"),
        ("no name", FailureKind.UNRESOLVED, "unresolved"),
    ):
        reached = answers(found[name].pop("reachability"))
        assert isinstance(reached, Reachability)
        assert reached.state == state
        for probe, attempt in found[name].items():
            assert answers(attempt) is None, (name, probe)
            assert attempt.failure is not None
            assert attempt.failure.kind is kind


def test_the_suite_reaches_all() -> None:
    """Every protocol with a conversation in the clear has a server that begins it."""
    talking = {scheme for scheme in SCHEMES if protocol(scheme).converse is not None}
    assert talking <= set(hostile.GREETINGS)
