import pytest

from scanner.model import Verdict
from scanner.rules.certificate_expired import judge
from tests.rules.make import TIMED_OUT, above, certificate, chain, facts, leaf, root, scope

LAST = "2026-07-15T23:59:59Z"


@pytest.mark.parametrize(
    ("as_of", "verdict"),
    [
        ("2026-07-15T23:59:58Z", Verdict.PASS),
        (LAST, Verdict.PASS),
        ("2026-07-15T23:59:59.999999Z", Verdict.PASS),
        ("2026-07-16T01:59:59+02:00", Verdict.PASS),
        ("2026-07-16T00:00:00Z", Verdict.FAIL),
        ("2026-07-16T00:00:00+02:00", Verdict.PASS),
        ("2030-01-01T00:00:00Z", Verdict.FAIL),
    ],
)
def test_last_second_is_valid(as_of: str, verdict: Verdict) -> None:
    assert judge(scope(as_of), leaf(not_after=LAST)).verdict is verdict


def test_not_yet_valid_is_not_expired() -> None:
    assert judge(scope("2020-01-01T00:00:00Z"), leaf()).verdict is Verdict.PASS


@pytest.mark.parametrize("date", ["", "soon", "2026-07-15T23:59:59"])
def test_unreadable_date_is_unknown(date: str) -> None:
    found = judge(scope(), leaf(not_after=date, malformed="validity: \x1b"))
    assert found.verdict is Verdict.UNKNOWN
    assert "validity" in found.message
    assert "\x1b" not in found.message


def test_unreadable_moment_is_unknown() -> None:
    assert judge(scope("today"), leaf()).verdict is Verdict.UNKNOWN


def test_expired_intermediate_fails_and_is_named() -> None:
    found = judge(scope(), certificate(chain(facts(), above(not_after="2026-01-01T00:00:00Z"))))
    assert found.verdict is Verdict.FAIL
    assert "'CN=Example CA 1" in found.message


def test_served_root_does_not_count() -> None:
    assert judge(scope(), certificate(chain(facts(), above(), root()))).verdict is Verdict.PASS


def test_expired_self_signed_leaf_counts() -> None:
    assert judge(scope(), leaf(self_issued=True, not_after="2026-01-01T00:00:00Z")).verdict is Verdict.FAIL


def test_one_expired_chain_of_two_fails_and_is_cited() -> None:
    old = chain(facts(not_after="2026-01-01T00:00:00Z"), key_type="rsa")
    found = judge(scope(), certificate(chain(), old))
    assert found.verdict is Verdict.FAIL
    assert found.cites == ("rsa",)


def test_chain_that_could_not_be_asked_is_unknown() -> None:
    assert judge(scope(), certificate(failures={"rsa": TIMED_OUT})).verdict is Verdict.UNKNOWN
