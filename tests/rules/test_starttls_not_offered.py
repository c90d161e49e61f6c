import pytest

from scanner.declared import TlsExpectation
from scanner.model import Verdict
from scanner.rules.starttls_not_offered import judge
from tests.rules.make import HOST, endpoint, said, service

UPGRADING = [f"imap://{HOST}:143", f"smtp://{HOST}:25", f"ldap://{HOST}:389", f"mysql://{HOST}:3306"]


@pytest.mark.parametrize(("offered", "verdict"), [(True, Verdict.PASS), (False, Verdict.FAIL), (None, Verdict.UNKNOWN)])
@pytest.mark.parametrize("url", UPGRADING)
@pytest.mark.parametrize("tls", [TlsExpectation.REQUIRED, TlsExpectation.ADVISED, TlsExpectation.STARTTLS_ENFORCED])
def test_verdict(url: str, tls: TlsExpectation, offered: bool | None, verdict: Verdict) -> None:
    found = judge(endpoint(url), service(url, tls=tls), said("imap", tls_offered=offered))
    assert found.verdict is verdict
    assert found.cites == ("cleartext",)


@pytest.mark.parametrize("offered", [True, False, None])
@pytest.mark.parametrize("url", [f"imaps://{HOST}:993", f"http://{HOST}:80", f"tcp://{HOST}:1"])
def test_only_where_tls_is_reached_by_upgrade(url: str, offered: bool | None) -> None:
    assert judge(endpoint(url), service(url), said(tls_offered=offered)).verdict is Verdict.NOT_APPLICABLE


def test_service_without_tls() -> None:
    url = UPGRADING[0]
    found = judge(endpoint(url), service(url, tls=TlsExpectation.NONE), said("imap", tls_offered=False))
    assert found.verdict is Verdict.NOT_APPLICABLE


def test_unknown_names_what_was_spoken_instead() -> None:
    assert "'ssh'" in judge(endpoint(UPGRADING[0]), service(), said("ssh")).message
