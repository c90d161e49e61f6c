import pytest

from scanner.declared import TlsExpectation
from scanner.model import Endpoint, Judgement, Verdict
from scanner.rules.plaintext_without_redirect import judge
from tests.rules.make import HOST, endpoint, reached, said, service

HTTP = f"http://{HOST}:80"
BOTH = service(HTTP, f"https://{HOST}")


def answer(status: int | None, redirect: str | None, at: Endpoint | None = None) -> Judgement:
    return judge(at or endpoint(HTTP), BOTH, reached("open"), said("http", status=status, redirect=redirect))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, None])
@pytest.mark.parametrize(
    "redirect", [f"https://{HOST}/", f"HTTPS://{HOST.upper()}:8443/a?b#c", f"https://{HOST}.", f"https://{HOST}"]
)
def test_redirect_home_passes(status: int | None, redirect: str) -> None:
    assert answer(status, redirect).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "redirect",
    [
        f"http://{HOST}/",
        f"https://evil.example/{HOST}",
        f"https://{HOST}@evil.example/",
        f"https://{HOST}.evil.example/",
        f"https://evil.example\\@{HOST}/",
        f"https://{HOST}\r\nX: y",
        f"https:// {HOST}/",
        f"https://evil.example @{HOST}/",
        f"//{HOST}/",
        "/login",
        "https:",
        "https://[",
        "",
        f"ftp://{HOST}",
    ],
)
def test_redirect_elsewhere_fails(redirect: str) -> None:
    found = answer(301, redirect)
    assert found.verdict is Verdict.FAIL
    assert "301" in found.message
    assert "\r" not in found.message


@pytest.mark.parametrize("status", [200, 201, 300, 304, 401, 403, 404, 500])
def test_answer_without_redirect_fails(status: int) -> None:
    assert answer(status, None).verdict is Verdict.FAIL
    assert answer(status, f"https://{HOST}/").verdict is Verdict.FAIL
    assert str(status) in answer(status, None).message


def test_redirect_to_the_expected_server_name() -> None:
    at = endpoint("http://10.0.0.1:80", server_name=HOST)
    both = service("http://10.0.0.1", "https://10.0.0.1")
    for home in (HOST, "10.0.0.1"):
        heard = said("http", status=308, redirect=f"https://{home}/")
        assert judge(at, both, reached("open"), heard).verdict is Verdict.PASS


def test_redirect_on_an_address() -> None:
    at = endpoint("http://[2001:db8::1]:80", server_name=None)
    both = service("http://[2001:db8::1]", "https://[2001:db8::1]")
    heard = said("http", status=301, redirect="https://[2001:db8:0:0::1]/")
    assert judge(at, both, reached("open"), heard).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("closed", Verdict.PASS),
        ("filtered", Verdict.PASS),
        ("unresolved", Verdict.UNKNOWN),
        ("unknown", Verdict.UNKNOWN),
        ("open", Verdict.UNKNOWN),
    ],
)
def test_without_an_answer_the_port_decides(state: str, verdict: Verdict) -> None:
    assert judge(endpoint(HTTP), BOTH, reached(state), None).verdict is verdict


def test_no_http_answer_is_unknown() -> None:
    assert answer(None, None).verdict is Verdict.UNKNOWN


def test_tls_on_the_port_is_no_plaintext() -> None:
    assert judge(endpoint(HTTP), BOTH, reached("open"), said("tls")).verdict is Verdict.PASS


def test_not_applicable() -> None:
    heard = said("http", status=200)
    unencrypted = service(HTTP, f"https://{HOST}", tls=TlsExpectation.NONE)
    assert judge(endpoint(HTTP), unencrypted, reached(), heard).verdict is Verdict.NOT_APPLICABLE
    assert judge(endpoint(HTTP), service(HTTP), reached(), heard).verdict is Verdict.NOT_APPLICABLE
    assert judge(endpoint(), BOTH, reached(), heard).verdict is Verdict.NOT_APPLICABLE
