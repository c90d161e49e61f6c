import pytest

from scanner.declared import TlsExpectation
from scanner.model import Endpoint, Verdict
from scanner.observations.cleartext import Cleartext
from scanner.rules.undeclared_listener import judge
from tests.rules.make import endpoint, reached, scope, service

IMAP = endpoint("imap://www.example.com:143", undeclared="twin of imaps://www.example.com")
HTTP = endpoint("http://www.example.com:80", undeclared="twin of https://www.example.com")
SWEPT = endpoint("tcp://www.example.com:23", undeclared="sweep")
HOME = "https://www.example.com/"


@pytest.mark.parametrize("tls", list(TlsExpectation))
@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("closed", Verdict.PASS),
        ("filtered", Verdict.PASS),
        ("unresolved", Verdict.PASS),
        ("open", Verdict.FAIL),
        ("unknown", Verdict.UNKNOWN),
    ],
)
def test_states(tls: TlsExpectation, state: str, verdict: Verdict) -> None:
    found = judge(SWEPT, service(tls=tls), reached(state, "no route\x1b"), None, scope())
    assert found.verdict is verdict
    assert "reachability" in found.cites
    assert "\x1b" not in found.message


@pytest.mark.parametrize(
    ("where", "said", "verdict"),
    [
        (IMAP, Cleartext(speaks="imap", tls_offered=True, credentials="refused"), Verdict.WARN),
        (IMAP, Cleartext(speaks="imap", tls_offered=True, credentials="none"), Verdict.WARN),
        (IMAP, Cleartext(speaks="imap", tls_offered=True, credentials="accepted", how="LOGIN"), Verdict.FAIL),
        (IMAP, Cleartext(speaks="imap", tls_offered=True, credentials="unknown"), Verdict.FAIL),
        (IMAP, Cleartext(speaks="imap", tls_offered=False, credentials="refused"), Verdict.FAIL),
        (IMAP, Cleartext(speaks="imap", tls_offered=None, credentials="none"), Verdict.FAIL),
        (HTTP, Cleartext(speaks="http", status=200), Verdict.FAIL),
        (HTTP, Cleartext(speaks="http", status=301, redirect=HOME), Verdict.PASS),
        (HTTP, Cleartext(speaks="http", status=301, redirect="https://elsewhere.example/"), Verdict.FAIL),
        (HTTP, Cleartext(speaks="http", status=301, redirect="http://www.example.com/x"), Verdict.FAIL),
        (HTTP, Cleartext(speaks="tls"), Verdict.WARN),
        (SWEPT, Cleartext(speaks="unknown"), Verdict.FAIL),
        (SWEPT, None, Verdict.FAIL),
    ],
)
def test_open(where: Endpoint, said: Cleartext | None, verdict: Verdict) -> None:
    found = judge(where, service(), reached(), said, scope())
    assert found.verdict is verdict
    assert where.undeclared in found.message


def test_says_what_is_accepted() -> None:
    said = Cleartext(speaks="imap", tls_offered=True, credentials="accepted", how="LOGIN is not disabled\x1b")
    message = judge(IMAP, service(), reached(), said, scope()).message
    assert message.startswith("speaks 'imap' on port 143, and is not declared (twin of imaps://www.example.com); LOGIN")
    assert "\x1b" not in message


@pytest.mark.parametrize(
    ("zone", "verdict"), [("internet", Verdict.FAIL), ("internal", Verdict.PASS), (None, Verdict.PASS)]
)
def test_across_the_boundary_not_even_a_redirect_will_do(zone: str | None, verdict: Verdict) -> None:
    said = Cleartext(speaks="http", status=301, redirect=HOME)
    found = judge(HTTP, service(reachable_from=("internal",)), reached(), said, scope(zone=zone))
    assert found.verdict is verdict
    assert ("boundary" in found.message) is (verdict is Verdict.FAIL)
