"""Key shares of TLS 1.3, made and agreed on, without I/O (RFC 8446 §4.2.8, §7.4; RFC 7919)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives.asymmetric import dh, ec, x448, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scanner.wire.errors import MalformedError

_CURVES: dict[int, ec.EllipticCurve] = {23: ec.SECP256R1(), 24: ec.SECP384R1(), 25: ec.SECP521R1()}

_FFDHE = {256: (2048, 560316), 257: (3072, 2625351), 258: (4096, 5736041), 259: (6144, 15705020), 260: (8192, 10965728)}
"""Group → bits, and the number that makes the prime safe (RFC 7919 appendix A)."""

SHARE_GROUPS = (29, 23, 24, 25, 30, *_FFDHE)
"""What `make_share` can make: x25519, secp256r1, secp384r1, secp521r1, x448, ffdhe2048 to ffdhe8192."""


@dataclass(frozen=True, eq=False)
class KeyShare:
    """One group's private key, kept, and public key, to be sent as it is in `key_share`."""

    group: int
    public: bytes
    _exchange: Callable[[bytes], bytes] = field(repr=False)

    def secret(self, peer: bytes) -> bytes:
        """The secret shared with whoever sent this public key. Raises MalformedError when it is no key of the group."""
        try:
            return self._exchange(peer)
        except ValueError as error:  # cryptography says so of points off the curve and of secrets that are all zero
            raise MalformedError(f"key share of group {self.group}: {error}") from error


def make_share(group: int) -> KeyShare:
    """A fresh key pair. Raises ValueError for a group that is not among SHARE_GROUPS."""
    if group == 29:
        return x25519_share(x25519.X25519PrivateKey.generate())
    if group == 30:
        return _x448_share(x448.X448PrivateKey.generate())
    if group in _CURVES:
        return _curve_share(group, ec.generate_private_key(_CURVES[group]))
    if group in _FFDHE:
        return _ffdhe_share(group, _parameters(group).generate_private_key())
    raise ValueError(f"no key share can be made for group {group}")


def x25519_share(key: x25519.X25519PrivateKey) -> KeyShare:
    """The share of a key that exists already."""

    def exchange(peer: bytes) -> bytes:
        return key.exchange(x25519.X25519PublicKey.from_public_bytes(peer))

    return KeyShare(29, key.public_key().public_bytes_raw(), exchange)


def _x448_share(key: x448.X448PrivateKey) -> KeyShare:
    def exchange(peer: bytes) -> bytes:
        return key.exchange(x448.X448PublicKey.from_public_bytes(peer))

    return KeyShare(30, key.public_key().public_bytes_raw(), exchange)


def _curve_share(group: int, key: ec.EllipticCurvePrivateKey) -> KeyShare:
    def exchange(peer: bytes) -> bytes:
        if peer[:1] != b"\x04":
            raise ValueError("not an uncompressed point")  # RFC 8446 §4.2.8.2
        return key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(key.curve, peer))

    return KeyShare(group, key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint), exchange)


def _ffdhe_share(group: int, key: dh.DHPrivateKey) -> KeyShare:
    size = _FFDHE[group][0] // 8

    def exchange(peer: bytes) -> bytes:
        value = int.from_bytes(peer)
        if len(peer) != size or not 1 < value < ffdhe_prime(group) - 1:
            raise ValueError("not a number between 1 and p - 1")  # RFC 8446 §4.2.8.1
        secret = key.exchange(dh.DHPublicNumbers(value, _numbers(group)).public_key())
        return secret.rjust(size, b"\0")  # RFC 8446 §7.4.1

    return KeyShare(group, key.public_key().public_numbers().y.to_bytes(size), exchange)


@cache
def ffdhe_prime(group: int) -> int:
    """The prime of ffdhe2048 (256) to ffdhe8192 (260); the generator is 2 (RFC 7919 appendix A).

    Each is 2^b - 2^(b-64) + (⌊2^(b-130) e⌋ + X) 2^64 - 1, with e = 2.718… Raises KeyError for any other group.
    """
    bits, makes_safe = _FFDHE[group]
    # e = Σ 1/k!, with 64 bits to spare for what each division drops
    total, term, k = 0, 1 << (bits - 130 + 64), 0
    while term:
        total += term
        k += 1
        term //= k
    digits = total >> 64
    return (1 << bits) - (1 << (bits - 64)) + ((digits + makes_safe) << 64) - 1


@cache
def _numbers(group: int) -> dh.DHParameterNumbers:
    return dh.DHParameterNumbers(ffdhe_prime(group), 2)


@cache
def _parameters(group: int) -> dh.DHParameters:
    return _numbers(group).parameters()
