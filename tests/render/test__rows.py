"""The rows of an endpoint: everything once, what failed apart from what was not asked."""

from typing import Any

import pytest

from scanner.observations import observation_types
from scanner.render._rows import Row, rows, title
from scanner.report import AttemptRecord
from tests.render.observed import QUICK, lying, old, one_endpoint, quick, silent, sound


def shown(attempts: dict[str, AttemptRecord[Any]], **run: Any) -> list[Row]:
    report = one_endpoint(attempts, **run)
    return list(rows(report.endpoints[0], report.run))


@pytest.mark.parametrize("attempts", [sound(), old(), lying(), quick(), silent()])
def test_no_row_stands_twice(attempts: dict[str, AttemptRecord[Any]]) -> None:
    titles = [row.title for row in shown(attempts)]
    assert len(titles) == len(set(titles))


def test_whatever_was_observed_has_its_row() -> None:
    assert [row.title for row in shown(sound())] == [
        *("Versions", "Certificates", "Cipher suites", "Key exchange", "Signatures", "Extensions", "Sessions"),
        "Behaviour",
    ]


def test_one_cause_stands_once_with_all_that_it_cost() -> None:
    [failure] = [row for row in shown(silent()) if row.kind == "failure"]
    assert failure.title == "Not known"
    assert failure.it[1] == ["TLS versions", "Cipher suites", "Groups", "Certificate"]


def test_what_was_not_asked_says_why() -> None:
    *_, last = shown(quick(), **QUICK)
    assert (last.title, last.it[0]) == ("Not asked", "not asked at this depth")
    asked = quick().keys()
    assert last.it[1] == [
        title(probe) for probe, kind in observation_types().items() if kind.needs_tls and probe not in asked
    ]
    chosen = {probe: one for probe, one in sound().items() if probe in ("reachability", "tls_versions")}
    *_, last = shown(chosen, probes=("reachability", "tls_versions"))
    assert last.it[0] == "not among the probes chosen for this run"


def test_a_protocol_without_tls_misses_nothing() -> None:
    assert shown({"reachability": sound()["reachability"]}) == []
