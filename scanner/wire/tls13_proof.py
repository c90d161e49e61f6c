"""Whether a CertificateVerify proves possession of the leaf's key, without I/O (RFC 8446 §4.4.3)."""

import warnings

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from scanner.wire.errors import MalformedError
from scanner.wire.x509 import UNREADABLE, load

_SHA256, _SHA384, _SHA512 = hashes.SHA256(), hashes.SHA384(), hashes.SHA512()

_PSS: dict[int, hashes.HashAlgorithm] = {
    0x0804: _SHA256,  # rsa_pss_rsae_*
    0x0805: _SHA384,
    0x0806: _SHA512,
    0x0809: _SHA256,  # rsa_pss_pss_*
    0x080A: _SHA384,
    0x080B: _SHA512,
}
_ECDSA: dict[int, tuple[str, hashes.HashAlgorithm]] = {
    0x0403: ("secp256r1", _SHA256),
    0x0503: ("secp384r1", _SHA384),
    0x0603: ("secp521r1", _SHA512),
    0x081A: ("brainpoolP256r1", _SHA256),  # RFC 8734 §3
    0x081B: ("brainpoolP384r1", _SHA384),
    0x081C: ("brainpoolP512r1", _SHA512),
}
"""Scheme → the curve it is bound to, and the hash."""


def signed_content(transcript: bytes) -> bytes:
    """What a server signs; `transcript` is the hash of all messages up to its Certificate."""
    return b" " * 64 + b"TLS 1.3, server CertificateVerify\0" + transcript


def proves(certificate: bytes, scheme: int, signature: bytes, transcript: bytes) -> bool:
    """Whether the key of the DER `certificate` made this signature.

    Never raises: False too for a certificate that does not parse, and for a scheme that is unknown, no scheme of
    TLS 1.3, or none of this key.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _verify(load(certificate).public_key(), scheme, signature, signed_content(transcript))
    except (*UNREADABLE, OverflowError, InvalidSignature):
        return False
    return True


def _verify(key: CertificatePublicKeyTypes, scheme: int, signature: bytes, content: bytes) -> None:
    """Raises InvalidSignature, MalformedError when key and scheme do not go together, and as cryptography does."""
    if isinstance(key, rsa.RSAPublicKey) and scheme in _PSS:
        digest = _PSS[scheme]
        key.verify(signature, content, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    elif isinstance(key, ec.EllipticCurvePublicKey) and scheme in _ECDSA:
        curve, digest = _ECDSA[scheme]
        if key.curve.name != curve:
            raise MalformedError(f"signature scheme of {curve} with a key of {key.curve.name}")
        key.verify(signature, content, ec.ECDSA(digest))
    elif (isinstance(key, ed25519.Ed25519PublicKey) and scheme == 0x0807) or (
        isinstance(key, ed448.Ed448PublicKey) and scheme == 0x0808
    ):
        key.verify(signature, content)
    else:
        raise MalformedError(f"no way to verify scheme 0x{scheme:04X} with this key")
