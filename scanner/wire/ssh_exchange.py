"""SSH's key exchange up to the server's signature, without I/O (RFC 4253 §8, RFC 5656 §4, RFC 8268, RFC 8731)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from hashlib import new

from cryptography.hazmat.primitives.asymmetric import dh

from scanner.wire.errors import MalformedError
from scanner.wire.reader import Reader
from scanner.wire.ssh import Message, mpint, string
from scanner.wire.tls13_shares import make_share

_CURVES = {
    "curve25519-sha256": (29, "sha256"),
    "curve25519-sha256@libssh.org": (29, "sha256"),
    "ecdh-sha2-nistp256": (23, "sha256"),
    "ecdh-sha2-nistp384": (24, "sha384"),
    "ecdh-sha2-nistp521": (25, "sha512"),
    "curve448-sha512": (30, "sha512"),
}
"""Method → group as in TLS, hash."""
_FIELDS = {
    "diffie-hellman-group14-sha256": (2048, "sha256"),
    "diffie-hellman-group15-sha512": (3072, "sha512"),
    "diffie-hellman-group16-sha512": (4096, "sha512"),
    "diffie-hellman-group14-sha1": (2048, "sha1"),
    "diffie-hellman-group1-sha1": (1024, "sha1"),
}
"""Method → bits of the prime, hash."""
METHODS = (*_CURVES, *_FIELDS)
"""That `begin` knows, the cheapest for both sides first."""

_MAKES_SAFE = {1024: 129093, 2048: 124476, 3072: 1690314, 4096: 240904}
"""Bits → the number that makes the prime safe (RFC 2409 §6.2; RFC 3526 §3 to §5)."""


@dataclass(frozen=True, eq=False)
class Share:
    """The client's half of an exchange."""

    method: str
    public: bytes
    """A curve's public key, or the `mpint` of a field's."""
    _agree: Callable[[bytes], int] = field(repr=False)

    @property
    def message(self) -> bytes:
        """The payload of SSH_MSG_KEXDH_INIT or SSH_MSG_KEX_ECDH_INIT."""
        return bytes([Message.KEXDH_INIT]) + string(self.public)

    def hashed(self, said: Iterable[bytes], reply: "Reply") -> bytes:
        """The exchange hash, which the server has signed.

        `said`: both identification strings and both KEXINIT payloads, each time the client's first. Raises
        MalformedError when the server's half is no key.
        """
        parts = (*said, reply.host_key, self.public, reply.public, mpint(self._agree(reply.public)))
        return new(hash_of(self.method), b"".join(map(string, parts))).digest()


@dataclass(frozen=True)
class Reply:
    """The server's half, with what proves whose it is."""

    host_key: bytes
    public: bytes
    signature: bytes


def hash_of(method: str) -> str:
    """The hash of one of the METHODS, as hashlib calls it."""
    return (_CURVES | _FIELDS)[method][1]


def begin(method: str) -> Share:
    """A fresh half of an exchange. Raises KeyError for a method that is not among METHODS."""
    if method in _CURVES:
        share = make_share(_CURVES[method][0])
        return Share(method, share.public, lambda peer: int.from_bytes(share.secret(peer)))
    numbers = dh.DHParameterNumbers(prime(_FIELDS[method][0]), 2)
    key = numbers.parameters().generate_private_key()

    def agree(peer: bytes) -> int:
        value = int.from_bytes(peer, signed=True)
        if not 1 < value < numbers.p - 1:
            raise MalformedError("a public value that is not between 1 and p - 1")  # RFC 4253 §8
        try:
            return int.from_bytes(key.exchange(dh.DHPublicNumbers(value, numbers).public_key()))
        except ValueError as error:
            raise MalformedError("a public value that is of no use") from error

    return Share(method, mpint(key.public_key().public_numbers().y), agree)


def decode_reply(payload: bytes) -> Reply:
    """Read SSH_MSG_KEXDH_REPLY or SSH_MSG_KEX_ECDH_REPLY. Raises MalformedError."""
    reader = Reader(payload)
    if reader.number(1) != Message.KEXDH_REPLY:
        raise MalformedError(f"message {payload[0]} instead of the key exchange's reply")
    reply = Reply(reader.vector(4), reader.vector(4), reader.vector(4))
    reader.end()
    return reply


@cache
def prime(bits: int) -> int:
    """The prime of RFC 2409's second group (1024 bits), or of RFC 3526; the generator is 2.

    Each is 2^b - 2^(b-64) - 1 + 2^64 (⌊2^(b-130) π⌋ + X). Raises KeyError for any other size.
    """
    digits = 4 * (4 * _arctan(5, bits) - _arctan(239, bits)) >> 64  # Machin: π/4 = 4 arctan 1/5 - arctan 1/239
    return (1 << bits) - (1 << (bits - 64)) - 1 + ((digits + _MAKES_SAFE[bits]) << 64)


def _arctan(inverse: int, bits: int) -> int:
    """⌊2^(b-130+64) arctan 1/x⌋, give or take: 64 bits to spare for what each division drops."""
    power = (1 << (bits - 130 + 64)) // inverse
    total, k = 0, 1
    while power:
        total += power // k if k % 4 == 1 else -(power // k)
        power //= inverse * inverse
        k += 2
    return total
