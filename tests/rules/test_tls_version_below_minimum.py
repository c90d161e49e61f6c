from typing import Any

import pytest

from scanner.model import Verdict
from scanner.observations.tls_versions import TlsVersions
from scanner.rules.tls_version_below_minimum import VERSIONS, judge
from tests.rules.make import quick, scope

LETTERS = {"a": "accepted", "r": "refused", "u": "unknown"}


def seen(answers: str, **more: Any) -> TlsVersions:
    """`rrraa`: one letter for each version from SSLv3 on; `-` for one that was not asked."""
    versions = {version: LETTERS[letter] for version, letter in zip(VERSIONS, answers, strict=True) if letter != "-"}
    return TlsVersions(versions=versions | more, reasons={"TLSv1.1": "timed out"})


@pytest.mark.parametrize(
    ("answers", "minimum", "verdict", "cites"),
    [
        ("rrraa", "TLSv1.2", Verdict.PASS, ("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")),
        ("rrrra", "TLSv1.2", Verdict.PASS, ("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.3")),
        ("rrrar", "TLSv1.2", Verdict.PASS, ("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2")),
        ("rrra-", "TLSv1.2", Verdict.PASS, ("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2")),
        ("rrrua", "TLSv1.2", Verdict.PASS, ("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.3")),
        ("rraaa", "TLSv1.2", Verdict.FAIL, ("TLSv1.1",)),
        ("aaara", "TLSv1.2", Verdict.FAIL, ("SSLv3", "TLSv1.0", "TLSv1.1")),
        ("rauaa", "TLSv1.2", Verdict.FAIL, ("TLSv1.0",)),
        ("ra-rr", "TLSv1.2", Verdict.FAIL, ("TLSv1.0",)),
        ("rrrrr", "TLSv1.2", Verdict.FAIL, ("TLSv1.2", "TLSv1.3")),
        ("rrurr", "TLSv1.2", Verdict.FAIL, ("TLSv1.2", "TLSv1.3")),
        ("rruaa", "TLSv1.2", Verdict.UNKNOWN, ("TLSv1.1",)),
        ("rr-aa", "TLSv1.2", Verdict.UNKNOWN, ("TLSv1.1",)),
        ("-rraa", "TLSv1.2", Verdict.UNKNOWN, ("SSLv3",)),
        ("rrruu", "TLSv1.2", Verdict.UNKNOWN, ("TLSv1.2", "TLSv1.3")),
        ("rrrr-", "TLSv1.2", Verdict.UNKNOWN, ("TLSv1.3",)),
        ("-----", "TLSv1.2", Verdict.UNKNOWN, VERSIONS),
        ("rrraa", "TLSv1.3", Verdict.FAIL, ("TLSv1.2",)),
        ("rrrra", "TLSv1.3", Verdict.PASS, VERSIONS),
        ("raaaa", "TLSv1.0", Verdict.PASS, ("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")),
        ("aaaaa", "SSLv3", Verdict.PASS, VERSIONS),
    ],
)
def test_verdict(answers: str, minimum: Any, verdict: Verdict, cites: tuple[str, ...]) -> None:
    found = judge(scope(), seen(answers), minimum=minimum)
    assert found.verdict is verdict
    assert found.cites == cites


def test_default_minimum_is_tls_1_2() -> None:
    assert judge(scope(), seen("rrrar")).verdict is Verdict.PASS
    assert judge(scope(), seen("rrara")).verdict is Verdict.FAIL


def test_unknown_carries_its_reason() -> None:
    assert "TLSv1.1 (timed out)" in judge(scope(), seen("rruaa")).message
    assert "TLSv1.0 (not asked)" in judge(scope(), seen("r-raa")).message


def test_fail_says_what_else_is_not_known() -> None:
    assert judge(scope(), seen("rauaa")).message == "accepts TLSv1.0, below TLSv1.2; not known: TLSv1.1 (timed out)"


def test_ssl_2_counts_where_it_was_asked() -> None:
    assert judge(scope(), seen("rrraa", SSLv2="accepted")).cites == ("SSLv2",)
    assert judge(scope(), seen("rrraa", SSLv2="unknown")).verdict is Verdict.UNKNOWN
    assert judge(scope(), seen("rrraa", SSLv2="refused")).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("answers", "minimum", "verdict"),
    [
        ("rrraa", "TLSv1.2", Verdict.PASS),
        ("--raa", "TLSv1.2", Verdict.NOT_APPLICABLE),
        ("r--aa", "TLSv1.1", Verdict.NOT_APPLICABLE),
        ("--aaa", "TLSv1.2", Verdict.FAIL),
        ("u--aa", "TLSv1.2", Verdict.UNKNOWN),
        ("r--rr", "TLSv1.0", Verdict.NOT_APPLICABLE),
        ("r--ar", "TLSv1.0", Verdict.PASS),
        ("r--ur", "TLSv1.0", Verdict.UNKNOWN),
    ],
)
def test_what_a_quick_run_left_out_is_not_judged(answers: str, minimum: Any, verdict: Verdict) -> None:
    found = judge(quick(minimum="TLSv1.1"), seen(answers), minimum=minimum)
    assert found.verdict is verdict
    if verdict is Verdict.NOT_APPLICABLE:
        assert found.message.startswith("not asked at this depth: ")
