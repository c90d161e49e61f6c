"""What a page says before the details: gathered in one pass, and no larger than what needs attention."""

from collections import Counter
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from scanner.model import Verdict
from scanner.observations.reachability import Reachability
from scanner.render._text import WORDS, count
from scanner.render._walk import by_endpoint
from scanner.report import EndpointResult, Finding, Report

ORDER = list(WORDS)
"""Standings, the worst first."""


def standing(finding: Finding) -> str:
    """The verdict, or `waived` where a waiver in force covers a finding that needs one."""
    if finding.waiver is None or finding.waiver.lapsed or finding.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}:
        return finding.verdict.value
    return "waived"


def together(findings: list[Finding]) -> list[list[Finding]]:
    """Unknowns of one endpoint that have the same reason and evidence in one group, everything else alone.

    A closed port leaves a dozen checks without an answer; that is said once.
    """
    groups: dict[Any, list[Finding]] = {}
    for number, one in enumerate(findings):
        same = (one.service, one.url, one.address, one.zone, one.message, one.evidence, one.remediation)
        groups.setdefault(same if standing(one) == "unknown" and not one.waiver else number, []).append(one)
    return list(groups.values())


def unanswered(endpoint: EndpointResult[Any]) -> bool:
    """Whether nothing came back from an endpoint; a refused connection is an answer, silence is none."""
    seen = [attempt.observation for attempt in endpoint.attempts.values() if attempt.status == "ok"]
    return all(isinstance(one, Reachability) and one.state not in {"open", "closed"} for one in seen)


class Overview(Struct):
    """The report at a glance."""

    cells: dict[str, dict[str, str]] = field(default_factory=dict)
    """Service → rule → worst standing."""
    rules: dict[str, None] = field(default_factory=dict)
    """Every rule, in the order the findings name them."""
    attention: list[Finding] = field(default_factory=list)
    """What did not pass, worst standing and then highest severity first; without evidence and remediation."""
    probes: dict[str, Counter[str]] = field(default_factory=dict)
    """Probe → `answered`, or kind of failure → number of endpoints."""
    silent: list[EndpointResult[Any]] = field(default_factory=list)
    """Endpoints that answered nothing."""
    reach: dict[tuple[str, str], dict[str, tuple[str, list[str]]]] = field(default_factory=dict)
    """(Service, URL) → zone scanned from → worst standing of its boundary and reachability, and the states seen."""
    beside: int = 0
    """Ports that were looked at although nobody declared them."""
    listeners: list[EndpointResult[Any]] = field(default_factory=list)
    """Those of them that are open."""

    @property
    def applied(self) -> list[str]:
        """The rules that apply to anything here."""
        used = {rule for cells in self.cells.values() for rule, stands in cells.items() if stands != "not-applicable"}
        return [rule for rule in self.rules if rule in used]

    def of_standing(self, which: str) -> list[list[Finding]]:
        """What needs attention, of one standing, grouped as by `together`."""
        return together([finding for finding in self.attention if standing(finding) == which])

    def services(self, *which: str) -> int:
        """Number of services with a finding of one of these standings."""
        return sum(not set(which).isdisjoint(rules.values()) for rules in self.cells.values())

    def worst(self, service: str) -> str:
        """The worst standing of a service; `unknown` where nothing was judged."""
        return min(self.cells.get(service, {}).values(), key=ORDER.index, default="unknown")


def overview(report: Report[Any]) -> Overview:
    """Read the report once, and say what stands where."""
    seen = Overview()
    for endpoint, findings in by_endpoint(report):
        cells = seen.cells.setdefault(endpoint.service, {})
        for finding in findings:
            stands = standing(finding)
            seen.rules[finding.rule] = None
            cells[finding.rule] = min(stands, cells.get(finding.rule, stands), key=ORDER.index)
            if stands not in {"pass", "not-applicable"}:
                seen.attention.append(replace(finding, evidence=(), remediation=""))
        for probe, attempt in endpoint.attempts.items():
            failure = attempt.failure.kind.value if attempt.failure else "answered"
            seen.probes.setdefault(probe, Counter())[failure] += 1
        _note_reach(seen, endpoint, findings)
        seen.beside += bool(endpoint.undeclared)
        if endpoint.undeclared and endpoint.reachability == "open":
            seen.listeners.append(replace(endpoint, attempts={}))
        if unanswered(endpoint) and not endpoint.undeclared:
            seen.silent.append(replace(endpoint, attempts={}))
    seen.attention.sort(key=lambda one: (ORDER.index(standing(one)), -one.severity.rank))
    return seen


def _note_reach(seen: Overview, endpoint: EndpointResult[Any], findings: list[Finding]) -> None:
    """What the two rules on reachability say of one endpoint from one zone; the worst of its addresses stands."""
    if endpoint.zone is None or endpoint.undeclared:
        return
    zones = seen.reach.setdefault((endpoint.service, endpoint.url), {})
    stands, states = zones.get(endpoint.zone, ("not-applicable", []))
    about = [standing(one) for one in findings if one.rule in {"boundary-crossed", "service-unreachable"}]
    decided = [one for one in (stands, *about) if one != "not-applicable"]
    worst = min(decided, key=ORDER.index, default="not-applicable")
    zones[endpoint.zone] = worst, list(dict.fromkeys([*states, endpoint.reachability]))


def headline(report: Report[Any], seen: Overview) -> str:
    """The verdict in words: `3 violations in 2 of 24 services`."""
    total, said = report.summary, f"{len(report.services):,} {'service' if len(report.services) == 1 else 'services'}"
    if total.verdict == "fail":
        return f"{count(total.fail, 'violation')} in {seen.services('fail')} of {said}"
    if total.verdict == "unknown":
        if total.unknown:
            open_ = count(total.unknown, "check")
            return f"Inconclusive: {open_} without an answer in {seen.services('unknown')} of {said}"
        return "Inconclusive: not everything declared could be assessed"
    if total.verdict == "warn":
        return f"No violation, {count(total.warn, 'warning')} in {seen.services('warn')} of {said}"
    waived = f", {total.waived:,} waived" if total.waived else ""
    return f"Compliant: {count(total.passed, 'check')} passed in {said}{waived}"


def cautions(report: Report[Any], seen: Overview) -> list[str]:
    """Why the verdict may say less than it seems to; empty when there is no reason."""
    run, missing = report.run, [one.id for one in report.services if one.id not in seen.cells]
    said = []
    if not run.complete:
        said.append("The run is incomplete: it ended before every declared endpoint had been asked everything.")
    if run.passive:
        said.append("The scan was passive: questions that need an active attempt were left out and stay unknown.")
    if number := report.summary.endpoints_not_assessed:
        said.append(f"{count(number, 'endpoint')} could not be assessed: not one question was answered.")
    if missing:
        said.append(f"{count(len(missing), 'declared service')} not in this report: {', '.join(missing)}.")
    return said
