"""The weaknesses of every name in the registry, against what the registry's own words say."""

import re
import subprocess
from typing import get_args

import pytest

from scanner.wire.suite_weaknesses import WEAKNESSES, Weakness, suites_with, weaknesses
from scanner.wire.tls_names import SSLV2_CIPHERS, cipher_suites
from scanner.wire.tls_suites import tls13_suites

NAMES = sorted({*cipher_suites().values(), *SSLV2_CIPHERS.values()})


def of(kind: str) -> set[str]:
    return {name for name in NAMES if kind in weaknesses(name)}


def with_part(*parts: str) -> set[str]:
    return {name for name in NAMES if any(part in name for part in parts)}


def test_every_kind_is_explained_and_occurs() -> None:
    assert tuple(WEAKNESSES) == get_args(Weakness)
    for kind in WEAKNESSES:
        assert of(kind) == suites_with(frozenset({kind}))
        assert of(kind), kind


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("export", ("EXPORT",)),
        ("rc4", ("RC4",)),
        ("rc2", ("RC2",)),
        ("idea", ("IDEA",)),
        ("md5", ("MD5",)),
        ("3des", ("3DES", "EDE3")),
        ("cbc", ("_CBC_",)),
    ],
)
def test_a_part_of_the_name_tells(kind: str, parts: tuple[str, ...]) -> None:
    assert of(kind) == with_part(*parts)


def test_without_authentication() -> None:
    assert of("anonymous") == with_part("_anon_") | {"TLS_NULL_WITH_NULL_NULL"}


def test_without_encryption() -> None:
    integrity_only = {"TLS_SHA256_SHA256", "TLS_SHA384_SHA384"}  # RFC 9150
    assert of("null") == with_part("_WITH_NULL_") | integrity_only


def test_des_is_not_3des() -> None:
    assert of("des") == with_part("WITH_DES_", "DES40", "CK_DES_64", "RC4_64")
    assert not of("des") & of("3des")


def test_forward_secrecy() -> None:
    for name in NAMES:
        ephemeral = "DHE_" in name or "_anon" in name or "_DHE" in name.partition("_WITH_")[0]
        static = bool(weaknesses(name) & {"static-rsa", "static-dh"})
        if ephemeral:
            assert not static, name
        elif name.startswith(("TLS_RSA_WITH", "TLS_RSA_PSK", "TLS_DH_", "TLS_ECDH_", "SSL_", "TLS_GOST")):
            assert static, name
    assert of("dhe") == {name for name in NAMES if "_DHE_" in name or "_DH_anon" in name}
    assert not of("dhe") & with_part("ECDHE")


@pytest.mark.parametrize("name", [name for name in NAMES if "_ECDHE_" in name])
def test_elliptic_curves_with_authenticated_encryption_are_sound(name: str) -> None:
    if any(mode in name for mode in ("_GCM_", "_CCM", "_POLY1305_")):
        assert weaknesses(name) == frozenset()


def test_tls_1_3_is_sound_but_for_integrity_alone() -> None:
    names = [cipher_suites()[code] for code in tls13_suites()]
    assert {name for name in names if weaknesses(name)} == {"TLS_SHA256_SHA256", "TLS_SHA384_SHA384"}


@pytest.mark.parametrize("name", SSLV2_CIPHERS.values())
def test_nothing_of_ssl_2_is_sound(name: str) -> None:
    found = weaknesses(name)
    assert "static-rsa" in found
    assert found & {"rc4", "rc2", "idea", "des", "3des"}
    assert ("export" in found) is ("EXPORT40" in name)


def test_a_name_without_meaning_says_nothing() -> None:
    assert weaknesses("0x1234") == weaknesses("") == weaknesses("TLS_FALLBACK_SCSV") == frozenset()


@pytest.mark.needs("openssl")
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
