"""Endpoints × probes → Attempts: order, limits, deadlines.

Theory of operation. Workers take declared endpoints one by one, resolve them, and interview every address. The probes
of one endpoint run side by side, each once the observations it builds on are there; how many of their questions are
under way at once is the interview's business. Attempts leave through a bounded queue as they are made, so a slow
reader slows the scan and memory stays flat. What goes wrong inside one probe is that probe's failure: other probes,
and other endpoints, go on.
"""

import asyncio
import ipaddress
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from types import ModuleType
from typing import Any

from scanner import registry
from scanner.declared import DeclaredEndpoint, Inventory, Service, split_endpoint
from scanner.interview import Interview
from scanner.model import AskFailedError, Attempt, Endpoint, Evidence, Failure, FailureKind, Observation, ReachTls
from scanner.net.limits import Gate, Limits
from scanner.net.resolve import Resolver
from scanner.observations import observation_types
from scanner.plan import FULL, Plan
from scanner.probes import builds_on, probe_order
from scanner.protocols import protocol
from scanner.undeclared import Beside, beside, in_scope
from scanner.wire.text import printable

log = logging.getLogger("tlsassay")

WAITING_ATTEMPTS = 1000
"""Attempts that may wait for the journal."""


def applicable_probes(scheme: str, plan: Plan = FULL, *, undeclared: bool = False) -> tuple[str, ...]:
    """The probes of a plan that make sense on a protocol, in order: their observations say which (`protocols`).

    Of a port that nobody declared, no more is asked than who is there.
    """
    kinds = observation_types()
    spoken = ("", ReachTls.NEVER) if undeclared else (scheme, protocol(scheme).reach_tls)
    return tuple(stem for stem in probe_order() if kinds[stem].suits(*spoken) and plan.runs(stem))


@lru_cache(maxsize=4096)
def is_address(host: str) -> bool:
    """Whether a host is a numeric address, which SNI must not carry (RFC 6066 §3)."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def endpoint_of(service: Service, declared: DeclaredEndpoint, address: str, undeclared: str = "") -> Endpoint:
    """The endpoint at one address of what was declared. The dot at a name's end is not sent (RFC 6066 §3)."""
    scheme, host, port = split_endpoint(declared.url)
    known = protocol(scheme)
    return Endpoint(
        service=service.id,
        url=declared.url,
        protocol=scheme,
        host=host,
        port=port or known.port or 0,
        address=address,
        server_name=declared.server_name or (None if is_address(host) else host.rstrip(".")),
        reach_tls=known.reach_tls,
        undeclared=undeclared,
    )


def to_look_at(inventory: Inventory, plan: Plan = FULL) -> Iterator[Beside]:
    """Everything declared, with no `why`, and then what is looked at beside it, unless only TLS is asked about."""
    for service in inventory.services:
        for endpoint in service.endpoints:
            yield Beside(service, endpoint, "")
    if plan.runs("cleartext"):
        yield from beside(inventory)


class _Scan:
    def __init__(
        self,
        inventory: Inventory,
        limits: Limits,
        resolver: Resolver,
        *,
        passive: bool,
        plan: Plan,
        zone: str | None,
    ) -> None:
        self.plan = plan
        self.zone = zone
        self.inventory = inventory
        self.limits = limits
        self.resolver = resolver
        self.passive = passive
        self.gate = Gate(limits)
        self.deadline = asyncio.get_running_loop().time() + limits.run if limits.run else None
        self._declared: dict[int, asyncio.Future[frozenset[str]]] = {}
        self.attempts: asyncio.Queue[Attempt[Any] | None] = asyncio.Queue(WAITING_ATTEMPTS)

    async def run(self, finished: Callable[[], None]) -> None:
        """Scan everything; the reader is told of the end, but not when it was the reader who went away."""
        places = to_look_at(self.inventory, self.plan)
        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(self.limits.places()):
                    workers.create_task(self._work(places, finished))
        except* Exception:
            await self.attempts.put(None)
            raise
        await self.attempts.put(None)

    async def _work(self, places: Iterator[Beside], finished: Callable[[], None]) -> None:
        for place in places:
            await self._look_at(place.service, place.endpoint, place.why)
            finished()

    async def _look_at(self, service: Service, declared: DeclaredEndpoint, why: str) -> None:
        unknown = endpoint_of(service, declared, "", why)
        try:
            # what is beside an endpoint is looked for where that one is, also where --resolve says it is
            known = (declared.address,) if declared.address else self.resolver.pinned(unknown.host) if why else ()
            addresses = known or await self._resolve(unknown)
        except AskFailedError as error:
            if not why or error.failure.kind is not FailureKind.UNRESOLVED:  # which what is declared has said as well
                await self._interview(service, unknown, error.failure)
            return
        if why:
            declared_there = await self._declared_on(unknown.port)
            addresses = tuple(one for one in addresses if one not in declared_there)
        found = [endpoint_of(service, declared, address, why) for address in addresses]
        asked = [(endpoint, self._off(service, endpoint)) for endpoint in found]
        await asyncio.gather(*(self._interview(service, one, off) for one, off in asked if not (why and off)))

    async def _declared_on(self, port: int) -> frozenset[str]:
        """Addresses with a declared endpoint on a port, whatever name it was declared by."""
        if port not in self._declared:
            self._declared[port] = asyncio.ensure_future(self._find_declared_on(port))
        return await asyncio.shield(self._declared[port])

    async def _find_declared_on(self, port: int) -> frozenset[str]:
        found: set[str] = set()
        for service in self.inventory.services:
            for declared in service.endpoints:
                unknown = endpoint_of(service, declared, "")
                if unknown.port == port and not declared.address:
                    with suppress(AskFailedError):
                        found.update(await self._resolve(unknown))
                elif unknown.port == port and declared.address:
                    found.add(declared.address)
        return frozenset(found)

    def _off(self, service: Service, endpoint: Endpoint) -> Failure | None:
        """Why an endpoint is not to be connected to, if so."""
        if not in_scope(self.inventory.scope, endpoint.host, endpoint.address):
            return Failure(FailureKind.OUT_OF_SCOPE, f"{endpoint.address} is not in the inventory's scope")
        if service.is_elsewhere(self.zone):
            where = ", ".join(service.reachable_from)
            return Failure(FailureKind.OUT_OF_SCOPE, f"outbound from {where}: this scan runs in {self.zone}")
        return None

    async def _resolve(self, unknown: Endpoint) -> tuple[str, ...]:
        try:
            async with asyncio.timeout_at(self.deadline):
                return await self.resolver.addresses(unknown.host, unknown.port)
        except TimeoutError as error:
            raise AskFailedError(FailureKind.DEADLINE, "the run's time is spent") from error

    async def _interview(self, service: Service, endpoint: Endpoint, unresolved: Failure | None) -> None:
        interview = Interview(
            endpoint,
            service,
            protocol(endpoint.protocol),
            gate=self.gate,
            limits=self.limits,
            passive=self.passive,
            plan=self.plan,
            unresolved=unresolved,
            run_deadline=self.deadline,
        )
        probes = applicable_probes(endpoint.protocol, self.plan, undeclared=bool(endpoint.undeclared))
        made: dict[str, asyncio.Task[Attempt[Any]]] = {}
        try:
            async with asyncio.TaskGroup() as group:
                for stem in probes:
                    made[stem] = group.create_task(self._probe(stem, interview, made))
        finally:
            await interview.close()

    async def _probe(
        self, stem: str, interview: Interview, made: "dict[str, asyncio.Task[Attempt[Any]]]"
    ) -> Attempt[Any]:
        """Run one probe when what it builds on is there, and hand its attempt over."""
        others = [task for name, task in made.items() if name != stem]
        if getattr(registry.load("probes", stem), "LAST", False):
            await asyncio.gather(*others)
        elif stem != "reachability" and "reachability" in made:
            await made["reachability"]
        known = {need.probe: await made[need.probe] for need in builds_on(stem) if need.probe in made}
        attempt = await _attempt(stem, interview.view(), known)
        await self.attempts.put(attempt)
        return attempt


async def _attempt(stem: str, interview: Interview, known: dict[str, Attempt[Any]]) -> Attempt[Any]:
    """Run one probe; whatever happens is an attempt."""
    started, clock = datetime.now(UTC), time.monotonic()
    observation: Observation | None = None
    failure: Failure | None = None
    evidence: tuple[Evidence, ...] = ()
    needed = [known.get(need.probe) for need in builds_on(stem)]
    required = [known[need.probe] for need in builds_on(stem) if not need.optional]
    missing = next((attempt for attempt in required if attempt.observation is None), None)
    if missing is not None and missing.failure is not None:
        failure, evidence = missing.failure, missing.evidence
    else:
        try:
            observation = await _module(stem).probe(interview, *(attempt and attempt.observation for attempt in needed))
        except AskFailedError as error:
            failure = error.failure
        except Exception as error:
            log.debug("probe %s on %s", stem, interview.endpoint.url, exc_info=True)
            failure = Failure(FailureKind.INTERNAL, printable(f"{type(error).__name__}: {error}", 200))
    return Attempt(
        endpoint=interview.endpoint,
        probe=stem,
        observation=observation,
        failure=failure,
        evidence=interview.take_evidence() or evidence,
        started=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=round(time.monotonic() - clock, 4),
        connections=interview.connections,
    )


def _module(stem: str) -> ModuleType:
    return registry.load("probes", stem)


async def scan(
    inventory: Inventory,
    *,
    limits: Limits | None = None,
    resolver: Resolver | None = None,
    passive: bool = False,
    plan: Plan = FULL,
    zone: str | None = None,
    finished: Callable[[], None] = lambda: None,
) -> AsyncGenerator[Attempt[Any], None]:
    """Ask every probe of `plan` of every address of every declared endpoint; yields attempts as they are made.

    `zone`: where the scan runs, for services that are outbound from elsewhere. `finished` is called after each endpoint
    of `to_look_at`. Closing the iterator, or cancelling the task that reads it, ends the scan and its connections.
    """
    own = resolver or Resolver()
    state = _Scan(inventory, limits or Limits(), own, passive=passive, plan=plan, zone=zone)
    running = asyncio.create_task(state.run(finished))
    try:
        while (attempt := await state.attempts.get()) is not None:
            yield attempt
        await running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        if resolver is None:
            own.close()
