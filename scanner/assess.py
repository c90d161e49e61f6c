"""Attempts × Policies → Findings; pure: the same journal gives the same report, byte for byte.

Theory of operation. A rule is called only with all the facts it asks for. Before that, in this order: a rule about
TLS does not apply to a protocol without TLS; nothing but reachability applies to an endpoint that is closed where it
should be; facts that could not be had make the finding `unknown`, with the reason of the probe. So "could not ask"
never reaches a rule and never becomes a pass.
"""

import inspect
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from types import NoneType, UnionType
from typing import Any, Protocol, get_args, get_type_hints

from msgspec import UNSET

from scanner import registry
from scanner.explain import rule_text
from scanner.model import (
    SCHEMA_VERSION,
    AppliedWaiver,
    Attempt,
    AttemptRecord,
    Endpoint,
    EndpointResult,
    Evidence,
    Finding,
    Inventory,
    Judgement,
    NotEvaluated,
    Observation,
    Policy,
    PolicyCoverage,
    PolicyRule,
    ProtectionNeed,
    Reachable,
    ReachTls,
    Report,
    Run,
    Scope,
    Service,
    Severity,
    Summary,
    TlsExpectation,
    Tool,
    Verdict,
    Waiver,
)
from scanner.observations.reachability import Reachability

MAX_EVIDENCE = 12
"""Pieces of evidence on one finding; the attempts hold them all."""
_TO_ANSWER_FOR = (Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN)

Attempts = Mapping[str, Attempt[Any]]


class Stored(Protocol):
    """What is judged: a `journal.StoredRun`, or anything like it."""

    run: Run
    inventory: Inventory

    def endpoints(self) -> Iterator[tuple[Endpoint, dict[str, Attempt[Any]]]]:
        """Endpoints with their attempts by probe, in the order of the report."""


@dataclass(frozen=True)
class _Rule:
    """What `judge` of one rule file takes."""

    id: str
    severity: Severity
    judge: Any
    takes: tuple[type, ...]
    optional: frozenset[type]
    """Observations it can do without."""

    @property
    def observations(self) -> tuple[type[Observation], ...]:
        return tuple(kind for kind in self.takes if issubclass(kind, Observation))


@cache
def _rule(identifier: str) -> _Rule:
    module = registry.load("rules", identifier.replace("-", "_"))
    hints = get_type_hints(module.judge)
    takes: list[type] = []
    optional: set[type] = set()
    for name, parameter in inspect.signature(module.judge).parameters.items():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            continue
        hint = hints[name]
        if isinstance(hint, UnionType):
            (hint,) = (part for part in get_args(hint) if part is not NoneType)
            optional.add(hint)
        takes.append(hint)
    return _Rule(identifier, module.SEVERITY, module.judge, tuple(takes), frozenset(optional))


@cache
def _remediation(identifier: str) -> str:
    return rule_text(identifier).fix


def severity_of(base: Severity, need: ProtectionNeed) -> Severity:
    """A `very high` protection need raises a severity by one step, `medium` lowers it, within low … critical."""
    shift = {ProtectionNeed.VERY_HIGH: 1, ProtectionNeed.HIGH: 0, ProtectionNeed.MEDIUM: -1}[need]
    ranked = list(Severity)
    return ranked[min(max(base.rank + shift, 0), len(ranked) - 1)]


def reachability_of(attempts: Attempts) -> Reachable:
    """The state that the reachability probe found; `unknown` when it found none."""
    attempt = attempts.get("reachability")
    seen = attempt.observation if attempt else None
    return seen.state if isinstance(seen, Reachability) else "unknown"


class _Judge:
    """Judges endpoints of one run under its policies."""

    def __init__(self, stored: Stored, policies: Sequence[Policy], as_of: str) -> None:
        self.services = {service.id: service for service in stored.inventory.services}
        self.waivers = stored.inventory.waivers
        self.default = stored.inventory.policies
        self.policies = {policy.id: policy for policy in policies}
        self.scope = Scope(as_of=as_of, zone=stored.run.zone)

    def findings(self, endpoint: Endpoint, attempts: Attempts) -> Iterator[Finding]:
        service = self.services[endpoint.service]
        names = service.policies or self.default
        # policies chosen for this run only, by --policy, are everybody's
        chosen = [self.policies[name] for name in names if name in self.policies] or list(self.policies.values())
        for policy in chosen:
            for rule in policy.rules:
                yield self._finding(endpoint, service, attempts, policy, rule)

    def _finding(
        self, endpoint: Endpoint, service: Service, attempts: Attempts, policy: Policy, chosen: PolicyRule
    ) -> Finding:
        rule = _rule(chosen.rule)
        judgement = self._judge(endpoint, service, attempts, rule, chosen)
        return Finding(
            rule=rule.id,
            policy=policy.id,
            clause=chosen.clause,
            service=service.id,
            url=endpoint.url,
            address=endpoint.address,
            verdict=judgement.verdict,
            severity=severity_of(chosen.severity or rule.severity, service.protection_need),
            message=judgement.message,
            evidence=_evidence(rule, attempts, judgement.cites),
            remediation=_remediation(rule.id) if judgement.verdict in (Verdict.FAIL, Verdict.WARN) else "",
            waiver=self._waiver(rule.id, service.id) if judgement.verdict in _TO_ANSWER_FOR else None,
        )

    def _judge(
        self, endpoint: Endpoint, service: Service, attempts: Attempts, rule: _Rule, chosen: PolicyRule
    ) -> Judgement:
        if endpoint.reach_tls is ReachTls.NEVER and any(kind.needs_tls for kind in rule.observations):
            return Judgement(Verdict.NOT_APPLICABLE, f"{endpoint.protocol} has no TLS")
        if Reachability not in rule.takes and (rest := self._at_rest(endpoint, service, attempts)):
            return Judgement(Verdict.NOT_APPLICABLE, rest, ("reachability",))
        given: list[Any] = []
        known: dict[type, Any] = {Endpoint: endpoint, Service: service, Scope: self.scope}
        for kind in rule.takes:
            if not issubclass(kind, Observation):
                given.append(known[kind])
                continue
            attempt = attempts.get(_probe_of(kind))
            if (attempt is None or attempt.observation is None) and kind not in rule.optional:
                return Judgement(Verdict.UNKNOWN, _why_missing(_probe_of(kind), attempt))
            given.append(attempt.observation if attempt else None)
        try:
            judgement: Judgement = rule.judge(*given, **chosen.parameters)
        except Exception as error:  # noqa: BLE001 - facts are a server's words: none may cost the report its other findings
            return Judgement(Verdict.UNKNOWN, f"the rule itself failed: {type(error).__name__}: {error}")
        return judgement

    def _at_rest(self, endpoint: Endpoint, service: Service, attempts: Attempts) -> str:
        """Why nothing but reachability is to be judged, if so: it is closed, and that is as it should be."""
        state = reachability_of(attempts)
        zone = self.scope.zone
        if state not in ("closed", "filtered", "unresolved"):
            return ""
        if zone and service.reachable_from and zone not in service.reachable_from:
            return f"{state} from zone {zone}, from which it is not meant to be reached"
        if endpoint.protocol == "http" and service.tls is not TlsExpectation.NONE and state != "unresolved":
            return f"{state}, as a plaintext port should be"
        return ""

    def _waiver(self, rule: str, service: str) -> AppliedWaiver | None:
        fitting = [waiver for waiver in self.waivers if _covers(waiver, rule, service)]
        if not fitting:
            return None
        best = max(fitting, key=lambda waiver: waiver.expires)
        lapsed = date.fromisoformat(self.scope.as_of[:10]) > best.expires
        return AppliedWaiver(
            reason=best.reason, owner=best.owner, expires=best.expires, lapsed=lapsed, approval=best.approval
        )


def _probe_of(kind: type[Observation]) -> str:
    return str(kind.__struct_config__.tag)


def _covers(waiver: Waiver, rule: str, service: str) -> bool:
    return fnmatchcase(rule, waiver.rule) and fnmatchcase(service, waiver.service)


def _why_missing(probe: str, attempt: Attempt[Any] | None) -> str:
    if attempt is None:
        return f"{probe} was not asked: the run ended before"
    return f"could not ask {probe}: {attempt.failure}"


def _evidence(rule: _Rule, attempts: Attempts, cites: tuple[str, ...]) -> tuple[Evidence, ...]:
    """What decided a finding: what the rule cites, else all that its observations rest on."""
    found = [
        line for kind in rule.observations if _probe_of(kind) in attempts for line in attempts[_probe_of(kind)].evidence
    ]
    decisive = [line for line in found if line.about in cites] if cites else found
    return tuple(decisive[:MAX_EVIDENCE])


class _Endpoints(Collection[EndpointResult[Any]]):
    """The endpoints of a report, read anew from the journal at each iteration."""

    def __init__(self, stored: Stored, size: int) -> None:
        self._stored = stored
        self._size = size

    def __iter__(self) -> Iterator[EndpointResult[Any]]:
        for endpoint, attempts in self._stored.endpoints():
            yield EndpointResult(
                service=endpoint.service,
                url=endpoint.url,
                address=endpoint.address,
                zone=self._stored.run.zone,
                reachability=reachability_of(attempts),
                attempts={probe: _record(attempt) for probe, attempt in sorted(attempts.items())},
            )

    def __len__(self) -> int:
        return self._size

    def __contains__(self, item: object) -> bool:
        return any(item == one for one in self)


class _Findings(Collection[Finding]):
    """The findings of a report, judged anew at each iteration: judging is cheap and memory is not."""

    def __init__(self, stored: Stored, judge: _Judge, size: int) -> None:
        self._stored = stored
        self._judge = judge
        self._size = size

    def __iter__(self) -> Iterator[Finding]:
        for endpoint, attempts in self._stored.endpoints():
            yield from self._judge.findings(endpoint, attempts)

    def __len__(self) -> int:
        return self._size

    def __contains__(self, item: object) -> bool:
        return any(item == one for one in self)


def _record(attempt: Attempt[Any]) -> AttemptRecord[Any]:
    return AttemptRecord(
        status=attempt.status,
        observation=UNSET if attempt.observation is None else attempt.observation,
        failure=UNSET if attempt.failure is None else attempt.failure,
    )


class _Counts:
    """One pass over a run: what the head of a report says."""

    def __init__(self) -> None:
        self.endpoints = 0
        self.findings = 0
        self.not_assessed = 0
        self.verdicts: Counter[str] = Counter()
        self.decided: dict[tuple[str, str], set[Verdict]] = {}
        self.used: set[int] = set()

    def add(self, attempts: Attempts, findings: Iterable[Finding], waivers: Sequence[Waiver]) -> None:
        self.endpoints += 1
        self.not_assessed += all(attempt.observation is None for attempt in attempts.values())
        for finding in findings:
            self.findings += 1
            self.verdicts["waived" if finding.waived else finding.verdict] += 1
            self.decided.setdefault((finding.policy, finding.clause), set()).add(finding.verdict)
            if finding.verdict in _TO_ANSWER_FOR:
                self.used.update(
                    i for i, waiver in enumerate(waivers) if _covers(waiver, finding.rule, finding.service)
                )

    def summary(self) -> Summary:
        seen = self.verdicts
        if seen["fail"]:
            verdict = "fail"
        elif seen["unknown"] or not (seen["pass"] or seen["warn"] or seen["waived"]):
            verdict = "unknown"  # also when nothing at all was decided: an empty result asserts nothing
        else:
            verdict = "warn" if seen["warn"] else "pass"
        return Summary(
            verdict=verdict,  # type: ignore[arg-type] # one of the four literals above
            passed=seen["pass"],
            warn=seen["warn"],
            fail=seen["fail"],
            unknown=seen["unknown"],
            not_applicable=seen["not-applicable"],
            waived=seen["waived"],
            endpoints_not_assessed=self.not_assessed,
        )

    def coverage(self, policy: Policy) -> PolicyCoverage:
        evaluated: list[str] = []
        missing = list(policy.not_evaluated)
        for clause in dict.fromkeys(rule.clause for rule in policy.rules):
            seen = self.decided.get((policy.id, clause), set())
            if seen & {Verdict.PASS, Verdict.WARN, Verdict.FAIL}:
                evaluated.append(clause)
            else:
                why = (
                    "could not be asked of any endpoint"
                    if Verdict.UNKNOWN in seen
                    else "applies to no endpoint of this run"
                )
                missing.append(NotEvaluated(clause=clause, why=why))
        return PolicyCoverage(
            id=policy.id,
            title=policy.title,
            edition=policy.edition,
            sha256=policy.sha256,
            verified_by=policy.verified_by,
            clauses_evaluated=tuple(evaluated),
            clauses_not_evaluated=tuple(missing),
        )


def assess(stored: Stored, policies: Sequence[Policy], *, version: str, as_of: str | None = None) -> Report[Any]:
    """Judge a stored run. `as_of`: RFC 3339 in UTC, the moment judged for; default: when the run started.

    `version` is the tool's, for the report. Raises JournalError when the journal is damaged.
    """
    moment = as_of or stored.run.started
    judge = _Judge(stored, policies, moment)
    counts = _Counts()
    for endpoint, attempts in stored.endpoints():
        counts.add(attempts, judge.findings(endpoint, attempts), stored.inventory.waivers)
    return Report(
        schema_version=SCHEMA_VERSION,
        tool=Tool("tlsassay", version),
        run=stored.run,
        as_of=moment,
        policies=tuple(counts.coverage(policy) for policy in policies),
        summary=counts.summary(),
        services=stored.inventory.services,
        unmatched_waivers=tuple(w for i, w in enumerate(stored.inventory.waivers) if i not in counts.used),
        endpoints=_Endpoints(stored, counts.endpoints),
        findings=_Findings(stored, judge, counts.findings),
    )
