"""Names of suites, groups and schemes for commands are those of OpenSSL itself."""

import subprocess

import pytest

from scanner.wire.openssl_names import openssl_group, openssl_scheme, openssl_suite
from scanner.wire.tls_hello import CLASSICAL_GROUPS, SIGNATURE_SCHEMES, TLS13_SCHEMES
from scanner.wire.tls_names import cipher_suites, suite_name

needs_openssl = pytest.mark.needs("openssl")


def openssl(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *command], capture_output=True, text=True, check=False)


@needs_openssl
def test_every_suite_that_openssl_has_is_called_what_it_calls_it() -> None:
    lines = openssl("ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0").stdout.splitlines()
    named = {}
    for line in lines:
        number, _, standard, _, name, *_ = line.split()
        code = int(number.replace("0x", "").replace(",", ""), 16)
        assert suite_name(code) == standard
        named[code] = name
    assert len(named) > 150
    assert {code: openssl_suite(code) for code in named} == named


def test_suites_that_newer_builds_have_not() -> None:
    # from `openssl ciphers -V` of 1.0.1
    assert openssl_suite(0x0003) == "EXP-RC4-MD5"
    assert openssl_suite(0x0008) == "EXP-DES-CBC-SHA"
    assert openssl_suite(0x0009) == "DES-CBC-SHA"
    assert openssl_suite(0x0005) == "RC4-SHA"
    assert openssl_suite(0x000A) == "DES-CBC3-SHA"


def test_every_suite_has_a_name_of_its_own() -> None:
    names = [openssl_suite(code) for code in cipher_suites() if code != 0xFF85]  # RFC 9189 registered it once more
    assert len(set(names)) == len(names)
    assert openssl_suite(0x1301) == "TLS_AES_128_GCM_SHA256"
    assert openssl_suite(0x0A0A) == "0x0A0A"


@needs_openssl
def test_openssl_takes_the_names_of_groups() -> None:
    known = openssl("ecparam", "-list_curves").stdout
    for code in CLASSICAL_GROUPS:
        name = openssl_group(code)
        if code in {23, 24, 25, 29, 30, 256, 257, 258, 259, 260} or f" {name} " in known or f" {name}:" in known:
            taken = openssl("s_server", "-groups", name, "-accept", "nowhere:0", "-nocert")
            assert "SSL_CONF_cmd" not in taken.stderr, name
    assert openssl_group(4588) == "X25519MLKEM768"


@needs_openssl
def test_openssl_takes_the_names_of_schemes() -> None:
    for code in SIGNATURE_SCHEMES:
        name = openssl_scheme(code)
        if code in TLS13_SCHEMES and code >= 0x081A:
            continue  # Brainpool for TLS 1.3 and ML-DSA came with 3.2 and 3.5
        taken = openssl("s_server", "-sigalgs", name, "-accept", "nowhere:0", "-nocert")
        assert "SSL_CONF_cmd" not in taken.stderr, name
    refused = openssl("s_server", "-sigalgs", "rsa_pss_nonsense", "-accept", "nowhere:0", "-nocert")
    assert "SSL_CONF_cmd" in refused.stderr  # or else this test would notice nothing
