"""A stored run under policies: the head's arithmetic, coverage, and that the same input gives the same bytes."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from scanner import assess as assess_module
from scanner.assess import assess
from scanner.declared import Waiver
from scanner.journal import StoredRun
from scanner.model import Attempt, Failure, FailureKind
from scanner.policy import load_policies, load_policy
from scanner.render import json
from scanner.report import Report
from scanner.run import exit_status
from tests.test_journal import INVENTORY, attempts, endpoint, write_example


class Run:
    """A stored run in memory."""

    def __init__(self, stored: StoredRun, **changes: Any) -> None:
        self.run = replace(stored.run, **changes)
        self.inventory = stored.inventory
        self.everything = list(stored.endpoints())

    def endpoints(self) -> Any:
        return iter(self.everything)


@pytest.fixture
def stored(tmp_path: Path) -> StoredRun:
    return StoredRun(write_example(tmp_path))


def judged(run: Any, as_of: str | None = None) -> Report[Any]:
    return assess([run], load_policies(["site"]), version="1.2.3", as_of=as_of)


def test_counts_are_those_of_the_findings(stored: StoredRun) -> None:
    report = judged(stored)
    findings = list(report.findings)
    elsewhere = 9  # rules: of SSH (4), Java (3) and Kerberos, and of what nobody declared
    assert len(findings) == len(report.findings) == 3 * (len(load_policy("site").rules) - elsewhere)
    for verdict, counted in (
        ("pass", report.summary.passed),
        ("unknown", report.summary.unknown),
        ("fail", report.summary.fail),
    ):
        assert counted == sum(one.verdict == verdict and not one.waived for one in findings)
    assert len(list(report.endpoints)) == len(report.endpoints) == 3
    assert findings[0] in report.findings
    assert next(iter(report.endpoints)) in report.endpoints


def test_more_findings_than_are_kept_are_judged_anew(stored: StoredRun, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = judged(stored)
    monkeypatch.setattr(assess_module, "KEPT_FINDINGS", len(kept.findings) - 1)
    anew = judged(stored)
    assert list(anew.findings) == list(anew.findings) == list(kept.findings)
    assert next(iter(kept.findings)) is next(iter(kept.findings))
    assert next(iter(anew.findings)) is not next(iter(anew.findings))


def test_the_same_journal_gives_the_same_bytes(stored: StoredRun, tmp_path: Path) -> None:
    def rendered(run: StoredRun) -> bytes:
        out = io.BytesIO()
        json.render(judged(run), out)
        return out.getvalue()

    again = StoredRun(tmp_path / "attempts.jsonl")
    assert rendered(stored) == rendered(stored) == rendered(again)


def test_the_moment_is_the_run_s_unless_another_is_asked_for(stored: StoredRun) -> None:
    assert judged(stored).as_of == stored.run.started
    assert judged(stored, "2030-01-01T00:00:00Z").as_of == "2030-01-01T00:00:00Z"


def test_waived_findings_count_only_as_waived_and_stale_waivers_are_named(stored: StoredRun) -> None:
    run = Run(stored)
    before = judged(run).summary
    used = Waiver(rule="certificate-*", service="S*", reason="r", owner="o", expires=date(2027, 1, 1))
    stale = replace(used, rule="boundary-crossed")
    run.inventory = replace(INVENTORY, waivers=(used, stale))
    after = judged(run)
    assert after.summary.waived > 0
    assert after.summary.unknown == before.unknown - after.summary.waived
    assert after.unmatched_waivers == (stale,)


def test_nothing_decided_is_unknown_not_pass(stored: StoredRun) -> None:
    run = Run(stored)
    run.everything = []
    assert judged(run).summary.verdict == "unknown"
    run.everything = [(endpoint(0), {})]
    report = judged(run)
    assert report.summary.verdict == "unknown"
    assert report.summary.endpoints_not_assessed == 1
    assert report.policies[0].clauses_evaluated == ()


def test_an_unreachable_endpoint_is_not_assessed_and_a_closed_one_is(stored: StoredRun) -> None:
    run = Run(stored)
    failed: dict[str, Attempt[Any]] = {
        one.probe: replace(one, observation=None, failure=Failure(FailureKind.TIMED_OUT, ""))
        for one in attempts(endpoint(0))
    }
    run.everything = [(endpoint(0), failed)]
    assert judged(run).summary.endpoints_not_assessed == 1


def test_every_clause_is_evaluated_or_says_why_not(stored: StoredRun) -> None:
    policy = load_policy("site")
    (coverage,) = judged(stored).policies
    named = [*coverage.clauses_evaluated, *(one.clause for one in coverage.clauses_not_evaluated)]
    assert set(named) == {rule.clause for rule in policy.rules} | {one.clause for one in policy.not_evaluated}
    assert len(named) == len(set(named))
    assert all(one.why for one in coverage.clauses_not_evaluated)
    assert coverage.sha256 == policy.sha256


def test_waivers_alone_assert_nothing(stored: StoredRun) -> None:
    """Whoever waives everything about a service that nobody could reach has still not assessed it."""
    run = Run(stored)
    run.everything = [(endpoint(0), {})]
    run.inventory = replace(
        INVENTORY, waivers=(Waiver(rule="*", service="*", reason="r", owner="o", expires=date(2027, 1, 1)),)
    )
    report = judged(run)
    assert report.summary.waived > 0
    assert (report.summary.passed, report.summary.unknown, report.summary.fail) == (0, 0, 0)
    assert report.summary.verdict == "unknown"
    assert exit_status(report, None) == 3


def test_an_incomplete_run_is_never_a_pass(stored: StoredRun) -> None:
    all_well = [replace(one, failure=None) for one in attempts(endpoint(0)) if one.observation is not None]
    run = Run(stored, complete=False)
    run.inventory = replace(
        INVENTORY,
        waivers=(Waiver(rule="*", service="*", reason="r", owner="o", expires=date(2027, 1, 1)),),
    )
    run.everything = [(endpoint(0), {one.probe: one for one in all_well})]
    assert judged(run).summary.passed > 0
    assert judged(run).summary.verdict == "unknown"
    run.run = replace(run.run, complete=True)
    assert judged(run).summary.verdict == "pass"
