"""Likely slips are warned of, and nothing that is usual."""

from typing import Any

import pytest

from scanner import registry
from scanner.declared import DeclaredEndpoint, Inventory, Service, Source, TlsExpectation
from scanner.inventory.slips import likely_slips
from scanner.protocols import protocol

HERE = Source("site.yaml", 7)


def slips(*urls: str, zones: tuple[str, ...] = (), **more: Any) -> list[str]:
    endpoints = tuple(DeclaredEndpoint(url=url) for url in urls)
    found = list(
        likely_slips(
            Inventory(name="x", zones=zones, services=(Service(id="S", endpoints=endpoints, source=HERE, **more),))
        )
    )
    assert all(at == HERE for at, _ in found)
    return [message for _, message in found]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ldaps://a.example:686", "common misprint, ldaps is registered at 636"),
        ("https://a.example:80", "TLS is declared on the port of http, which is spoken in plaintext"),
        ("imaps://a.example:143", "TLS is declared on the port of imap"),
        ("tls://a.example:389", "TLS is declared on the port of ldap"),
        ("http://a.example:443", "http is declared on the port of https, which begins with TLS"),
        ("imap://a.example:993", "imap is declared on the port of imaps"),
        ("submission://a.example:465", "submission is declared on the port of smtps"),
    ],
)
def test_a_slip(url: str, words: str) -> None:
    (message,) = slips(url)
    assert message.startswith(f"S: {url}: ")
    assert words in message


@pytest.mark.parametrize("scheme", [one for one in registry.identifiers("protocols") if protocol(one).port])
def test_its_own_port_is_no_slip(scheme: str) -> None:
    assert slips(f"{scheme}://a.example", f"{scheme}://b.example:{protocol(scheme).port}") == []


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example:8443",
        "http://a.example:8080",
        "imap://a.example:144",
        "tcp://a.example:443",
        "ldap://a.example:3268",
        *("tls://a.example:11211", "tls://a.example:1433"),  # memcached -Z, TDS 8.0
    ],
)
def test_another_port_is_no_slip(url: str) -> None:
    assert slips(url) == []


def test_a_boundary_that_nobody_draws() -> None:
    assert slips("https://a.example", zones=("internet",)) == [
        "S: no zone is named in reachable_from, so its boundary is not judged"
    ]
    assert slips("https://a.example", zones=("internet",), reachable_from=("internet",)) == []


def test_none_expected_of_what_is_declared_with_tls() -> None:
    assert "tls: none" in slips("https://a.example", tls=TlsExpectation.NONE)[0]
    assert slips("https://a.example", "http://a.example", tls=TlsExpectation.NONE) == []
    assert slips("http://a.example", tls=TlsExpectation.NONE) == []
