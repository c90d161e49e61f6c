"""Weaknesses that a suite's name tells are those that OpenSSL lists in other columns."""

import re
import shutil
import subprocess

import pytest

from scanner.wire.suite_weaknesses import WEAKNESSES, suites_with, weaknesses
from scanner.wire.tls_names import SSLV2_CIPHERS, cipher_suites


@pytest.mark.skipif(shutil.which("openssl") is None, reason="not run: comparison with `openssl ciphers`, not installed")
def test_openssl_sees_the_same() -> None:
    command = ["openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) > 100
    for line in lines:
        _, _, name, _, _, version, *columns = line.split()
        is_ = dict(column.split("=", 1) for column in columns)
        block = re.match(r"(AES|Camellia|ARIA|SEED|3DES|DES|IDEA|RC2)\(", is_["Enc"]) is not None
        expected = {
            "null": is_["Enc"] == "None",
            "anonymous": is_["Au"] == "None",
            "rc4": is_["Enc"].startswith("RC4"),
            "des": is_["Enc"].startswith("DES("),
            "rc2": is_["Enc"].startswith("RC2"),
            "md5": is_["Mac"] == "MD5",
            "3des": is_["Enc"].startswith("3DES"),
            "idea": is_["Enc"].startswith("IDEA"),
            "static-rsa": is_["Kx"] in {"RSA", "RSAPSK"},
            "dhe": is_["Kx"] in {"DH", "DHEPSK"} and version != "TLSv1.3",
            "cbc": block and is_["Mac"] != "AEAD",
        }
        assert weaknesses(name) == {kind for kind, applies in expected.items() if applies}, name


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("TLS_AES_128_GCM_SHA256", set()),
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", set()),
        ("0x0A0A", set()),
        ("TLS_SHA256_SHA256", {"null"}),
        ("TLS_NULL_WITH_NULL_NULL", {"null", "anonymous"}),
        ("TLS_RSA_WITH_RC4_128_MD5", {"static-rsa", "rc4", "md5"}),
        ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", {"static-rsa", "3des", "cbc"}),
        ("TLS_RSA_EXPORT_WITH_DES40_CBC_SHA", {"static-rsa", "export", "des", "cbc"}),
        ("TLS_DH_anon_WITH_AES_128_CBC_SHA", {"anonymous", "dhe", "cbc"}),
        ("TLS_ECDH_anon_WITH_NULL_SHA", {"anonymous", "null"}),
        ("TLS_ECDH_RSA_WITH_AES_128_CBC_SHA", {"static-dh", "cbc"}),
        ("TLS_DH_DSS_EXPORT_WITH_DES40_CBC_SHA", {"static-dh", "export", "des", "cbc"}),
        ("TLS_PSK_DHE_WITH_AES_128_CCM_8", {"dhe"}),
        ("SSL_CK_RC4_128_WITH_MD5", {"static-rsa", "rc4", "md5"}),
        ("SSL_CK_RC4_128_EXPORT40_WITH_MD5", {"static-rsa", "rc4", "md5", "export"}),
        ("SSL_CK_RC2_128_CBC_WITH_MD5", {"static-rsa", "rc2", "md5", "cbc"}),
        ("SSL_CK_IDEA_128_CBC_WITH_MD5", {"static-rsa", "idea", "md5", "cbc"}),
        ("SSL_CK_DES_64_CBC_WITH_SHA", {"static-rsa", "des", "cbc"}),
        ("SSL_CK_DES_192_EDE3_CBC_WITH_MD5", {"static-rsa", "3des", "md5", "cbc"}),
    ],
)
def test_suites_that_newer_builds_have_not(name: str, kinds: set[str]) -> None:
    assert weaknesses(name) == kinds


def test_every_weakness_is_explained_and_some_suite_has_it() -> None:
    names = {*cipher_suites().values(), *SSLV2_CIPHERS.values()}
    assert {kind for name in names for kind in weaknesses(name)} == WEAKNESSES.keys()
    for kind in WEAKNESSES:
        assert suites_with(frozenset({kind})) == {name for name in names if kind in weaknesses(name)}
    assert suites_with(frozenset()) == set()
    assert set(SSLV2_CIPHERS.values()) <= suites_with(frozenset({"static-rsa"}))
