"""Hellos of newer clients: the same offer with what no server knows, which OpenSSL ignores."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.tls_hello import Hello, encode_hello
from scanner.wire.tls_names import Extension, Version, cipher_suites, groups, signature_schemes
from scanner.wire.tls_offered import not_offered
from scanner.wire.tls_questions import offering, version_hellos
from scanner.wire.tls_tolerance import FUTURE, GREASE, has_grease, of_the_future, with_grease
from tests.wire.test_tls_flight import fed
from tests.wire.test_tls_hello import RANDOM, Fields, hello_values
from tests.wire.tls13_peers import OpenSsl, openssl_context

SPOKEN = [Version.TLSv1_0, Version.TLSv1_1, Version.TLSv1_2, Version.TLSv1_3]


def test_reserved_values_are_those_of_the_rfc_and_registered_nowhere() -> None:
    assert len(set(GREASE)) == len(GREASE)
    for value in GREASE:
        assert (value >> 8, value & 0x0F) == (value & 0xFF, 0x0A)  # RFC 8701 §2
        assert value not in cipher_suites().keys() | groups().keys() | signature_schemes().keys()
    assert max(Version) < FUTURE


@given(hello_values)
def test_grease_is_added_and_nothing_taken_away(hello: Hello) -> None:
    greased = with_grease(hello)
    assert has_grease(greased)
    assert [code for code in greased.suites if code not in GREASE] == [c for c in hello.suites if c not in GREASE]
    assert greased.offered_versions >= hello.offered_versions
    before, after = (Fields(encode_hello(each, RANDOM)) for each in (hello, greased))
    assert (after.version, after.session_id, after.compression) == (
        before.version, before.session_id, before.compression,
    )  # fmt: skip
    if hello.version is not Version.SSLv3:
        padding = {Extension.PADDING} if hello.padded else set()  # as much longer, it may have become one to pad
        kept = {code for code, _ in before.extensions} | padding
        assert {code for code, _ in after.extensions} - kept == {0x0A0A, 0x1A1A}


@pytest.mark.parametrize("version", SPOKEN)
def test_no_question_has_grease_by_itself(version: Version) -> None:
    assert not [hello for hello in (*version_hellos(version), offering(version)) if has_grease(hello)]


@pytest.mark.parametrize("version", SPOKEN)
def test_openssl_answers_as_it_does_without(version: Version) -> None:
    hello = offering(version)
    plain, greased = (
        fed(OpenSsl(openssl_context("rsa")).answer(encode_hello(each, RANDOM, "a.example")))
        for each in (hello, with_grease(hello))
    )
    assert plain.accepted is not None
    assert greased.accepted is not None
    assert (greased.accepted.suite, greased.group) == (plain.accepted.suite, plain.group)
    assert greased.accepted.version == version
    assert not_offered(with_grease(hello), greased) == ()


@pytest.mark.parametrize("version", SPOKEN[:3])
def test_openssl_negotiates_down_from_the_future(version: Version) -> None:
    hello = of_the_future(offering(version))
    assert Fields(encode_hello(hello, RANDOM)).version == 0x0305
    flight = fed(OpenSsl(openssl_context("rsa")).answer(encode_hello(hello, RANDOM)))
    assert flight.accepted is not None
    assert flight.accepted.version == Version.TLSv1_2
    assert flight.accepted.version in hello.offered_versions


@given(st.sampled_from(SPOKEN[:3]))
def test_the_future_changes_the_version_alone(version: Version) -> None:
    hello = offering(version)
    before, after = (encode_hello(each, RANDOM) for each in (hello, of_the_future(hello)))
    assert after[9:11] == b"\x03\x05"
    assert after[11:] == before[11:]
