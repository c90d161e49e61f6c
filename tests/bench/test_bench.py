"""What the bench says of its figures; the figures themselves are the bench's to measure."""

import sys
from pathlib import Path
from typing import Any

import pytest

from bench import answers, bars, page, scanners
from bench.bars import Bar
from bench.measure import Cost, NotMeasuredError, connections, measure, middle
from bench.rows import Bench, Row, ratio, side_by_side
from bench.scanners import Scanner

COST = Cost(connections=28, cpu=0.4, memory=50, wall=0.5, status=0)


def report(suites: dict[str, list[str]], *verdicts: tuple[str, str, str]) -> dict[str, Any]:
    attempts = {"cipher_suites": {"status": "ok", "observation": {"suites": suites}}}
    findings = [{"rule": rule, "verdict": verdict, "message": message} for rule, verdict, message in verdicts]
    return {"endpoints": [{"attempts": attempts}], "findings": findings}


@pytest.mark.parametrize(
    ("value", "missing", "verdict"),
    [(30, "", "PASS"), (31, "", "FAIL"), (30, "found 5 of 6", "FAIL: found 5 of 6"), (None, "", "not available")],
)
def test_a_bar_is_cleared_only_by_a_value_with_all_its_answers(value: float | None, missing: str, verdict: str) -> None:
    assert Bar("connections", 30, value, missing=missing).line[-1] == verdict


def test_suites_that_were_not_found_fail_a_bar() -> None:
    row = Row(scanners.SELECTED, COST, "", report({"TLSv1.2": ["A"] * 5, "TLSv1.3": ["B"] * 3}))
    decided = bars.typical([row], [None], ["selected"], [30])
    assert decided[0].line[-1] == "FAIL: found 5 of 6 suites on TLSv1.2, 3 of 3 suites on TLSv1.3"


def test_rules_that_were_not_asked_fail_the_quick_bar() -> None:
    stored = report({}, ("a", "pass", ""), ("b", "not-applicable", "not asked at this depth"), ("c", "unknown", ""))
    assert answers.undecided(stored) == ["b", "c"]
    decided = bars.typical([Row(scanners.QUICK, COST, "", stored)], [None], ["quick, policy site"], [30])
    assert decided[0].line[-1] == "FAIL: undecided: b, c"


def test_what_cannot_be_measured_is_a_row() -> None:
    rows = [Row(Scanner("ours", "tlsassay"), COST, "", None), Row(Scanner("peer", "peer"), None, "not installed", None)]
    shown = side_by_side(rows, rows[0])
    assert shown.splitlines()[2:] == [
        "| ours | 28 | 1.0 | 0.40 | 1.0 | 50 | 0.5 |  |",
        "| peer | – | – | – | – | – | – | not installed |",
    ]


def test_without_a_base_there_is_no_ratio() -> None:
    assert ratio(569, None) == "–"
    assert ratio(569, 28) == "20"
    assert ratio(44, 28) == "1.6"


def test_medians_go_by_column() -> None:
    costs = [COST, COST._replace(cpu=0.5, memory=70), COST._replace(cpu=0.9, memory=60)]
    assert middle(costs) == COST._replace(cpu=0.5, memory=60)


def test_placeholders_become_words() -> None:
    scanner = Scanner("several", "peer --file={targets} {hosts}")
    assert scanner.words(targets="t", hosts=["a", "b"]) == ["peer", "--file=t", "a", "b"]
    assert Row(scanner, None, "", None).command == "peer --file=hosts.txt 127.1.0.1 127.1.0.2 …"


def test_uvloop_can_be_hidden() -> None:
    words = Scanner("plain", "tlsassay list probes", uvloop=False).words()
    assert words[0] == sys.executable
    assert words[-2:] == ["list", "probes"]


def test_a_command_is_measured_with_its_children(tmp_path: Path) -> None:
    script = tmp_path / "busy"
    script.write_text(f"#!/bin/sh\n{sys.executable} -c 'sum(range(3_000_000)); raise SystemExit(3)'\n")
    script.chmod(0o700)
    cost = measure([str(script)])
    assert cost.status == 3
    assert cost.cpu > 0.02
    assert cost.memory > 5


def test_what_is_not_there_or_does_not_end_is_not_measured() -> None:
    with pytest.raises(NotMeasuredError, match="not installed"):
        measure(["tlsassay-no-such-program"])
    with pytest.raises(NotMeasuredError, match="took longer"):
        measure(["tail", "-f", "/dev/null"], timeout=0.2)


def test_a_run_that_has_not_scanned_is_no_figure(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 1, ["left"])
    assert bench.row(Scanner("usage", "tlsassay scan --no-such-option")).why == "not available (exit status 2)"
    assert bench.row(Scanner("left", "left {host}"), host="127.0.0.1").why == "left out"
    assert connections() >= 0


def test_the_page_shows_every_command() -> None:
    shown = page.render(3, "| bars |", [("Title", "Text.", "| table |", ["one", "two"])])
    assert "## Title\n\nText.\n\n| table |\n\n    one\n    two\n" in shown
