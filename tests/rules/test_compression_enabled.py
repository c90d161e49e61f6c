import pytest

from scanner.model import Verdict
from scanner.rules.compression_enabled import judge
from tests.rules.make import extensions, versions


@pytest.mark.parametrize(("seen", "verdict"), [(True, Verdict.FAIL), (False, Verdict.PASS)])
def test_verdict(seen: bool, verdict: Verdict) -> None:
    found = judge(extensions(compression=seen), versions())
    assert (found.verdict, found.cites) == (verdict, ("compression",))


@pytest.mark.parametrize("accepted", [("TLSv1.3",), ("SSLv3", "TLSv1.3"), ("SSLv2",)])
def test_versions_that_do_not_have_it_are_not_judged(accepted: tuple[str, ...]) -> None:
    assert judge(extensions(), versions(*accepted)).verdict is Verdict.NOT_APPLICABLE


def test_not_seen_is_unknown_where_it_could_be_there() -> None:
    found = judge(extensions(), versions("TLSv1.0", "TLSv1.3"))
    assert (found.verdict, "TLSv1.0" in found.message) == (Verdict.UNKNOWN, True)
    assert judge(extensions(), versions("TLSv1.3", unknown=("TLSv1.2",))).verdict is Verdict.UNKNOWN
