"""Certificates of the estate, as the standard library's TLS and cryptography see them."""

import base64
import hashlib
import socket
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CERTIFICATE_DEFECTS = {
    # OpenSSL's X509_V_ERR_… (openssl-verification-options): what a client that checks everything says.
    "certificate-expired": 10,
    "certificate-not-yet-valid": 9,
    "name-not-covered": 62,
    "chain-not-trusted": 18,
    "chain-incomplete": 20,
}

IMPLICIT_TLS = [
    "web-good",
    "web-old-tls",
    "web-expired",
    "web-not-yet-valid",
    "web-expiring",
    "web-wrong-name",
    "web-self-signed",
    "web-no-intermediate",
    "web-small-key",
    "web-sha1",
    "web-other-subject",
    "web-other-issuer",
    "web-other-pin",
    "web-internet-only",
    "web-unencrypted-suite",
    "web-weak-prime",
    "web-unbound-sessions",
]
SPOILT = {"web-compressing", "web-unsafe-renegotiation", "web-answers-unasked"}
"""Servers with which not everybody can shake hands: `test_broken.py` is theirs."""


def shake_hands(running: Any, service: str, context: ssl.SSLContext) -> tuple[str | None, x509.Certificate]:
    """Version and leaf of one handshake."""
    with (
        socket.create_connection(running.address(service), timeout=5) as connection,
        context.wrap_socket(connection, server_hostname=running.server_name(service)) as secured,
    ):
        served = secured.getpeercert(binary_form=True)
        assert served is not None
        return secured.version(), x509.load_der_x509_certificate(served)


def blind() -> ssl.SSLContext:
    """A client that takes everything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def test_no_https_service_is_forgotten(running: Any) -> None:
    declared = {
        name
        for name, service in running.services.items()
        if service["endpoints"][0]["url"].startswith("https") and len(service["endpoints"]) == 1
    }
    assert declared == {*IMPLICIT_TLS, *SPOILT, "web-gone"}


@pytest.mark.parametrize("service", IMPLICIT_TLS)
def test_a_strict_client_finds_exactly_the_planted_defect(running: Any, service: str) -> None:
    (code,) = [CERTIFICATE_DEFECTS[rule] for rule in running.planted[service] if rule in CERTIFICATE_DEFECTS] or [0]
    context = running.trusting()
    if service in {"web-small-key", "web-sha1"}:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    if not code:
        shake_hands(running, service, context)
        return
    with pytest.raises(ssl.SSLCertVerificationError) as refused:
        shake_hands(running, service, context)
    assert refused.value.verify_code == code


@pytest.mark.parametrize("service", IMPLICIT_TLS)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_current_versions_are_spoken_everywhere(running: Any, service: str, version: ssl.TLSVersion) -> None:
    context = blind()
    context.minimum_version = context.maximum_version = version
    assert shake_hands(running, service, context)[0] == version.name.replace("_", ".")


@pytest.mark.parametrize("service", [name for name in IMPLICIT_TLS if name != "web-small-key"])
def test_keys_and_signatures(running: Any, service: str) -> None:
    _, leaf = shake_hands(running, service, blind())
    key = leaf.public_key()
    assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
    assert key.key_size == (2048 if isinstance(key, rsa.RSAPublicKey) else 256)
    assert leaf.signature_hash_algorithm is not None
    weak = "signature-too-weak" in running.planted[service]
    assert leaf.signature_hash_algorithm.name == ("sha1" if weak else "sha256")


def test_the_small_key_is_small_and_otherwise_sound(running: Any) -> None:
    _, leaf = shake_hands(running, "web-small-key", blind())
    key = leaf.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 1024


@pytest.mark.parametrize(("suite", "kind"), [("aRSA", rsa.RSAPublicKey), ("aECDSA", ec.EllipticCurvePublicKey)])
def test_the_sound_server_has_a_chain_of_each_type(running: Any, suite: str, kind: type) -> None:
    context = running.trusting()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"ECDHE+{suite}+AESGCM")
    _, leaf = shake_hands(running, "web-good", context)
    assert isinstance(leaf.public_key(), kind)


def test_one_certificate_expires_soon_and_no_other(running: Any) -> None:
    for service in IMPLICIT_TLS:
        _, leaf = shake_hands(running, service, blind())
        left = leaf.not_valid_after_utc - datetime.now(UTC)
        lifetime = leaf.not_valid_after_utc - leaf.not_valid_before_utc
        assert lifetime == timedelta(days=90)
        rules = running.planted[service]
        if "certificate-expiring" in rules:
            assert timedelta(days=2) < left < timedelta(days=4)
        elif "certificate-expired" not in rules:
            assert left > timedelta(days=80)


def test_declared_subject_issuer_and_pin(running: Any) -> None:
    for service in IMPLICIT_TLS:
        declared = running.services[service]["certificate"]
        _, leaf = shake_hands(running, service, blind())
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        rules = running.planted[service]
        if "subject" in declared:
            there = declared["subject"] in names.get_values_for_type(x509.DNSName)
            assert there != ("subject-not-as-declared" in rules)
        if "issuer" in declared:
            there = x509.Name.from_rfc4514_string(declared["issuer"]) == leaf.issuer
            assert there != ("issuer-not-as-declared" in rules)
        if "pins" in declared:
            spki = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            pin = "sha256/" + base64.b64encode(hashlib.sha256(spki).digest()).decode()
            assert (pin in declared["pins"]) != ("pin-not-matched" in rules)
    declaring = {key for service in IMPLICIT_TLS for key in running.services[service]["certificate"]}
    assert declaring == {"subject", "issuer", "pins", "trust"}


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("service", IMPLICIT_TLS)
def test_tls_1_0_is_accepted_where_planted_and_refused_with_an_alert_elsewhere(running: Any, service: str) -> None:
    host, port = running.address(service)
    command = ["openssl", "s_client", "-connect", f"{host}:{port}", "-tls1", "-cipher", "DEFAULT:@SECLEVEL=0"]
    said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False)
    if "tls-version-below-minimum" in running.planted[service]:
        assert "Protocol  : TLSv1\n" in said.stdout
        assert "Cipher is (NONE)" not in said.stdout
    else:
        assert "Cipher is (NONE)" in said.stdout
        assert "alert protocol version" in said.stderr
