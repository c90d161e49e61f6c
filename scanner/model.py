"""The records of a scan: what was asked, what came back, what is required of it, what a rule says.

One model for everything: the same frozen Structs are the library's types, the journal's lines, `report.json` and,
through `msgspec.json.schema`, the published schemas. Words follow OSCAL and XCCDF where they have one. Nothing of
ours is imported here.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, ClassVar, Generic, Literal, TypeVar

from msgspec import Struct, field


class Verdict(StrEnum):
    """The outcome of one rule on one endpoint. `unknown` means "could not ask", never "no"."""

    PASS = "pass"  # noqa: S105 - no password
    WARN = "warn"
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """How much a violation matters, in rising order."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the least severe."""
        return list(Severity).index(self)


class ReachTls(StrEnum):
    """How a protocol gets to TLS."""

    IMPLICIT = "implicit"
    """The first byte on the connection is TLS."""
    UPGRADE = "upgrade"
    """STARTTLS or its like, after a greeting in the clear."""
    NEVER = "never"


Transport = Literal["tcp", "udp", "multicast"]
"""What carries a protocol. `multicast`: datagrams to a group, which are listened to and never sent."""


class FailureKind(StrEnum):
    """Why a question has no answer. Closed: a new kind is a new version of the report's schema."""

    REFUSED = "refused"
    FILTERED = "filtered"
    UNREACHABLE = "unreachable"
    """This host has no route to the address: nothing was learnt about the server."""
    TIMED_OUT = "timed out"
    DEADLINE = "deadline"
    RESET = "reset"
    CLOSED_EARLY = "closed early"
    MALFORMED = "malformed"
    FLOODED = "flooded"
    """The server sent more than the connection's byte budget."""
    UNRESOLVED = "unresolved"
    UPGRADE_REFUSED = "upgrade refused"
    OUT_OF_SCOPE = "out of scope"
    INTERNAL = "internal"


class Failure(Struct, frozen=True):
    """A question that got no answer, and why."""

    kind: FailureKind
    detail: str

    def __str__(self) -> str:
        return self.detail or str(self.kind)


class AskFailedError(Exception):
    """Raised below a probe when a question gets no answer; `failure` says why, `received` holds what did arrive."""

    def __init__(self, kind: FailureKind, detail: str = "", *, received: bytes = b"") -> None:
        self.failure = Failure(kind, detail)
        self.received = received
        super().__init__(str(self.failure))


Reachable = Literal["open", "closed", "filtered", "unresolved", "unknown"]


# --- what was asked and what came back ----------------------------------------------------------------------------


class Endpoint(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One service, protocol, host, port and resolved address: a broken node behind a good name must show."""

    service: str
    url: str
    protocol: str
    host: str
    port: int
    address: str = ""
    """Numeric address; empty when the name did not resolve."""
    server_name: str | None = None
    """What goes into SNI and is expected of the certificate; None for a bare address."""
    reach_tls: ReachTls = ReachTls.NEVER
    undeclared: str = ""
    """Why it is looked at although nobody declared it: `twin of https://www.example.com`, or `sweep`."""

    @property
    def identity(self) -> str:
        """The name (or address) a certificate has to cover: RFC 9525 §2, reference identifier."""
        return self.server_name or self.host


def snake_case(name: str) -> str:
    """`TlsVersions` → `tls_versions`: the ID of a probe from the name of its observation."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class Observation(Struct, frozen=True, kw_only=True, tag_field="probe", tag=snake_case):
    """Typed facts of one probe on one endpoint. Complete, or the probe raises instead."""

    needs_tls: ClassVar[bool] = True
    """False where the question also makes sense on a protocol without TLS."""
    protocols: ClassVar[frozenset[str]] = frozenset()
    """URL schemes of the protocols that the question makes sense on; none: whatever the protocol."""

    @classmethod
    def suits(cls, scheme: str, reach_tls: ReachTls) -> bool:
        """Whether the question makes sense on a protocol."""
        return scheme in (cls.protocols or (scheme,)) and not (cls.needs_tls and reach_tls is ReachTls.NEVER)


ObservationT = TypeVar("ObservationT", bound=Observation)


class Evidence(Struct, frozen=True, kw_only=True):
    """One question and its answer."""

    about: str
    """What it decides: a TLS version, a key type, `reachability`, …"""
    asked: str
    answered: str
    at: str
    """RFC 3339, UTC."""
    reproduce: str = ""
    """A shell command with public tools that shows the same."""


class Attempt(Struct, Generic[ObservationT], frozen=True, kw_only=True, omit_defaults=True):
    """An observation or a failure: what one probe brought home from one endpoint. A line of the journal."""

    endpoint: Endpoint
    probe: str
    observation: ObservationT | None = None
    failure: Failure | None = None
    evidence: tuple[Evidence, ...] = ()
    started: str = ""
    seconds: float = 0.0
    connections: int = 0

    @property
    def status(self) -> Literal["ok", "failed"]:
        """Whether there is an observation."""
        return "failed" if self.observation is None else "ok"


# --- what is required ---------------------------------------------------------------------------------------------


class PolicyRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One rule chosen by a policy, with its clause and its parameters."""

    rule: str
    clause: str
    parameters: dict[str, Any] = field(default_factory=dict)
    severity: Severity | None = None


class NotEvaluated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A clause that this scan says nothing about, and why."""

    clause: str
    why: str


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One published baseline or site policy."""

    id: str
    title: str
    edition: str
    source: str
    licence: str
    verified_by: str
    """How the clauses and numbers were checked against their source."""
    rules: tuple[PolicyRule, ...]
    not_evaluated: tuple[NotEvaluated, ...] = ()
    sha256: str = ""


class Asks(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The least that has to be asked for a verdict; names as in the registries."""

    minimum: str | None = None
    """Label of a version: nothing below it may be accepted."""
    suites: tuple[str, ...] = ()
    """Of which none may be accepted; sorted."""
    groups: tuple[str, ...] = ()
    """Of which none may be accepted; sorted."""


class Scope(Struct, frozen=True, kw_only=True):
    """What a rule may know besides the facts: the time it judges for, the zone scanned from, what was to be asked."""

    as_of: str
    """RFC 3339, UTC: verdicts about dates are as of this moment."""
    zone: str | None = None
    depth: str = "full"
    probes: tuple[str, ...] = ()
    """That were to be asked; none named: all."""
    asks: Asks = Asks()
    """At depth quick: what an observation means that says `planned` of what it asked."""


class Judgement(Struct, frozen=True):
    """What a rule returns."""

    verdict: Verdict
    message: str
    cites: tuple[str, ...] = ()
    """`Evidence.about` of what decided it; empty: all evidence of the observations it read."""


_WORST_FIRST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN, Verdict.PASS, Verdict.NOT_APPLICABLE)


def worst(judgements: Iterable[Judgement]) -> Judgement:
    """Merge judgements about parts of one thing (the chains of a server): the worst decides, its messages are kept.

    Raises ValueError when there is nothing to merge: an empty list asserts nothing and must not pass.
    """
    everything = list(judgements)
    if len(everything) == 1:
        return everything[0]
    verdict = min((one.verdict for one in everything), key=_WORST_FIRST.index)
    decisive = [one for one in everything if one.verdict == verdict]
    return Judgement(
        verdict,
        "; ".join(dict.fromkeys(one.message for one in decisive)),
        tuple(dict.fromkeys(about for one in decisive for about in one.cites)),
    )


# --- one scan -----------------------------------------------------------------------------------------------------


class InventoryDigest(Struct, frozen=True):
    """Which inventory was scanned."""

    name: str
    sha256: str


class Run(Struct, frozen=True, kw_only=True):
    """One scan."""

    id: str
    started: str
    inventory: InventoryDigest
    finished: str | None = None
    zone: str | None = None
    complete: bool = False
    depth: str = "full"
    probes: tuple[str, ...] = ()
    """That were to be asked of every endpoint they suit; none named: all."""
    asks: Asks = Asks()
    """At depth quick, what they asked."""
    passive: bool = False
    endpoints: int = 0
    connections: int = 0
