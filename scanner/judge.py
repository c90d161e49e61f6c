"""One endpoint's attempts under the chosen rules → findings.

Theory of operation. A rule is called only with all the facts it asks for. Before that, in this order: a rule about TLS
does not apply to a protocol without TLS, nor a rule about one protocol to another; nothing but reachability applies to
an endpoint that is closed where it should be; facts that could not be had make the finding `unknown`, with the reason
of the probe. So "could not ask" never reaches a rule and never becomes a pass.
"""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from pathlib import PurePath
from types import NoneType, UnionType
from typing import Any, get_args, get_type_hints

from msgspec import Struct

from scanner import registry
from scanner.declared import Inventory, ProtectionNeed, Service, TlsExpectation, Waiver
from scanner.explain import rule_text
from scanner.model import (
    Attempt,
    Endpoint,
    Evidence,
    Judgement,
    Observation,
    Policy,
    PolicyRule,
    Reachable,
    ReachTls,
    Scope,
    Severity,
    Verdict,
)
from scanner.observations.reachability import Reachability
from scanner.peers import Peers, Seen
from scanner.report import AppliedWaiver, Finding

MAX_EVIDENCE = 12
"""Pieces of evidence on one finding; the attempts hold them all."""
TO_ANSWER_FOR = (Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN)
"""Verdicts that a waiver can cover."""

Attempts = Mapping[str, Attempt[Any]]
"""What was asked of one endpoint, by probe."""


class _Rule(Struct, frozen=True):
    """What `judge` of one rule file takes."""

    id: str
    severity: Severity
    judge: Any
    takes: tuple[type, ...]
    optional: frozenset[type]
    """Observations it can do without."""
    probes: tuple[str, ...]
    """Whose observations it takes."""
    needs_tls: bool
    undeclared: bool
    """Whether it judges what was looked at beside the declared endpoints, and nothing else."""
    protocols: frozenset[str]
    """Of the protocols that its observations are made on; none: whatever the protocol."""

    def is_for(self, endpoint: Endpoint) -> bool:
        """Whether there is anything to judge: nothing of SSH on a web server, nor of what nobody declared."""
        spoken = not self.protocols or endpoint.protocol in self.protocols
        return spoken and self.undeclared is bool(endpoint.undeclared)


class _Clause(Struct, frozen=True):
    """One rule as a policy chose it for services of one protection need."""

    policy: str
    name: str
    rule: _Rule
    severity: Severity
    parameters: dict[str, Any]


class _Case(Struct, frozen=True):
    """One endpoint and what is known of it, whatever the rule."""

    endpoint: Endpoint
    service: Service
    attempts: Attempts
    known: dict[type, Any]
    """What rules take, by type: observations that could be had, and the rest."""
    at_rest: str
    """Why nothing but reachability is to be judged, if so."""


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
    observations = [kind for kind in takes if issubclass(kind, Observation)]
    return _Rule(
        identifier,
        module.SEVERITY,
        module.judge,
        tuple(takes),
        frozenset(optional),
        probes=tuple(_probe_of(kind) for kind in observations),
        needs_tls=any(kind.needs_tls for kind in observations if kind not in optional),
        undeclared=getattr(module, "UNDECLARED", False),
        protocols=frozenset().union(*(kind.protocols for kind in observations)),
    )


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


class Judge:
    """Judges endpoints of one run under its policies."""

    def __init__(
        self,
        inventory: Inventory,
        policies: Sequence[Policy],
        scope: Scope,
        peers: Mapping[str, tuple[Seen, ...]] | None = None,
    ) -> None:
        self.services = {service.id: service for service in inventory.services}
        self.waivers = inventory.waivers
        self.default = inventory.policies
        self.policies = {policy.id: policy for policy in policies}
        self.scope = scope
        self.peers = dict(peers or {})
        """The endpoints of the services that any service is compared with."""
        self._clauses: dict[tuple[tuple[str, ...], ProtectionNeed], tuple[_Clause, ...]] = {}

    def findings(self, endpoint: Endpoint, attempts: Attempts, nodes: tuple[Seen, ...] = ()) -> Iterator[Finding]:
        """One for each rule of each policy that holds for the service and is for such an endpoint, in their order.

        `nodes`: the same URL at each of its addresses.
        """
        service = self.services[endpoint.service]
        peers = Peers(nodes, self.peers)
        known: dict[type, Any] = {Endpoint: endpoint, Service: service, Scope: self.scope, Peers: peers}
        known |= {type(one.observation): one.observation for one in attempts.values() if one.observation is not None}
        case = _Case(endpoint, service, attempts, known, self._at_rest(endpoint, service, attempts))
        return (self._finding(case, clause) for clause in self._chosen(service) if clause.rule.is_for(endpoint))

    def _chosen(self, service: Service) -> tuple[_Clause, ...]:
        """What is required of a service; the same for all that choose alike."""
        key = service.policies or self.default, service.protection_need
        if key not in self._clauses:
            # a site's own policies are named by their path, whose stem is the ID
            names = [PurePath(name).stem for name in key[0]]
            # policies chosen for this run only, by --policy, are everybody's
            policies = [self.policies[name] for name in names if name in self.policies] or self.policies.values()
            self._clauses[key] = tuple(_clause(policy, one, key[1]) for policy in policies for one in policy.rules)
        return self._clauses[key]

    def _finding(self, case: _Case, clause: _Clause) -> Finding:
        rule, judgement = clause.rule, self._judge(case, clause)
        return Finding(
            rule=rule.id,
            policy=clause.policy,
            clause=clause.name,
            service=case.service.id,
            url=case.endpoint.url,
            address=case.endpoint.address,
            zone=self.scope.zone,
            verdict=judgement.verdict,
            severity=clause.severity,
            message=judgement.message,
            evidence=_evidence(rule, case.attempts, judgement.cites),
            remediation=_remediation(rule.id) if judgement.verdict in (Verdict.FAIL, Verdict.WARN) else "",
            waiver=self._waiver(rule.id, case.service.id) if judgement.verdict in TO_ANSWER_FOR else None,
        )

    def _judge(self, case: _Case, clause: _Clause) -> Judgement:
        rule = clause.rule
        if case.service.is_elsewhere(self.scope.zone):
            return Judgement(Verdict.NOT_APPLICABLE, "outbound from elsewhere, and asked from there")
        if rule.needs_tls and case.endpoint.reach_tls is ReachTls.NEVER:
            return Judgement(Verdict.NOT_APPLICABLE, f"{case.endpoint.protocol} has no TLS")
        if case.at_rest and Reachability not in rule.takes:
            return Judgement(Verdict.NOT_APPLICABLE, case.at_rest, ("reachability",))
        missing: list[str] = []
        not_asked: list[str] = []
        for kind in rule.takes:
            if kind not in case.known:
                why = self._not_asked(_probe_of(kind), case.attempts)
                if why and kind not in rule.optional:
                    return Judgement(Verdict.NOT_APPLICABLE, why)
                (not_asked if why else missing).append(why or _why_missing(_probe_of(kind), case.attempts))
                if kind not in rule.optional:
                    return Judgement(Verdict.UNKNOWN, missing[0])
        try:
            judgement: Judgement = rule.judge(*map(case.known.get, rule.takes), **clause.parameters)
        except Exception as error:  # noqa: BLE001 - facts are a server's words: none may cost the report its other findings
            return Judgement(Verdict.UNKNOWN, f"the rule itself failed: {type(error).__name__}: {error}")
        if judgement.verdict is Verdict.UNKNOWN and missing:
            return Judgement(Verdict.UNKNOWN, f"{judgement.message}; {missing[0]}", judgement.cites)
        if judgement.verdict is Verdict.UNKNOWN and not_asked:
            return Judgement(Verdict.NOT_APPLICABLE, not_asked[0])
        return judgement

    def _not_asked(self, probe: str, attempts: Attempts) -> str:
        """Why a probe was not to be asked in this run, if so."""
        if probe in attempts or not self.scope.probes or probe in self.scope.probes:
            return ""
        return "not asked at this depth" if self.scope.depth == "quick" else f"not asked: {probe} was not chosen"

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
        fitting = [waiver for waiver in self.waivers if covers(waiver, rule, service)]
        if not fitting:
            return None
        best = max(fitting, key=lambda waiver: waiver.expires)
        lapsed = date.fromisoformat(self.scope.as_of[:10]) > best.expires
        return AppliedWaiver(
            reason=best.reason, owner=best.owner, expires=best.expires, lapsed=lapsed, approval=best.approval
        )


def _clause(policy: Policy, chosen: PolicyRule, need: ProtectionNeed) -> _Clause:
    rule = _rule(chosen.rule)
    severity = severity_of(chosen.severity or rule.severity, need)
    return _Clause(policy.id, chosen.clause, rule, severity, chosen.parameters)


def _probe_of(kind: type[Observation]) -> str:
    return str(kind.__struct_config__.tag)


def covers(waiver: Waiver, rule: str, service: str) -> bool:
    return fnmatchcase(rule, waiver.rule) and fnmatchcase(service, waiver.service)


def _why_missing(probe: str, attempts: Attempts) -> str:
    attempt = attempts.get(probe)
    if attempt is None:
        return f"{probe} was not asked: the run ended before"
    return f"could not be asked: {attempt.failure}"


def _evidence(rule: _Rule, attempts: Attempts, cites: tuple[str, ...]) -> tuple[Evidence, ...]:
    """What decided a finding: what the rule cites, else all that its observations rest on."""
    found = [line for probe in rule.probes if probe in attempts for line in attempts[probe].evidence]
    decisive = [line for line in found if line.about in cites] if cites else found
    if not decisive and "reachability" in attempts:  # nothing was sent, because nobody took the connection
        decisive = list(attempts["reachability"].evidence)
    return tuple(decisive[:MAX_EVIDENCE])
