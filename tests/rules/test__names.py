"""`scanner.rules._names`: host names against certificates (RFC 9525), distinguished names (RFC 4514)."""

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import assume, given
from hypothesis import strategies as st

from scanner import registry
from scanner.rules._names import OWN_ENCRYPTION, common_name, covers, dn_parts, has_https_twin, host_form, spells
from tests.rules.make import endpoint, service

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
NAME = st.lists(LABEL, min_size=2, max_size=5).map(".".join).filter(lambda name: not name.replace(".", "").isdigit())

# X.520 ends them at 64 bytes; one space alone cryptography writes as a backslash that is escaped, and a space
VALUE = st.text(st.characters(codec="utf-8"), min_size=1, max_size=16).filter(lambda text: text != " ")


@given(NAME)
def test_a_name_covers_itself_in_any_case(name: str) -> None:
    assert covers(name, name)
    assert covers(name.upper(), name)
    assert covers(name, name.upper() + ".")


@given(NAME, LABEL, LABEL)
def test_wildcard_stands_for_exactly_one_label(parent: str, label: str, second: str) -> None:
    assert covers(f"*.{parent}", f"{label}.{parent}")
    assert not covers(f"*.{parent}", parent)
    assert not covers(f"*.{parent}", f".{parent}")
    assert not covers(f"*.{parent}", f"{second}.{label}.{parent}")
    assert not covers(f"{label}*.{parent}", f"{label}{second}.{parent}")
    assert not covers(f"{label}.*.{parent}", f"{label}.{second}.{parent}")
    assert not covers(f"*.*.{parent}", f"{label}.{second}.{parent}")


@given(NAME, NAME)
def test_different_names_do_not_cover_each_other(one: str, other: str) -> None:
    assume(one != other)
    assert not covers(one, other)


@given(st.text(), st.text())
def test_any_text_is_decided(presented: str, reference: str) -> None:
    assert covers(presented, reference) in (True, False)


@given(st.ip_addresses(v=6))
def test_addresses_are_compared_by_value(address: object) -> None:
    exploded = address.exploded
    assert spells(exploded, str(address))
    assert spells(str(address), exploded.upper())
    assert not spells(f"{exploded}.", str(address))


def test_address_is_never_a_wildcard() -> None:
    assert not covers("*.0.0.1", "10.0.0.1")
    assert covers("fe80::1", "fe80::1%eth0")
    assert not covers("10.0.0.1", "10.0.0.2")


def test_empty_names_cover_nothing() -> None:
    assert not covers("", "")
    assert not covers("*", "localhost")
    assert not covers("*.", "localhost.")
    assert not spells("", ".")


def test_host_form_of_what_idna_refuses() -> None:
    assert host_form("ü" * 80 + ".Example") == "ü" * 80 + ".example"
    assert host_form("BÜCHER.Example.") == "xn--bcher-kva.example"


def test_presented_name_is_not_normalised() -> None:
    assert not spells("ⓔxample.com", "example.com")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", set()),
        ("CN=a", {("cn", "a")}),
        ("cn = a , O= B  c ", {("cn", "a"), ("o", "b c")}),
        ("CN=a+UID=b,DC=x,DC=y", {("cn", "a"), ("uid", "b"), ("dc", "x"), ("dc", "y")}),
        (r"O=Acme\, Inc\.", {("o", "acme, inc.")}),
        (r"O=B\C3\BCcher", {("o", "bücher")}),
        (r"O=\2C\5C\22", {("o", ',\\"')}),
        ("O=a=b", {("o", "a=b")}),
        ("OID.2.5.4.3=a,2.5.4.10=b", {("cn", "a"), ("o", "b")}),
        ("1.2.840.113549.1.9.1=x@y,E=x@y,emailAddress=x@y", {("emailaddress", "x@y")}),
        ("1.2.3=#0401", {("1.2.3", "#0401")}),
        ("CN=", {("cn", "")}),
    ],
)
def test_dn_parts(text: str, parts: set[tuple[str, str]]) -> None:
    assert dn_parts(text) == parts


@pytest.mark.parametrize("text", ["a", "CN=a,", ",CN=a", "CN=a,,O=b", "=a", "CN=a\\", "CN=a,b", " "])
def test_no_distinguished_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"ATTRIBUTE=VALUE|escape"):
        dn_parts(text)


@given(st.text())
def test_any_text_is_a_name_or_an_error(text: str) -> None:
    try:
        dn_parts(text)
    except ValueError:
        return


@given(VALUE, VALUE)
def test_reads_what_cryptography_writes(common: str, organisation: str) -> None:
    written = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, common), x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)]
    ).rfc4514_string()
    assert dn_parts(written) == {common_name(common), ("o", common_name(organisation)[1])}


def test_https_twin() -> None:
    at = endpoint("http://bücher.example:80")
    assert has_https_twin(at, service("https://xn--bcher-kva.example"))
    assert has_https_twin(at, service("http://x.example", "https://bücher.example:8443"))
    assert not has_https_twin(at, service("http://bücher.example", "https://x.example", "https://"))


def test_what_judges_encryption_without_tls_exists() -> None:
    assert set(OWN_ENCRYPTION) <= set(registry.identifiers("protocols"))
    assert set(OWN_ENCRYPTION.values()) <= set(registry.identifiers("rules"))
