"""HTTP of the estate, by the standard library's client."""

import http.client
from typing import Any
from urllib.parse import urlsplit

import pytest


def get(connection: http.client.HTTPConnection, host: str | None = None) -> tuple[int, str | None]:
    connection.request("GET", "/", headers={"Host": host} if host else {})
    response = connection.getresponse()
    response.read()
    location = response.getheader("Location")
    connection.close()
    return response.status, location


@pytest.mark.parametrize("service", ["web-good", "web-old-tls", "web-other-pin", "web-expiring", "web-internet-only"])
def test_https_serves_a_page(running: Any, service: str) -> None:
    context = running.trusting()
    context.check_hostname = False
    connection = http.client.HTTPSConnection(*running.address(service), timeout=5, context=context)
    assert get(connection) == (200, None)


@pytest.mark.parametrize("host", ["good.demo.test", "127.0.0.1", "127.0.0.1:8080", "[::1]:80"])
def test_http_redirects_to_https_on_the_same_host(running: Any, host: str) -> None:
    status, location = get(http.client.HTTPConnection(*running.address("web-redirecting"), timeout=5), host)
    assert status == 301
    assert location is not None
    target = urlsplit(location)
    assert target.scheme == "https"
    assert target.hostname == urlsplit(f"//{host}").hostname
    assert target.port == running.address("web-good")[1]


def test_no_header_is_smuggled_into_the_redirect(running: Any) -> None:
    _, location = get(http.client.HTTPConnection(*running.address("web-redirecting"), timeout=5), "<script>")
    assert location == f"https://127.0.0.1:{running.address('web-good')[1]}/"


@pytest.mark.parametrize("service", ["web-not-redirecting", "web-plaintext-admin"])
def test_http_answers_in_the_clear_where_planted(running: Any, service: str) -> None:
    assert get(http.client.HTTPConnection(*running.address(service), timeout=5)) == (200, None)
