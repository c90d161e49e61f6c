"""Exit statuses, files and folder names of a run."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from scanner.model import Run, Severity, Verdict
from scanner.policy import load_policies
from scanner.report import Report
from scanner.run import exit_status, folder_name, judge, link_latest, write
from tests.render.example import report as example
from tests.test_journal import write_example


def with_findings(*verdicts: Verdict, complete: bool = True, severity: Severity = Severity.MEDIUM) -> Report[Any]:
    """The hand-made report, with findings of just these verdicts."""
    whole = example()
    one = replace(next(iter(whole.findings)), waiver=None, severity=severity)
    count = {verdict: verdicts.count(verdict) for verdict in Verdict}
    summary = replace(
        whole.summary,
        passed=count[Verdict.PASS],
        warn=count[Verdict.WARN],
        fail=count[Verdict.FAIL],
        unknown=count[Verdict.UNKNOWN],
        not_applicable=count[Verdict.NOT_APPLICABLE],
        waived=0,
    )
    run: Run = replace(whole.run, complete=complete)
    return replace(whole, run=run, summary=summary, findings=[replace(one, verdict=verdict) for verdict in verdicts])


P, W, F, N, U = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.NOT_APPLICABLE, Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        ((P,), 0),
        ((P, N), 0),
        ((P, W), 0),
        ((P, F), 1),
        ((P, U), 3),
        ((P, U, F), 1),
        ((), 3),
        ((N,), 3),
        ((U,), 3),
    ],
)
def test_exit_status(verdicts: tuple[Verdict, ...], status: int) -> None:
    assert exit_status(with_findings(*verdicts), None) == status


@pytest.mark.parametrize(
    ("severity", "fail_on", "status"),
    [("medium", "medium", 1), ("medium", "low", 1), ("medium", "high", 0), ("critical", "critical", 1)],
)
def test_fail_on_is_the_least_severity_that_counts(severity: str, fail_on: str, status: int) -> None:
    assert exit_status(with_findings(P, F, severity=Severity(severity)), Severity(fail_on)) == status


def test_a_violation_below_the_bar_does_not_hide_what_is_unknown() -> None:
    assert exit_status(with_findings(P, F, U, severity=Severity.LOW), Severity.HIGH) == 3


def test_an_interrupted_run_is_inconclusive_whatever_it_found() -> None:
    assert exit_status(with_findings(P, complete=False), None) == 3
    assert exit_status(with_findings(P, F, complete=False), None) == 3


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("example site", "example-site"),
        ("../../etc", "etc"),
        ("..", "inventory"),
        ("a/b\0c", "a-b-c"),
        ("größe", "größe"),
    ],
)
def test_an_inventory_s_name_leads_nowhere_else(name: str, folder: str) -> None:
    assert folder_name(name) == folder


def test_reports_are_written_whole_and_latest_leads_to_the_newest(tmp_path: Path) -> None:
    for run in ("one", "two"):
        folder = tmp_path / run
        write_example(folder)
        report = judge([folder], load_policies(["site"]))
        written = write(report, folder, ["html", "json"])
        assert set(written) == {"html", "json"}
        assert not list(folder.glob("*.part"))
        link_latest(folder)
        assert (tmp_path / "latest").resolve() == folder
    assert json.loads((tmp_path / "latest" / "report.json").read_text())["run"]["complete"]


def test_a_renderer_that_breaks_leaves_the_last_good_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scanner.render import json as renderer  # noqa: PLC0415 - to be broken here only

    folder = tmp_path / "run"
    write_example(folder)
    report = judge([folder], load_policies(["site"]))
    write(report, folder, ["json"])
    before = (folder / "report.json").read_bytes()

    def half(_report: Any, out: Any) -> None:
        out.write(b"{")
        raise OSError("disk full")

    monkeypatch.setattr(renderer, "render", half)
    with pytest.raises(OSError, match="disk full"):
        write(report, folder, ["json"])
    assert (folder / "report.json").read_bytes() == before
