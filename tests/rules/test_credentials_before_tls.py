import pytest

from scanner.declared import TlsExpectation
from scanner.model import Verdict
from scanner.observations.cleartext import Credentials
from scanner.rules.credentials_before_tls import judge
from tests.rules.make import HOST, endpoint, said, service

IMAP = f"imap://{HOST}:143"


@pytest.mark.parametrize(
    ("credentials", "verdict"),
    [
        ("accepted", Verdict.FAIL),
        ("refused", Verdict.PASS),
        ("none", Verdict.PASS),
        ("unknown", Verdict.UNKNOWN),
    ],
)
@pytest.mark.parametrize("tls", [TlsExpectation.REQUIRED, TlsExpectation.ADVISED, TlsExpectation.STARTTLS_ENFORCED])
@pytest.mark.parametrize("url", [IMAP, f"http://{HOST}:80", f"imaps://{HOST}:993"])
def test_verdict(url: str, tls: TlsExpectation, credentials: Credentials, verdict: Verdict) -> None:
    found = judge(endpoint(url), service(url, tls=tls), said("imap", credentials=credentials, how="AUTH=PLAIN"))
    assert found.verdict is verdict
    assert "AUTH=PLAIN" in found.message


def test_none_to_give_needs_a_server_that_was_understood() -> None:
    assert judge(endpoint(IMAP), service(), said("unknown")).verdict is Verdict.UNKNOWN
    assert judge(endpoint(IMAP), service(), said("unknown", credentials="accepted")).verdict is Verdict.FAIL


@pytest.mark.parametrize("url", [IMAP, f"imaps://{HOST}:993"])
def test_nothing_before_tls(url: str) -> None:
    assert judge(endpoint(url), service(), said("tls")).verdict is Verdict.NOT_APPLICABLE


def test_service_without_tls() -> None:
    found = judge(endpoint(IMAP), service(tls=TlsExpectation.NONE), said("imap", credentials="accepted"))
    assert found.verdict is Verdict.NOT_APPLICABLE


def test_what_the_server_said_is_quoted() -> None:
    assert "\x1b" not in judge(endpoint(IMAP), service(), said("imap", credentials="accepted", how="\x1b]0;x")).message
