"""What the hellos ask together: nothing twice, nothing left out, nothing that an old stack chokes on."""

import pytest

from scanner.wire.tls_hello import encode_hello, legacy_suites, tls13_suites
from scanner.wire.tls_names import Version, suite_name
from scanner.wire.tls_questions import key_hello, version_hellos

RANDOM = bytes(64)
LONGEST_NAME = ".".join(["a" * 63] * 3 + ["b" * 61])


@pytest.mark.parametrize("version", Version)
def test_all_hellos_for_a_version_offer_it_and_differ(version: Version) -> None:
    hellos = version_hellos(version, "a.example", ("h2",))
    assert {hello.version for hello in hellos} == {version}
    assert len(set(hellos)) == len(hellos) >= 2
    for hello in hellos:
        assert len(set(hello.suites)) == len(hello.suites)
        assert len(set(hello.groups)) == len(hello.groups)
        assert len(set(hello.schemes)) == len(hello.schemes)


@pytest.mark.parametrize("version", Version)
def test_all_hellos_fit_into_one_record(version: Version) -> None:
    hellos = [*version_hellos(version, LONGEST_NAME, ("h2", "http/1.1"))]
    hellos += [key_hello(version, key_type, LONGEST_NAME) for key_type in ("rsa", "ecdsa") if version <= 0x0303]
    assert all(len(encode_hello(hello, RANDOM)) <= 5 + (1 << 14) for hello in hellos)


@pytest.mark.parametrize("version", [version for version in Version if version is not Version.TLSv1_3])
def test_refusal_of_all_hellos_is_a_refusal_of_every_suite(version: Version) -> None:
    asked = {code for hello in version_hellos(version, None) for code in hello.suites}
    assert asked == {code for suites in legacy_suites(version) for code in suites}


def test_tls13_is_asked_with_and_without_a_key_share() -> None:
    asks_for_retry, with_share = version_hellos(Version.TLSv1_3, "a.example")
    assert asks_for_retry.key_shares == ()
    assert set(asks_for_retry.suites) == set(tls13_suites())
    assert with_share.key_shares == (29,)
    assert set(with_share.key_shares) <= set(with_share.groups)
    assert with_share.suites == (0x1301, 0x1302, 0x1303, 0x1304, 0x1305)  # RFC 8446 §B.4


@pytest.mark.parametrize("version", Version)
def test_name_is_sent_wherever_there_are_extensions(version: Version) -> None:
    for hello in version_hellos(version, "a.example"):
        assert hello.server_name == (None if version is Version.SSLv3 else "a.example")
        assert (b"a.example" in encode_hello(hello, RANDOM)) is (version is not Version.SSLv3)


@pytest.mark.parametrize("version", Version)
def test_alpn_is_offered_in_the_first_hello_only(version: Version) -> None:
    first, *others = version_hellos(version, None, ("h2",))
    assert first.alpn == (() if version is Version.SSLv3 else ("h2",))
    assert not [hello for hello in others if hello.alpn]


def test_last_hello_is_conservative() -> None:
    plain, _, last = version_hellos(Version.TLSv1_2, None)
    assert set(last.groups) < set(plain.groups)
    assert set(last.schemes) < set(plain.schemes)
    assert last.suites == plain.suites


@pytest.mark.parametrize("version", [Version.SSLv3, Version.TLSv1_0, Version.TLSv1_1, Version.TLSv1_2])
def test_key_hello_offers_every_usable_suite_of_that_key(version: Version) -> None:
    offered = {code for suites in legacy_suites(version) for code in suites}
    for key_type in ("rsa", "ecdsa"):
        hello = key_hello(version, key_type, "a.example")
        assert hello.suites
        assert not [code for code in hello.suites if "EXPORT" in suite_name(code)]
        assert set(hello.suites) <= offered
        assert bool(hello.schemes) is (version is Version.TLSv1_2)
    assert key_hello(version, "rsa", "a.example") != key_hello(version, "ecdsa", "a.example")


def test_every_suite_with_an_rsa_or_ecdsa_key_is_in_one_of_the_key_hellos() -> None:
    keyed = {code for key_type in ("rsa", "ecdsa") for code in key_hello(Version.TLSv1_2, key_type, None).suites}
    usual = legacy_suites(Version.TLSv1_2)[0][:-1]
    without = [suite_name(code) for code in usual if code not in keyed]
    assert not [name for name in without if not name.startswith("TLS_DHE_DSS_")]
