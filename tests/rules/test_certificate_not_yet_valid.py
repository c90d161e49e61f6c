import pytest

from scanner.model import Verdict
from scanner.rules.certificate_not_yet_valid import judge
from tests.rules.make import TIMED_OUT, above, certificate, chain, facts, leaf, root, scope

FIRST = "2026-04-17T00:00:00Z"


@pytest.mark.parametrize(
    ("as_of", "verdict"),
    [
        ("2026-04-16T23:59:59Z", Verdict.FAIL),
        ("2026-04-16T23:59:59.999999Z", Verdict.FAIL),
        (FIRST, Verdict.PASS),
        ("2026-04-17T02:00:00+02:00", Verdict.PASS),
        ("2026-04-17T00:00:00+02:00", Verdict.FAIL),
        ("2026-04-17T00:00:01Z", Verdict.PASS),
    ],
)
def test_first_second_is_valid(as_of: str, verdict: Verdict) -> None:
    assert judge(scope(as_of), leaf(not_before=FIRST)).verdict is verdict


def test_expired_is_not_not_yet_valid() -> None:
    assert judge(scope("2040-01-01T00:00:00Z"), leaf()).verdict is Verdict.PASS


@pytest.mark.parametrize("date", ["", "soon", "2026-04-17T00:00:00"])
def test_unreadable_date_is_unknown(date: str) -> None:
    assert judge(scope(), leaf(not_before=date)).verdict is Verdict.UNKNOWN


def test_unreadable_moment_is_unknown() -> None:
    assert judge(scope(""), leaf()).verdict is Verdict.UNKNOWN


def test_intermediate_counts_and_served_root_does_not() -> None:
    future = "2027-01-01T00:00:00Z"
    assert judge(scope(), certificate(chain(facts(), above(not_before=future)))).verdict is Verdict.FAIL
    assert judge(scope(), certificate(chain(facts(), above(), root(not_before=future)))).verdict is Verdict.PASS


def test_chain_that_could_not_be_asked_is_unknown() -> None:
    assert judge(scope(), certificate(failures={"rsa": TIMED_OUT})).verdict is Verdict.UNKNOWN
