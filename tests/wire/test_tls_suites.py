"""The suites that each version is offered: all of the registry, once, best first."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.tls_names import FALLBACK_SCSV, Version, cipher_suites, suite_name
from scanner.wire.tls_suites import every_suite, legacy_suites, reversed_order, tls13_suites

OLD = [version for version in Version if Version.SSLv2 < version < Version.TLSv1_3]


@pytest.mark.parametrize("version", OLD)
def test_suites_are_offered_once(version: Version) -> None:
    usual, rest = legacy_suites(version)
    assert len(set(usual)) == len(usual)
    assert len(set(rest)) == len(rest)
    assert set(usual) & set(rest) == {0x00FF}  # RFC 5746 §3.3, at the end of both
    assert usual[-1] == rest[-1] == 0x00FF
    assert FALLBACK_SCSV not in {*usual, *rest}


def test_both_lists_cover_every_suite_of_the_registry() -> None:
    offered = {code for suites in legacy_suites(Version.TLSv1_2) for code in suites}
    with_ = {code for code, name in cipher_suites().items() if "_WITH_" in name}
    assert with_ - offered == {0x0000}  # TLS_NULL_WITH_NULL_NULL is no offer (RFC 5246 §A.5)
    assert offered - with_ == {0x00FF}
    assert {*offered, *tls13_suites(), 0, FALLBACK_SCSV} == cipher_suites().keys()


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("version", [Version.SSLv3, Version.TLSv1_0, Version.TLSv1_1])
def test_suites_before_tls12_are_those_that_openssl_has_there(version: Version) -> None:
    listed = subprocess.run(
        ["openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    offered = {code for suites in legacy_suites(version) for code in suites}
    seen = 0
    for line in listed.splitlines():
        number, _, name, _, _, since, *_ = line.split()
        code = int(number.replace("0x", "").replace(",", ""), 16)
        assert suite_name(code) == name
        assert (code in offered) is (since in {"SSLv3", "TLSv1"}), name
        seen += 1
    assert seen > 100


@pytest.mark.parametrize("version", [Version.SSLv3, Version.TLSv1_0, Version.TLSv1_1])
def test_no_suite_before_tls12_is_one_that_needs_it(version: Version) -> None:
    names = {suite_name(code) for suites in legacy_suites(version) for code in suites}
    # RFC 5246 §1.2: authenticated encryption; RFC 5246 §A.5, RFC 5289: CBC with SHA-2, but for PSK (RFC 5487 §3)
    aead = ("GCM", "CCM", "POLY1305", "MGM", "OCB")
    assert not [name for name in names if any(mode in name for mode in aead)]
    assert not [name for name in names if name.endswith(("SHA256", "SHA384")) and "_PSK_" not in name]


def test_everyday_suites_come_best_first() -> None:
    usual = [suite_name(code) for code in legacy_suites(Version.TLSv1_2)[0]]
    assert "_ECDHE_" in usual[0]
    assert usual[0].endswith(("_GCM_SHA256", "_GCM_SHA384", "_POLY1305_SHA256"))
    first_static = next(at for at, name in enumerate(usual) if name.startswith("TLS_RSA_"))
    assert not [name for name in usual[first_static:] if "DHE_" in name]


@pytest.mark.parametrize("version", OLD)
def test_every_suite_is_offered_at_every_version_and_the_usual_ones_of_it_first(version: Version) -> None:
    every, usual = every_suite(version), legacy_suites(version)[0][:-1]
    assert len(set(every)) == len(every)
    assert set(every) == {code for code, name in cipher_suites().items() if "_WITH_" in name} - {0}
    assert every[: len(usual)] == usual


def test_every_suite_of_tls13_is_one_of_its_own() -> None:
    every = every_suite(Version.TLSv1_3)
    assert every == tls13_suites()
    assert every[:5] == (0x1301, 0x1302, 0x1303, 0x1304, 0x1305)
    assert {0x1306, 0x1307, 0xC0B4, 0xC0B5, 0x00C6, 0x00C7} <= set(every)  # AEGIS, RFC 9150, RFC 8998
    assert not set(every) & set(every_suite(Version.TLSv1_2))


@given(st.lists(st.sampled_from(sorted(cipher_suites())), unique=True).map(tuple))
def test_reversed_order_is_another_order_of_the_same_suites(suites: tuple[int, ...]) -> None:
    other = reversed_order(suites)
    assert sorted(other) == sorted(suites)
    chacha = [code for code in other if "CHACHA20" in suite_name(code)]
    assert other[: len(chacha)] == tuple(chacha)
    rest = [code for code in suites if code not in chacha]
    assert list(other[len(chacha) :]) == rest[::-1]
