from typing import Any

import pytest

from scanner.model import Verdict
from scanner.observations.downgrade import Downgrade
from scanner.rules.downgrade_protection_missing import judge
from tests.rules.make import versions

NEW, OLD = versions("TLSv1.2", "TLSv1.3"), versions("TLSv1.1", "TLSv1.2")
THERE, MISSING = {"TLSv1.2": True}, {"TLSv1.1": True, "TLSv1.2": False}


@pytest.mark.parametrize(
    ("scsv", "sentinel", "new", "old"),
    [
        ("honoured", THERE, Verdict.PASS, Verdict.PASS),
        ("honoured", {}, Verdict.PASS, Verdict.PASS),
        ("honoured", MISSING, Verdict.FAIL, Verdict.WARN),
        ("ignored", THERE, Verdict.WARN, Verdict.WARN),
        ("ignored", {}, Verdict.WARN, Verdict.WARN),
        ("ignored", MISSING, Verdict.FAIL, Verdict.WARN),
        ("unknown", THERE, Verdict.UNKNOWN, Verdict.UNKNOWN),
        ("unknown", MISSING, Verdict.FAIL, Verdict.WARN),
        ("not-applicable", {}, Verdict.NOT_APPLICABLE, Verdict.NOT_APPLICABLE),
    ],
)
def test_verdict(scsv: Any, sentinel: dict[str, bool], new: Verdict, old: Verdict) -> None:
    seen = Downgrade(fallback_scsv=scsv, sentinel=sentinel, reason="reset\x1b" if scsv == "unknown" else "")
    assert (judge(seen, NEW).verdict, judge(seen, OLD).verdict) == (new, old)
    assert "\x1b" not in judge(seen, NEW).message


def test_a_policy_may_insist_on_the_signal() -> None:
    ignored = Downgrade(fallback_scsv="ignored", sentinel=THERE)
    assert judge(ignored, NEW, signal_required=True).verdict is Verdict.FAIL
    assert judge(Downgrade(fallback_scsv="honoured"), NEW, signal_required=True).verdict is Verdict.PASS


def test_says_which_versions() -> None:
    seen = Downgrade(fallback_scsv="ignored", sentinel={"TLSv1.1": False, "TLSv1.2": False})
    assert judge(seen, NEW).message == (
        "no sentinel in the random of TLSv1.1, TLSv1.2; answers a fallback signal as if it were none"
    )


def test_a_version_that_could_not_be_asked_may_be_the_second_one() -> None:
    alone = Downgrade(fallback_scsv="not-applicable")
    assert judge(alone, versions("TLSv1.2", unknown=("TLSv1.3",))).verdict is Verdict.UNKNOWN
    assert judge(alone, versions("TLSv1.2")).verdict is Verdict.NOT_APPLICABLE
