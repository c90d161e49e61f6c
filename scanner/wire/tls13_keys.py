"""The key schedule and the record protection of TLS 1.3, without I/O (RFC 8446 §5.2, §7)."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

from scanner.wire.errors import MalformedError
from scanner.wire.tls_names import ContentType, Version, suite_name
from scanner.wire.tls_record import Record, encode_record

Aead = AESGCM | AESCCM | ChaCha20Poly1305

IV_SIZE = 12
"""Bytes; of every suite here (RFC 8446 §5.3)."""


@dataclass(frozen=True)
class Suite:
    """A cipher suite: its hash, which also makes the keys, and its cipher (RFC 8446 §B.4)."""

    hash_name: str
    size: int
    """Of the hash and of every secret, in bytes."""
    key_size: int
    aead: Callable[[bytes], Aead]
    tag_size: int = 16

    def hash(self, data: bytes | memoryview) -> bytes:
        """Of a transcript, mostly."""
        return hashlib.new(self.hash_name, data).digest()

    def extract(self, salt: bytes, material: bytes) -> bytes:
        """HKDF-Extract (RFC 5869 §2.2)."""
        return hmac.digest(salt, material, self.hash_name)

    def expand(self, secret: bytes, label: str, context: bytes, size: int) -> bytes:
        """HKDF-Expand-Label (RFC 8446 §7.1), for no more than one hash: nothing in TLS 1.3 is longer."""
        name = b"tls13 " + label.encode("ascii")
        info = size.to_bytes(2) + bytes([len(name)]) + name + bytes([len(context)]) + context
        return hmac.digest(secret, info + b"\x01", self.hash_name)[:size]

    def verify_data(self, secret: bytes, transcript: bytes) -> bytes:
        """What a Finished message or a binder says (RFC 8446 §4.4.4); `transcript` is a hash."""
        return hmac.digest(self.expand(secret, "finished", b"", self.size), transcript, self.hash_name)


SUITES = {
    0x1301: Suite("sha256", 32, 16, AESGCM),
    0x1302: Suite("sha384", 48, 32, AESGCM),
    0x1303: Suite("sha256", 32, 32, ChaCha20Poly1305),
    0x1304: Suite("sha256", 32, 16, AESCCM),
    0x1305: Suite("sha256", 32, 16, partial(AESCCM, tag_length=8), 8),
}
"""By code point."""


def suite_of(code: int) -> Suite:
    """Raises MalformedError for a suite that is not of RFC 8446."""
    try:
        return SUITES[code]
    except KeyError:
        raise MalformedError(f"no way to decrypt {suite_name(code)}") from None


class KeySchedule:
    """Early Secret, then Handshake Secret, then Master Secret: each `advance` leads to the next (RFC 8446 §7.1)."""

    def __init__(self, suite: Suite, psk: bytes = b"") -> None:
        self.suite = suite
        self.secret = suite.extract(bytes(suite.size), psk or bytes(suite.size))

    def derive(self, label: str, transcript: bytes) -> bytes:
        """Derive-Secret; `transcript` is a hash."""
        return self.suite.expand(self.secret, label, transcript, self.suite.size)

    def advance(self, material: bytes = b"") -> None:
        """To the next secret; `material` is the secret of the key exchange, or empty."""
        salt = self.derive("derived", self.suite.hash(b""))
        self.secret = self.suite.extract(salt, material or bytes(self.suite.size))


class Protection:
    """Seals or opens the records of one direction, from one traffic secret (RFC 8446 §5.2)."""

    def __init__(self, suite: Suite, secret: bytes) -> None:
        self.key = suite.expand(secret, "key", b"", suite.key_size)
        self.iv = suite.expand(secret, "iv", b"", IV_SIZE)
        self._tag_size = suite.tag_size
        self._aead = suite.aead(self.key)
        self._nonce = int.from_bytes(self.iv)
        self._count = 0

    def _next_nonce(self) -> bytes:
        nonce = self._nonce ^ self._count
        self._count += 1
        return nonce.to_bytes(IV_SIZE)

    def seal(self, kind: ContentType, content: bytes) -> bytes:
        """The encrypted record as it goes over the wire."""
        header = b"\x17\x03\x03" + (len(content) + 1 + self._tag_size).to_bytes(2)
        sealed = self._aead.encrypt(self._next_nonce(), content + bytes([kind]), header)
        return encode_record(Record(ContentType.APPLICATION_DATA, Version.TLSv1_2, sealed))

    def open(self, record: Record) -> tuple[ContentType, bytes]:
        """The type and the content of an encrypted record. Raises MalformedError."""
        header = bytes([record.type]) + record.version.to_bytes(2) + len(record.fragment).to_bytes(2)
        try:
            inner = self._aead.decrypt(self._next_nonce(), record.fragment, header).rstrip(b"\0")
        except (InvalidTag, ValueError):
            raise MalformedError("record does not decrypt") from None
        if not inner:
            raise MalformedError("record without a content type")
        try:
            return ContentType(inner[-1]), inner[:-1]
        except ValueError:
            raise MalformedError(f"encrypted record of type {inner[-1]}") from None
