"""The records of a report: findings, counts, coverage; all that a renderer sees.

`report.json` is these Structs, so their JSON Schema is the report's.
"""

from collections.abc import Collection
from datetime import date
from typing import Annotated, Generic, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from scanner.declared import Service, Waiver
from scanner.model import Evidence, Failure, NotEvaluated, ObservationT, Reachable, Run, Severity, Verdict

SCHEMA_VERSION = "1.0"


class AppliedWaiver(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A waiver as it stands on a finding."""

    reason: str
    owner: str
    expires: date
    lapsed: bool
    approval: str = ""


class Finding(Struct, frozen=True, kw_only=True):
    """The verdict of one rule, under one policy, on one endpoint. Passes included."""

    rule: str
    policy: str
    clause: str
    service: str
    url: str
    address: str
    zone: str | None = None
    """From which it was looked at."""
    verdict: Verdict
    severity: Severity
    message: str
    evidence: tuple[Evidence, ...] = ()
    remediation: str = ""
    waiver: AppliedWaiver | None = None

    @property
    def waived(self) -> bool:
        """Whether a waiver in force covers it."""
        return self.waiver is not None and not self.waiver.lapsed


class AttemptRecord(Struct, Generic[ObservationT], frozen=True, kw_only=True, omit_defaults=True):
    """An attempt as `report.json` shows it."""

    status: Literal["ok", "failed"]
    observation: ObservationT | UnsetType = UNSET
    failure: Failure | UnsetType = UNSET


class EndpointResult(Struct, Generic[ObservationT], frozen=True, kw_only=True):
    """One endpoint of the report with what every probe brought home."""

    service: str
    url: str
    address: str
    zone: str | None
    undeclared: str = ""
    """Why it was looked at although nobody declared it; empty for what is declared."""
    reachability: Reachable
    attempts: dict[str, AttemptRecord[ObservationT]]


class Tool(Struct, frozen=True):
    """What made the report."""

    name: str
    version: str


class PolicyCoverage(Struct, frozen=True, kw_only=True):
    """What a policy asked and how much of it could be answered."""

    id: str
    title: str
    edition: str
    sha256: str
    verified_by: str
    clauses_evaluated: tuple[str, ...]
    clauses_not_evaluated: tuple[NotEvaluated, ...]


Count = Annotated[int, Meta(ge=0)]


class Summary(Struct, frozen=True, kw_only=True):
    """Counts of findings; a waived finding counts only as waived."""

    verdict: Literal["pass", "warn", "fail", "unknown"]
    passed: Count = field(name="pass")
    warn: Count
    fail: Count
    unknown: Count
    not_applicable: Count = field(name="not-applicable")
    waived: Count
    endpoints_not_assessed: Count
    """Endpoints of which not one question could be answered."""


class ReportHead(Struct, frozen=True, kw_only=True):
    """All of a report but its two long lists."""

    schema_version: str
    tool: Tool
    run: Run
    """Of several that were merged: from the first's start to the last's end, in no zone."""
    merged: tuple[Run, ...] = ()
    """The runs that were merged, each from a zone of its own."""
    as_of: str
    policies: tuple[PolicyCoverage, ...]
    summary: Summary
    services: tuple[Service, ...]
    unmatched_waivers: tuple[Waiver, ...]
    """Waivers that cover no finding of this run: stale, or misspelt."""


class Report(ReportHead, Generic[ObservationT], frozen=True, kw_only=True):
    """All that a renderer sees. The collections are read anew from the journal at each iteration: renderers stream."""

    endpoints: Collection[EndpointResult[ObservationT]]
    findings: Collection[Finding]
