"""What a machine lacks is said, and where everything is required it is a failure."""

import re
from pathlib import Path

import pytest

from tests.missing import not_run

TESTS = Path(__file__).parent


def test_a_newcomer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TLSASSAY_REQUIRE_SERVERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="not run: no such program"):
        not_run("no such program")


def test_where_all_is_required_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLSASSAY_REQUIRE_SERVERS", "1")
    with pytest.raises(pytest.fail.Exception, match="required here: no such program"):
        not_run("no such program")


def test_no_test_is_left_out_in_another_way() -> None:
    """A mark that skips would skip in CI as well, where nobody looks."""
    ways = re.compile(r"pytest\.skip\(|pytest\.importorskip|mark\.(?:skip|skipif|xfail)\b|pytest\.xfail")
    found = {path.name for path in TESTS.rglob("*.py") if ways.search(path.read_text("utf-8"))}
    assert found == {"missing.py"}
