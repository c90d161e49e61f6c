"""What a scan finds out about one server on loopback, probe by probe."""

import asyncio
from dataclasses import dataclass
from typing import Any, TypeVar

from scanner.declared import CertificateExpectation, DeclaredEndpoint, Inventory, Service
from scanner.model import Asks, Attempt, Evidence, Failure, Observation, snake_case
from scanner.net.limits import Limits
from scanner.plan import Depth, Plan
from scanner.planner import plan_for
from scanner.scan import scan
from tests.probes.tls_servers import LIMITS
from tests.servers.certificates import SERVER_NAME

O = TypeVar("O", bound=Observation)  # noqa: E741 - an observation


@dataclass(frozen=True)
class Asked:
    """The attempts of a scan of one endpoint."""

    attempts: dict[str, Attempt[Any]]

    @property
    def connections(self) -> int:
        """Of all probes."""
        return sum(attempt.connections for attempt in self.attempts.values())

    def __getitem__(self, kind: type[O]) -> O:
        """The observation of this kind; an assertion when its probe failed."""
        found = self.attempts[snake_case(kind.__name__)]
        assert isinstance(found.observation, kind), found.failure
        return found.observation

    def failure(self, kind: type[Observation]) -> Failure:
        """Why there is no observation of this kind."""
        found = self.attempts[snake_case(kind.__name__)]
        assert found.failure is not None, found.observation
        return found.failure

    def evidence(self, kind: type[Observation]) -> tuple[Evidence, ...]:
        """What its probe noted."""
        return self.attempts[snake_case(kind.__name__)].evidence


async def ask(
    port: int,
    *kinds: type[Observation],
    depth: Depth = "full",
    asks: Asks | None = None,
    plan: Plan | None = None,
    scheme: str = "tls",
    name: str | None = SERVER_NAME,
    limits: Limits = LIMITS,
) -> Asked:
    """Scan whoever listens on this port for observations of these kinds and what they build on; of all without any.

    asks: what to ask at depth quick; plan: instead of all of these.
    """
    declared = DeclaredEndpoint(url=f"{scheme}://127.0.0.1:{port}", server_name=name)
    service = Service(id="test", endpoints=(declared,), certificate=CertificateExpectation(trust=()))
    probes = plan_for((), "full", [snake_case(kind.__name__) for kind in kinds]).probes
    plan = plan or Plan(depth=depth, probes=probes, asks=asks or Asks())
    inventory = Inventory(name="test", services=(service,))
    async with asyncio.timeout(60):
        found = [attempt async for attempt in scan(inventory, limits=limits, plan=plan)]
    return Asked({attempt.probe: attempt for attempt in found})
