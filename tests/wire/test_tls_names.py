"""The registries beside the code are IANA's, and every number has a name to show."""

import csv
from pathlib import Path

import pytest

from scanner.wire import tls_names
from scanner.wire.tls_names import ContentType, Version, alert_name, group_name, scheme_name, suite_name, version_name
from tests.missing import not_run

FACTS = Path(__file__).parents[2].parent / "shared" / "policy-facts" / "data"

REGISTRIES = {
    "cipher_suites": (tls_names.cipher_suites, "code", 16),
    "groups": (tls_names.groups, "id", 10),
    "signature_schemes": (tls_names.signature_schemes, "code", 16),
}
NEVER_REGISTERED = {
    "cipher_suites": {
        *range(0x60, 0x67),  # draft-ietf-tls-56-bit-ciphersuites
        *range(0x80, 0x84),  # GOST
        *(0xFF00, 0xFF01, 0xFF02, 0xFF03, 0xFF85, 0xFF87),
        *(0xCC13, 0xCC14, 0xCC15),  # drafts of ChaCha20
        *(0xFEFE, 0xFEFF, 0xFFE0, 0xFFE1),  # Netscape
    },
    "groups": {0xFE30, 0xFE31, 0xFE32},
    "signature_schemes": {0x0101, 0x0202, 0x0301, 0x0302, 0x0303, 0x0402, 0x0502, 0x0602},
}


@pytest.mark.parametrize("name", REGISTRIES)
def test_registry_is_the_one_the_facts_were_taken_from(name: str) -> None:
    path = FACTS / f"iana_tls_{name}.csv"
    if not path.is_file():
        not_run(f"the copy of IANA's registry of {name}, to compare with, is not beside this checkout")
    read, column, base = REGISTRIES[name]
    with path.open(encoding="ascii", newline="") as lines:
        rows = list(csv.DictReader(lines))
    registered = {int(row[column], base): row["name"].removesuffix(" (OBSOLETE)") for row in rows}  # a remark, no name
    ours = read()
    assert {code: ours.get(code) for code in registered} == registered
    assert ours.keys() - registered.keys() == NEVER_REGISTERED[name]


@pytest.mark.parametrize("name", REGISTRIES)
def test_registry_names_are_unique_and_two_bytes(name: str) -> None:
    registry = dict(REGISTRIES[name][0]())
    if name == "cipher_suites":  # RFC 9189 gave this suite of older GOST stacks a code point of its own
        assert registry.pop(0xFF85) == registry[0xC102]
    assert len(set(registry.values())) == len(registry) > 30
    assert all(0 <= code <= 0xFFFF for code in registry)


def test_numbers_with_a_name() -> None:
    # spelled out from RFC 8446 §B.4, §4.2.7, §6, RFC 5289 §5 and draft-ietf-tls-ecdhe-mlkem
    assert suite_name(0x1301) == "TLS_AES_128_GCM_SHA256"
    assert suite_name(0xC02F) == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    assert group_name(29) == "x25519"
    assert group_name(4588) == "X25519MLKEM768"
    assert alert_name(40) == "handshake_failure (40)"
    assert [scheme_name(code) for code in (0x0804, 0x0401)] == ["rsa_pss_rsae_sha256", "rsa_pkcs1_sha256"]
    # RFC 5246 §7.4.1.4.1: hash and signature of TLS 1.2
    assert [scheme_name(code) for code in (0x0101, 0x0202, 0x0303)] == ["rsa_pkcs1_md5", "dsa_sha1", "ecdsa_sha224"]
    assert [version.label for version in Version] == ["SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
    assert [version_name(version) for version in Version] == [version.label for version in Version]
    assert [kind.value for kind in ContentType] == [20, 21, 22, 23]


def test_numbers_without_a_name_are_shown_as_numbers() -> None:
    assert suite_name(0x0A0A) == "0x0A0A"
    assert group_name(0x0A0A) == "0x0A0A"
    assert scheme_name(0x0A0A) == "0x0A0A"
    assert alert_name(255) == "unassigned (255)"
    assert version_name(0x7F1C) == "0x7F1C"
