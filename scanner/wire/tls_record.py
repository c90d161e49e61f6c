"""TLS records and alerts, without I/O (RFC 8446 §5.1, RFC 5246 §6.2, RFC 6101 §5.2)."""

from dataclasses import dataclass

from scanner.wire.errors import MalformedError
from scanner.wire.tls_names import ContentType, alert_name

MAX_FRAGMENT = 2**14 + 2048
"""RFC 5246 §6.2.3: the longest a ciphertext fragment may be."""


@dataclass(frozen=True)
class Record:
    """One TLSPlaintext."""

    type: ContentType
    version: int
    fragment: bytes


@dataclass(frozen=True)
class AlertMessage:
    """RFC 8446 §6."""

    level: int
    description: int

    def __str__(self) -> str:
        return f"alert {alert_name(self.description)}"


def encode_record(record: Record) -> bytes:
    """The record as it goes over the wire. Raises ValueError for a fragment that is too long."""
    if len(record.fragment) > MAX_FRAGMENT:
        raise ValueError(f"fragment of {len(record.fragment)} bytes")
    return bytes([record.type]) + record.version.to_bytes(2) + len(record.fragment).to_bytes(2) + record.fragment


def decode_record(data: bytes, at: int = 0) -> tuple[Record, int] | None:
    """The record of `data` that starts at `at`, and its length; None when more bytes are needed.

    Raises MalformedError as soon as the bytes cannot be a TLS record, which tells a plaintext protocol at once.
    """
    available = len(data) - at
    if available < 1:
        return None
    try:
        kind = ContentType(data[at])
    except ValueError:
        raise MalformedError("not a TLS record") from None
    if available >= 2 and data[at + 1] != 3:
        raise MalformedError("not a TLS record")
    if available < 5:
        return None
    length = int.from_bytes(data[at + 3 : at + 5])
    if length > MAX_FRAGMENT:
        raise MalformedError(f"TLS record of {length} bytes")
    if length == 0 and kind is not ContentType.APPLICATION_DATA:
        raise MalformedError("empty TLS record")  # RFC 8446 §5.1; an endless row of them would cost time for nothing
    if available < 5 + length:
        return None
    return Record(kind, int.from_bytes(data[at + 1 : at + 3]), bytes(data[at + 5 : at + 5 + length])), 5 + length


def encode_alert(alert: AlertMessage, version: int = 0x0303) -> bytes:
    """The alert in a record of its own."""
    return encode_record(Record(ContentType.ALERT, version, bytes([alert.level, alert.description])))


def decode_alert(fragment: bytes) -> AlertMessage:
    """The alert in a plaintext record's fragment. Raises MalformedError when it is not two bytes (RFC 8446 §5.1)."""
    if len(fragment) != 2:
        raise MalformedError(f"alert of {len(fragment)} bytes")
    return AlertMessage(fragment[0], fragment[1])
