"""Attempts × Policies → Report; pure: the same journal gives the same report, byte for byte.

One pass over the run makes the report's head. Its two long lists are read, and judged, anew whenever they are iterated,
so that memory stays flat; only the findings of a run of moderate size are kept from the first pass.
"""

import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal, Protocol

from msgspec import UNSET, Struct
from msgspec.structs import replace

from scanner.declared import Inventory, Waiver, report_order
from scanner.judge import TO_ANSWER_FOR, Attempts, Judge, covers, reachability_of
from scanner.model import Attempt, Endpoint, NotEvaluated, Policy, Run, Scope, Verdict
from scanner.peers import Seen, facts_of
from scanner.report import SCHEMA_VERSION, AttemptRecord, EndpointResult, Finding, PolicyCoverage, Report, Summary, Tool

KEPT_FINDINGS = 50_000
"""Findings that are kept instead of judged again: some 30 MiB."""


class Stored(Protocol):
    """What is judged: a `journal.StoredRun`, or anything like it."""

    run: Run
    inventory: Inventory

    def endpoints(self) -> Iterator[tuple[Endpoint, dict[str, Attempt[Any]]]]:
        """Endpoints with their attempts by probe, in the order of the report."""


class _Part(Struct, frozen=True):
    """One run and its judge."""

    stored: Stored
    judge: Judge


Looked = tuple[Endpoint, dict[str, Attempt[Any]]]


def _walk(parts: Sequence[_Part]) -> Iterator[tuple[_Part, list[Looked]]]:
    """The addresses of each URL in each run, in the order of the report; a URL seen from several zones stands together.

    No more than one URL of each run is held at a time.
    """
    place = report_order(parts[0].stored.inventory)

    def walk(number: int, part: _Part) -> Iterator[tuple[Any, _Part, list[Looked]]]:
        for (service, url), nodes in groupby(part.stored.endpoints(), key=lambda one: (one[0].service, one[0].url)):
            yield (place(service, url, ""), number), part, list(nodes)

    everything = (walk(number, part) for number, part in enumerate(parts))
    for _, part, nodes in heapq.merge(*everything, key=itemgetter(0)):
        yield part, nodes


def _judged(parts: Sequence[_Part]) -> Iterator[tuple[Endpoint, Attempts, list[Finding]]]:
    for part, nodes in _walk(parts):
        alike = tuple(facts_of(endpoint, attempts) for endpoint, attempts in nodes) if len(nodes) > 1 else ()
        for endpoint, attempts in nodes:
            yield endpoint, attempts, list(part.judge.findings(endpoint, attempts, alike))


class _Endpoints(Collection[EndpointResult[Any]]):
    """The endpoints of a report, read anew from the journals at each iteration."""

    def __init__(self, parts: Sequence[_Part], size: int) -> None:
        self._parts = parts
        self._size = size

    def __iter__(self) -> Iterator[EndpointResult[Any]]:
        for part, nodes in _walk(self._parts):
            for endpoint, attempts in nodes:
                yield EndpointResult(
                    service=endpoint.service,
                    url=endpoint.url,
                    address=endpoint.address,
                    zone=part.stored.run.zone,
                    undeclared=endpoint.undeclared,
                    reachability=reachability_of(attempts),
                    attempts={probe: _record(attempt) for probe, attempt in sorted(attempts.items())},
                )

    def __len__(self) -> int:
        return self._size

    def __contains__(self, item: object) -> bool:
        return any(item == one for one in self)


class _Findings(Collection[Finding]):
    """The findings of a report, judged anew at each iteration unless all of them are `kept`."""

    def __init__(self, parts: Sequence[_Part], size: int, kept: Sequence[Finding]) -> None:
        self._parts = parts
        self._size = size
        self._kept = kept

    def __iter__(self) -> Iterator[Finding]:
        if len(self._kept) == self._size:
            yield from self._kept
            return
        for _, _, findings in _judged(self._parts):
            yield from findings

    def __len__(self) -> int:
        return self._size

    def __contains__(self, item: object) -> bool:
        return any(item == one for one in self)


def _unanswered(attempts: Attempts) -> bool:
    """Whether nothing came back from an endpoint; a refused connection is an answer, silence is none."""
    others = any(attempt.observation is not None for probe, attempt in attempts.items() if probe != "reachability")
    return not others and reachability_of(attempts) not in {"open", "closed"}


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

    def add(
        self, endpoint: Endpoint, attempts: Attempts, findings: Iterable[Finding], waivers: Sequence[Waiver]
    ) -> None:
        self.endpoints += 1
        self.not_assessed += not endpoint.undeclared and _unanswered(attempts)
        for finding in findings:
            self.findings += 1
            self.verdicts["waived" if finding.waived else finding.verdict] += 1
            self.decided.setdefault((finding.policy, finding.clause), set()).add(finding.verdict)
            if finding.verdict in TO_ANSWER_FOR:
                self.used.update(i for i, waiver in enumerate(waivers) if covers(waiver, finding.rule, finding.service))

    def summary(self, *, complete: bool) -> Summary:
        seen = self.verdicts
        verdict: Literal["pass", "warn", "fail", "unknown"] = "warn" if seen["warn"] else "pass"
        if seen["fail"]:
            verdict = "fail"
        elif seen["unknown"] or not complete or not (seen["pass"] or seen["warn"]):
            verdict = "unknown"  # also when nothing was decided: an empty result, or a waived one, asserts nothing
        return Summary(
            verdict=verdict,
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


def _scope(run: Run, moment: str) -> Scope:
    return Scope(as_of=moment, zone=run.zone, depth=run.depth, probes=run.probes, asks=run.asks)


def assess(
    runs: Sequence[Stored], policies: Sequence[Policy], *, version: str, as_of: str | None = None
) -> Report[Any]:
    """Judge a stored run, or several of one inventory from different zones as one.

    `as_of`: RFC 3339 in UTC, the moment judged for; default: when the run, or the last of them, started. `version` is
    the tool's, for the report. Raises JournalError when a journal is damaged, MergeError when runs do not belong
    together.
    """
    inventory = runs[0].inventory
    run = together(runs) if len(runs) > 1 else runs[0].run
    moment = as_of or max(one.run.started for one in runs)
    parts = [
        _Part(one, Judge(one.inventory, policies, _scope(one.run, moment), _compared(one)))
        for one in sorted(runs, key=lambda one: one.run.zone or "")
    ]
    counts = _Counts()
    kept: list[Finding] = []
    for endpoint, attempts, findings in _judged(parts):
        counts.add(endpoint, attempts, findings, inventory.waivers)
        if counts.findings <= KEPT_FINDINGS:
            kept += findings
        else:
            kept.clear()
    return Report(
        schema_version=SCHEMA_VERSION,
        tool=Tool("tlsassay", version),
        run=run,
        merged=tuple(part.stored.run for part in parts) if len(runs) > 1 else (),
        as_of=moment,
        policies=tuple(counts.coverage(policy) for policy in policies),
        summary=counts.summary(complete=run.complete),
        services=inventory.services,
        unmatched_waivers=tuple(w for i, w in enumerate(inventory.waivers) if i not in counts.used),
        endpoints=_Endpoints(parts, counts.endpoints),
        findings=_Findings(parts, counts.findings, kept),
    )


def _compared(stored: Stored) -> dict[str, tuple[Seen, ...]]:
    """The endpoints of the services that any service is compared with; the run is read for them only if there are."""
    services = stored.inventory.services
    named = {name for one in services for name in (*one.same_certificate, *one.all_or_none_tls)}
    found: dict[str, tuple[Seen, ...]] = {}
    for endpoint, attempts in stored.endpoints() if named else ():
        if endpoint.service in named and not endpoint.undeclared:
            found[endpoint.service] = (*found.get(endpoint.service, ()), facts_of(endpoint, attempts))
    return found


class MergeError(Exception):
    """Runs that do not belong together."""


def together(stored: Sequence[Stored]) -> Run:
    """Several runs of one inventory, each from a zone of its own, as one. Raises MergeError."""
    runs = [one.run for one in stored]
    first = runs[0]
    zones = [run.zone for run in runs]
    if len({one.inventory.sha256 for one in stored}) > 1:
        raise MergeError("the runs are of different inventories, or of different versions of one")
    if None in zones:
        raise MergeError(f"run {runs[zones.index(None)].id} does not say which zone it ran in (--zone)")
    if twice := [zone for zone in zones if zones.count(zone) > 1]:
        raise MergeError(f"two of the runs are from zone {twice[0]}")
    if any((run.depth, run.probes, run.asks) != (first.depth, first.probes, first.asks) for run in runs):
        raise MergeError("the runs did not ask the same: depth, probes or policies differ")
    finished = [run.finished for run in runs if run.finished is not None]
    return replace(
        first,
        id="+".join(sorted(run.id for run in runs)),
        started=min(run.started for run in runs),
        finished=max(finished) if len(finished) == len(runs) else None,
        zone=None,
        complete=all(run.complete for run in runs),
        passive=any(run.passive for run in runs),
        endpoints=sum(run.endpoints for run in runs),
        connections=sum(run.connections for run in runs),
    )
