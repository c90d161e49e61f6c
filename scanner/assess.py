"""Attempts × Policies → Report; pure: the same journal gives the same report, byte for byte.

One pass over the run makes the report's head. Its two long lists are read, and judged, anew whenever they are iterated,
so that memory stays flat; only the findings of a run of moderate size are kept from the first pass.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Literal, Protocol

from msgspec import UNSET

from scanner.declared import Inventory, Waiver
from scanner.judge import TO_ANSWER_FOR, Attempts, Judge, covers, reachability_of
from scanner.model import Attempt, Endpoint, NotEvaluated, Policy, Run, Scope, Verdict
from scanner.report import SCHEMA_VERSION, AttemptRecord, EndpointResult, Finding, PolicyCoverage, Report, Summary, Tool

KEPT_FINDINGS = 50_000
"""Findings that are kept instead of judged again: some 30 MiB."""


class Stored(Protocol):
    """What is judged: a `journal.StoredRun`, or anything like it."""

    run: Run
    inventory: Inventory

    def endpoints(self) -> Iterator[tuple[Endpoint, dict[str, Attempt[Any]]]]:
        """Endpoints with their attempts by probe, in the order of the report."""


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

    def __init__(self, stored: Stored, judge: Judge, size: int, kept: Sequence[Finding]) -> None:
        self._stored = stored
        self._judge = judge
        self._size = size
        self._kept = kept

    def __iter__(self) -> Iterator[Finding]:
        if len(self._kept) == self._size:
            yield from self._kept
            return
        for endpoint, attempts in self._stored.endpoints():
            yield from self._judge.findings(endpoint, attempts)

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


def assess(stored: Stored, policies: Sequence[Policy], *, version: str, as_of: str | None = None) -> Report[Any]:
    """Judge a stored run. `as_of`: RFC 3339 in UTC, the moment judged for; default: when the run started.

    `version` is the tool's, for the report. Raises JournalError when the journal is damaged.
    """
    moment = as_of or stored.run.started
    judge = Judge(stored.inventory, policies, _scope(stored.run, moment))
    counts = _Counts()
    kept: list[Finding] = []
    for endpoint, attempts in stored.endpoints():
        findings = list(judge.findings(endpoint, attempts))
        counts.add(endpoint, attempts, findings, stored.inventory.waivers)
        if counts.findings <= KEPT_FINDINGS:
            kept += findings
        else:
            kept.clear()
    return Report(
        schema_version=SCHEMA_VERSION,
        tool=Tool("tlsassay", version),
        run=stored.run,
        as_of=moment,
        policies=tuple(counts.coverage(policy) for policy in policies),
        summary=counts.summary(complete=stored.run.complete),
        services=stored.inventory.services,
        unmatched_waivers=tuple(w for i, w in enumerate(stored.inventory.waivers) if i not in counts.used),
        endpoints=_Endpoints(stored, counts.endpoints),
        findings=_Findings(stored, judge, counts.findings, kept),
    )
