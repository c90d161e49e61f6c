import pytest

from scanner.declared import TlsExpectation
from scanner.model import Judgement, Verdict
from scanner.rules.plaintext_port_open import judge
from tests.rules.make import HOST, endpoint, reached, said, service

DEMANDS = [TlsExpectation.REQUIRED, TlsExpectation.ADVISED, TlsExpectation.STARTTLS_ENFORCED]
HTTP = f"http://{HOST}:80"


@pytest.mark.parametrize("tls", DEMANDS)
def test_open_http_fails(tls: TlsExpectation) -> None:
    found = judge(endpoint(HTTP), service(HTTP, tls=tls), reached("open"), said("http", status=200))
    assert found.verdict is Verdict.FAIL
    assert ("advised" in found.message) is (tls is TlsExpectation.ADVISED)


def test_open_http_fails_even_when_nothing_more_is_known() -> None:
    assert judge(endpoint(HTTP), service(HTTP), reached("open"), None).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("closed", Verdict.PASS),
        ("filtered", Verdict.PASS),
        ("unresolved", Verdict.NOT_APPLICABLE),
        ("unknown", Verdict.UNKNOWN),
    ],
)
@pytest.mark.parametrize("url", [HTTP, f"tcp://{HOST}:9000", f"udp://{HOST}:9000", "multicast://224.2.2.3:54327"])
def test_port_that_is_not_open(url: str, state: str, verdict: Verdict) -> None:
    assert judge(endpoint(url), service(url), reached(state), None).verdict is verdict


@pytest.mark.parametrize(
    ("twin", "verdict"),
    [
        (f"https://{HOST}", Verdict.NOT_APPLICABLE),
        (f"https://{HOST.upper()}:8443/x", Verdict.NOT_APPLICABLE),
        ("https://other.example.com", Verdict.FAIL),
        (f"imaps://{HOST}", Verdict.FAIL),
        ("not a URL", Verdict.FAIL),
    ],
)
def test_https_beside_it_leaves_it_to_the_redirect_rule(twin: str, verdict: Verdict) -> None:
    assert judge(endpoint(HTTP), service(HTTP, twin), reached("open"), said("http")).verdict is verdict


def test_https_beside_it_by_address() -> None:
    url = "http://[2001:db8::1]:80"
    found = judge(endpoint(url), service(url, "https://[2001:DB8:0::1]"), reached("open"), said("http"))
    assert found.verdict is Verdict.NOT_APPLICABLE


def bare(speaks: str | None, scheme: str = "tcp") -> Judgement:
    url = f"{scheme}://{HOST}:9000"
    return judge(endpoint(url), service(url), reached("open"), None if speaks is None else said(speaks))


@pytest.mark.parametrize("scheme", ["tcp", "udp", "multicast"])
def test_a_bare_port_needs_to_be_understood(scheme: str) -> None:
    assert bare(None, scheme).verdict is Verdict.UNKNOWN
    assert bare("unknown", scheme).verdict is Verdict.UNKNOWN
    assert "declare tls://" in bare(None, scheme).message
    assert bare("http", scheme).verdict is Verdict.FAIL
    assert bare("tls", scheme).verdict is Verdict.PASS


@pytest.mark.parametrize("scheme", ["kerberos", "kerberos-tcp"])
@pytest.mark.parametrize("state", ["open", "closed", "unknown"])
def test_what_encrypts_by_itself_is_judged_elsewhere(scheme: str, state: str) -> None:
    url = f"{scheme}://{HOST}:88"
    found = judge(endpoint(url), service(url), reached(state), said("kerberos"))
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert "kerberos-encryption-too-weak" in found.message


@pytest.mark.parametrize(
    ("speaks", "verdict"),
    [
        ("tls", Verdict.PASS),
        ("http", Verdict.FAIL),
        ("imap", Verdict.FAIL),
        ("unknown", Verdict.UNKNOWN),
        (None, Verdict.UNKNOWN),
    ],
)
@pytest.mark.parametrize("tls", DEMANDS)
def test_port_declared_as_tls(speaks: str | None, verdict: Verdict, tls: TlsExpectation) -> None:
    answer = None if speaks is None else said(speaks)
    found = judge(endpoint(), service(tls=tls), reached("open"), answer)
    assert found.verdict is verdict
    if verdict is Verdict.FAIL:
        assert "declared https" in found.message


def test_closed_tls_port_says_nothing_about_plaintext() -> None:
    found = judge(endpoint(), service(), reached("closed"), None)
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert "closed" in found.message


def test_upgrade_is_judged_elsewhere() -> None:
    url = f"imap://{HOST}:143"
    assert judge(endpoint(url), service(url), reached("open"), said("imap")).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("state", ["open", "closed", "unknown"])
def test_ssh_is_judged_elsewhere(state: str) -> None:
    url = f"ssh://{HOST}:22"
    assert judge(endpoint(url), service(url), reached(state), said("ssh")).verdict is Verdict.NOT_APPLICABLE


def test_service_without_tls() -> None:
    found = judge(endpoint(HTTP), service(HTTP, tls=TlsExpectation.NONE), reached("open"), said("http"))
    assert found.verdict is Verdict.NOT_APPLICABLE


def test_what_a_server_speaks_is_quoted() -> None:
    found = judge(endpoint(), service(), reached("open"), said("http\x1b[2J"))
    assert "\x1b" not in found.message
