import pytest

from scanner.declared import TlsExpectation
from scanner.model import Verdict
from scanner.rules.service_unreachable import judge
from tests.rules.make import HOST, endpoint, reached, scope, service

STATES = ["open", "closed", "filtered", "unresolved", "unknown"]


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("open", Verdict.PASS),
        ("closed", Verdict.FAIL),
        ("filtered", Verdict.FAIL),
        ("unresolved", Verdict.FAIL),
        ("unknown", Verdict.UNKNOWN),
    ],
)
@pytest.mark.parametrize("url", [f"https://{HOST}:443", f"imap://{HOST}:143", f"tcp://{HOST}:9000"])
@pytest.mark.parametrize("tls", list(TlsExpectation))
def test_declared_service_must_be_open(url: str, tls: TlsExpectation, state: str, verdict: Verdict) -> None:
    found = judge(service(url, tls=tls), endpoint(url), reached(state, "why\x1b"), scope())
    assert found.verdict is verdict
    assert found.cites == ("reachability",)
    assert "\x1b" not in found.message
    assert ("why" in found.message) is (verdict is not Verdict.PASS)


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("open", Verdict.PASS),
        ("closed", Verdict.NOT_APPLICABLE),
        ("filtered", Verdict.NOT_APPLICABLE),
        ("unresolved", Verdict.FAIL),
        ("unknown", Verdict.UNKNOWN),
    ],
)
@pytest.mark.parametrize("tls", [TlsExpectation.REQUIRED, TlsExpectation.ADVISED, TlsExpectation.STARTTLS_ENFORCED])
def test_plaintext_http_may_be_closed(tls: TlsExpectation, state: str, verdict: Verdict) -> None:
    url = f"http://{HOST}:80"
    assert judge(service(url, tls=tls), endpoint(url), reached(state), scope()).verdict is verdict


@pytest.mark.parametrize("state", ["closed", "filtered"])
def test_http_without_tls_must_be_open(state: str) -> None:
    url = f"http://{HOST}:80"
    found = judge(service(url, tls=TlsExpectation.NONE), endpoint(url), reached(state), scope())
    assert found.verdict is Verdict.FAIL


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("reachable_from", "zone", "outside"),
    [
        ((), None, False),
        ((), "internet", False),
        (("internal",), None, False),
        (("internal",), "internal", False),
        (("internal", "internet"), "internet", False),
        (("internal",), "internet", True),
    ],
)
def test_zone(reachable_from: tuple[str, ...], zone: str | None, outside: bool, state: str) -> None:
    found = judge(service(reachable_from=reachable_from), endpoint(), reached(state), scope(zone=zone))
    assert (found.verdict is Verdict.NOT_APPLICABLE) is outside
