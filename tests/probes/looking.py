"""Whole scans of one endpoint, and what has to hold of every one of them."""

import asyncio
from dataclasses import dataclass
from typing import Any

from scanner.declared import CertificateExpectation, DeclaredEndpoint, Inventory, Service
from scanner.model import Asks, Attempt, Failure, FailureKind
from scanner.net.limits import Limits
from scanner.plan import FULL, Plan
from scanner.scan import scan
from scanner.wire.tls_names import Version
from tests.servers.certificates import SERVER_NAME

LIMITS = Limits(connect=5.0, connection=5.0, endpoint=20.0, rate=100_000, per_address_rate=100_000)
SHORT = Limits(connect=5.0, connection=0.3, endpoint=10.0, rate=100_000, per_address_rate=100_000)
"""For servers that keep their clients waiting."""
FORBIDDEN_SUITES = (
    "TLS_RSA_WITH_RC4_128_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
)
QUICK = Plan(
    depth="quick",
    probes=("reachability", "tls_versions", "cipher_suites", "groups", "certificate", "extensions", "conformance"),
    asks=Asks(minimum="TLSv1.2", suites=FORBIDDEN_SUITES, groups=("secp192r1", "sect163k1")),
)
PLANS = (FULL, QUICK)


@dataclass
class Looked:
    """What a scan of one endpoint came to."""

    attempts: dict[str, Attempt[Any]]
    seconds: float

    def __getitem__(self, probe: str) -> Any:
        """The observation of a probe that has one."""
        attempt = self.attempts[probe]
        assert attempt.observation is not None, f"{probe}: {attempt.failure}"
        return attempt.observation

    def seen(self, probe: str) -> Any:
        """The observation of a probe, or None."""
        attempt = self.attempts.get(probe)
        return attempt.observation if attempt else None

    def failure(self, probe: str) -> Failure:
        """Why a probe has none."""
        failure = self.attempts[probe].failure
        assert failure is not None
        return failure

    @property
    def connections(self) -> int:
        """All that were tried."""
        return sum(attempt.connections for attempt in self.attempts.values())

    @property
    def words(self) -> str:
        """Everything that was found, as text to search in or to show."""
        lines = (f"{name}: {attempt.observation or attempt.failure}" for name, attempt in self.attempts.items())
        return "\n".join((*lines, f"{self.connections} connections, {self.seconds:.2f} s"))


async def look(
    port: int, *, scheme: str = "tls", plan: Plan = FULL, limits: Limits = LIMITS, name: str | None = SERVER_NAME
) -> Looked:
    """Scan one endpoint with all probes of a plan: each makes one attempt, none breaks, and the deadline holds."""
    declared = DeclaredEndpoint(url=f"{scheme}://127.0.0.1:{port}", server_name=name)
    service = Service(id="test", endpoints=(declared,), certificate=CertificateExpectation(trust=()))
    clock = asyncio.get_running_loop().time
    started = clock()
    async with asyncio.timeout(limits.endpoint + 10):
        made = [
            attempt async for attempt in scan(Inventory(name="test", services=(service,)), limits=limits, plan=plan)
        ]
    looked = Looked({attempt.probe: attempt for attempt in made}, clock() - started)
    assert len(looked.attempts) == len(made)
    broken = {
        probe: one.failure
        for probe, one in looked.attempts.items()
        if one.failure and one.failure.kind is FailureKind.INTERNAL
    }
    assert not broken
    assert looked.seconds < limits.endpoint + 2
    return looked


def unclaimed(looked: Looked, steady: Looked) -> list[str]:
    """What the steady server accepts and this scan, without a reason, says or implies it refuses."""
    wrong: list[str] = []
    versions = looked.seen("tls_versions")
    for label, answer in steady["tls_versions"].versions.items():
        said = versions.versions.get(label) if versions else "unknown"
        if answer == "accepted" and said == "refused":
            wrong.append(f"{label} is refused")
        if answer == "refused" and said == "accepted":
            wrong.append(f"{label} is accepted")
    for probe, field in (("cipher_suites", "suites"), ("groups", "groups"), ("signature_schemes", "schemes")):
        if probe not in steady.attempts or steady.seen(probe) is None or (seen := looked.seen(probe)) is None:
            continue
        mine = getattr(seen, field)
        for label, names in getattr(steady[probe], field).items():
            missing = set(names) - set(mine.get(label, ())) - set(getattr(seen, "open", {}).get(label, ()))
            if label in mine and missing and label not in seen.reasons:
                wrong.append(f"{probe} {label} without {', '.join(sorted(missing))}")
            if extra := set(mine.get(label, ())) - set(names):
                wrong.append(f"{probe} {label} with {', '.join(sorted(extra))}")
    certificate = looked.seen("certificate")
    if certificate is not None:
        seen_kinds = {chain.key_type for chain in certificate.chains} | set(certificate.failures)
        wrong += [f"no {one.key_type}" for one in steady["certificate"].chains if one.key_type not in seen_kinds]
    return wrong


def labels() -> tuple[str, ...]:
    """Of all versions, oldest first."""
    return tuple(version.label for version in Version)
