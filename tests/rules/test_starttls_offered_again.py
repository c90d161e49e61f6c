import pytest

from scanner.model import Verdict
from scanner.observations.upgrade import Advertised, Upgrade
from scanner.rules.starttls_offered_again import judge
from tests.rules.make import HOST, endpoint

TALKING = [f"imap://{HOST}:143", f"smtp://{HOST}:25", f"ldap://{HOST}:389", f"imaps://{HOST}:993"]


@pytest.mark.parametrize("url", TALKING)
@pytest.mark.parametrize(("offered", "verdict"), [(False, Verdict.PASS), (True, Verdict.FAIL), (None, Verdict.UNKNOWN)])
def test_verdict(url: str, offered: bool | None, verdict: Verdict) -> None:
    found = judge(endpoint(url), Upgrade(after=Advertised(tls_offered=offered)))
    assert (found.verdict, found.cites) == (verdict, ("inside TLS",))


def test_unknown_says_why() -> None:
    found = judge(endpoint(TALKING[0]), Upgrade(after=Advertised(how="EHLO was answered with '502'")))
    assert "EHLO was answered with '502'" in found.message


@pytest.mark.parametrize("url", TALKING)
def test_a_protocol_that_does_not_say(url: str) -> None:
    assert judge(endpoint(url), Upgrade()).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        (f"imap://{HOST}:143", Verdict.UNKNOWN),
        (f"imaps://{HOST}:993", Verdict.NOT_APPLICABLE),
        (f"https://{HOST}:443", Verdict.NOT_APPLICABLE),
        (f"http://{HOST}:80", Verdict.NOT_APPLICABLE),
    ],
)
def test_without_facts(url: str, verdict: Verdict) -> None:
    assert judge(endpoint(url), None).verdict is verdict
