"""CertificateVerify: every scheme with its key, and nothing else; hostile certificates and signatures never raise."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.wire.tls13_proof import proves, signed_content
from tests.wire.tls13_peers import der, signing_key

TRANSCRIPT = bytes(range(32))
Sign = Callable[[str, bytes], bytes]


def pss(digest: hashes.HashAlgorithm) -> Sign:
    def sign(kind: str, content: bytes) -> bytes:
        key = signing_key(kind)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key.sign(content, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)

    return sign


def ecdsa(digest: hashes.HashAlgorithm) -> Sign:
    def sign(kind: str, content: bytes) -> bytes:
        key = signing_key(kind)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key.sign(content, ec.ECDSA(digest))

    return sign


def eddsa(kind: str, content: bytes) -> bytes:
    key = signing_key(kind)
    assert isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
    return key.sign(content)


SCHEMES: dict[int, tuple[str, Sign]] = {
    0x0804: ("rsa", pss(hashes.SHA256())),
    0x0805: ("rsa", pss(hashes.SHA384())),
    0x0806: ("rsa", pss(hashes.SHA512())),
    0x0809: ("rsa", pss(hashes.SHA256())),
    0x080A: ("rsa", pss(hashes.SHA384())),
    0x080B: ("rsa", pss(hashes.SHA512())),
    0x0403: ("p256", ecdsa(hashes.SHA256())),
    0x0503: ("p384", ecdsa(hashes.SHA384())),
    0x0603: ("p521", ecdsa(hashes.SHA512())),
    0x081A: ("bp256", ecdsa(hashes.SHA256())),
    0x081B: ("bp384", ecdsa(hashes.SHA384())),
    0x081C: ("bp512", ecdsa(hashes.SHA512())),
    0x0807: ("ed25519", eddsa),
    0x0808: ("ed448", eddsa),
}
SIGNED = {scheme: sign(kind, signed_content(TRANSCRIPT)) for scheme, (kind, sign) in SCHEMES.items()}


def test_signed_content_of_rfc_8446() -> None:
    """§4.4.3 gives these bytes, for a hash of 32 times 01."""
    expected = "20" * 64 + "544c5320312e332c207365727665722043657274696669636174655665726966790001" + "01" * 31
    assert signed_content(b"\1" * 32).hex() == expected


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_scheme_proves_its_own_key_and_transcript_alone(scheme: int) -> None:
    kind, signature = SCHEMES[scheme][0], SIGNED[scheme]
    assert proves(der(kind), scheme, signature, TRANSCRIPT)
    assert not proves(der(kind), scheme, signature, bytes(32))
    assert not proves(der(kind), scheme, signature[:-1], TRANSCRIPT)
    for other in {other for other, _ in SCHEMES.values()}:
        assert proves(der(other), scheme, signature, TRANSCRIPT) is (other == kind)


@pytest.mark.parametrize("scheme", [0x0401, 0x0203, 0x0905, 0x0000, 0xFFFF])
def test_schemes_that_tls13_signs_no_handshake_with_prove_nothing(scheme: int) -> None:
    key = signing_key("rsa")
    assert isinstance(key, rsa.RSAPrivateKey)
    signature = key.sign(signed_content(TRANSCRIPT), padding.PKCS1v15(), hashes.SHA256())
    assert not proves(der("rsa"), scheme, signature, TRANSCRIPT)


def test_a_curve_that_is_not_the_schemes_proves_nothing() -> None:
    signature = ecdsa(hashes.SHA256())("p384", signed_content(TRANSCRIPT))
    assert not proves(der("p384"), 0x0403, signature, TRANSCRIPT)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(SCHEMES)), st.sampled_from(sorted(SCHEMES)), st.binary(max_size=80))
def test_any_signature_is_no_proof(certified: int, scheme: int, signature: bytes) -> None:
    assert not proves(der(SCHEMES[certified][0]), scheme, signature, TRANSCRIPT)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(sorted(SCHEMES)), st.data())
def test_a_certificate_with_changed_bytes_never_raises(scheme: int, data: st.DataObject) -> None:
    leaf = bytearray(der(SCHEMES[scheme][0]))
    for _ in range(data.draw(st.integers(1, 3))):
        leaf[data.draw(st.integers(0, len(leaf) - 1))] = data.draw(st.integers(0, 255))
    assert proves(bytes(leaf), scheme, SIGNED[scheme], TRANSCRIPT) in {True, False}


@given(st.binary(max_size=200))
def test_any_bytes_for_a_certificate_are_no_proof(leaf: bytes) -> None:
    assert not proves(leaf, 0x0403, SIGNED[0x0403], TRANSCRIPT)
