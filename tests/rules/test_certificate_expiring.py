from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import Judgement, Verdict
from scanner.rules.certificate_expiring import judge
from tests.rules.make import TIMED_OUT, above, certificate, chain, facts, leaf, scope

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = 24 * HOUR
SECOND = timedelta(seconds=1)


def rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def after(lifetime: timedelta, remaining: timedelta, **tuned: float) -> Judgement:
    """Judge a certificate of a lifetime when this much of it remains; both count notAfter's own second."""
    end = START + lifetime
    dates = leaf(not_before=rfc3339(START), not_after=rfc3339(end - SECOND))
    return judge(scope(rfc3339(end - remaining)), dates, **tuned)


@pytest.mark.parametrize(
    ("lifetime", "warn", "fail"),
    [
        (6 * DAY, 36 * HOUR, 14 * HOUR + timedelta(minutes=24)),
        (47 * DAY, 11 * DAY + 18 * HOUR, 4 * DAY + 16 * HOUR + timedelta(minutes=48)),
        (90 * DAY, 22 * DAY + 12 * HOUR, 7 * DAY),
        (398 * DAY, 30 * DAY, 7 * DAY),
    ],
)
def test_thresholds_follow_the_lifetime_up_to_absolute_days(
    lifetime: timedelta, warn: timedelta, fail: timedelta
) -> None:
    assert after(lifetime, lifetime).verdict is Verdict.PASS
    assert after(lifetime, warn + SECOND).verdict is Verdict.PASS
    assert after(lifetime, warn).verdict is Verdict.PASS
    assert after(lifetime, warn - SECOND).verdict is Verdict.WARN
    assert after(lifetime, fail).verdict is Verdict.WARN
    assert after(lifetime, fail - SECOND).verdict is Verdict.FAIL
    assert after(lifetime, SECOND).verdict is Verdict.FAIL


def test_days_and_shares_are_tunable() -> None:
    year = 365 * DAY
    assert after(year, 31 * DAY, warn_days=60).verdict is Verdict.WARN
    assert after(year, 31 * DAY, warn_days=400).verdict is Verdict.WARN
    assert after(year, 100 * DAY, warn_days=400).verdict is Verdict.PASS
    assert after(year, 100 * DAY, warn_days=400, warn_share=0.5).verdict is Verdict.WARN
    assert after(year, 20 * DAY, fail_days=21).verdict is Verdict.FAIL
    assert after(year, 20 * DAY, fail_days=21, fail_share=0.01).verdict is Verdict.WARN
    assert after(year, year - SECOND, warn_share=1, warn_days=365).verdict is Verdict.WARN
    assert after(year, SECOND, warn_share=0, fail_days=0).verdict is Verdict.PASS


def test_message_says_how_long() -> None:
    assert "in 20.0 days of 398.0 days; warn below 30.0 days" in after(398 * DAY, 20 * DAY).message
    assert "in 10.0 hours of 6.0 days; fail below 14.4 hours" in after(6 * DAY, 10 * HOUR).message


@given(st.integers(1, 40_000_000), st.data())
def test_verdict_only_worsens_while_time_passes(lifetime: int, data: st.DataObject) -> None:
    order = [Verdict.PASS, Verdict.WARN, Verdict.FAIL]
    earlier = data.draw(st.integers(1, lifetime))
    later = data.draw(st.integers(1, earlier))
    before, then = (order.index(after(lifetime * SECOND, n * SECOND).verdict) for n in (earlier, later))
    assert before <= then


@given(st.integers(1, 40_000_000))
def test_fresh_certificate_never_warns(lifetime: int) -> None:
    assert after(lifetime * SECOND, lifetime * SECOND).verdict is Verdict.PASS


def test_outside_its_dates_it_is_judged_elsewhere() -> None:
    assert after(90 * DAY, timedelta(0)).verdict is Verdict.NOT_APPLICABLE
    assert after(90 * DAY, 90 * DAY + SECOND).verdict is Verdict.NOT_APPLICABLE
    reversed_dates = leaf(not_before="2026-07-01T00:00:00Z", not_after="2026-05-01T00:00:00Z")
    assert judge(scope(), reversed_dates).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("dates", [{"not_before": ""}, {"not_after": ""}, {"not_after": "never"}])
def test_unreadable_date_is_unknown(dates: dict[str, str]) -> None:
    assert judge(scope(), leaf(**dates)).verdict is Verdict.UNKNOWN


def test_unreadable_moment_is_unknown() -> None:
    assert judge(scope("x"), leaf()).verdict is Verdict.UNKNOWN


def test_dates_at_the_ends_of_the_calendar() -> None:
    forever = leaf(not_before="0001-01-01T00:00:00Z", not_after="9999-12-31T23:59:59Z")
    assert judge(scope(), forever, warn_share=1e30, warn_days=1e30).verdict is Verdict.WARN
    assert judge(scope(), forever).verdict is Verdict.PASS


def test_expiring_intermediate_counts() -> None:
    found = judge(scope(), certificate(chain(facts(), above(not_after="2026-06-03T00:00:00Z"))))
    assert found.verdict is Verdict.FAIL
    assert "'CN=Example CA 1" in found.message


def test_chain_that_could_not_be_asked_is_unknown() -> None:
    assert judge(scope(), certificate(failures={"rsa": TIMED_OUT})).verdict is Verdict.UNKNOWN
