"""Undoes the records of a TLS 1.3 server, in the clear and encrypted, without I/O (RFC 8446 §5)."""

from scanner.wire.errors import MalformedError
from scanner.wire.tls13_keys import Protection
from scanner.wire.tls_flight import MAX_MESSAGE, MAX_MESSAGES, MAX_RECORDS
from scanner.wire.tls_names import ContentType
from scanner.wire.tls_record import Record, decode_record

MAX_WAITING = 1 << 16
"""Bytes that may come before somebody wants to read them: a server may go on right behind its Finished."""


class Stream:
    """Takes bytes as they come; gives whole handshake messages, alerts, and application data."""

    def __init__(self) -> None:
        self._reading: Protection | None = None
        self._records = self._handled = 0
        self._pending = b""
        self._at = 0
        self._messages = bytearray()

    def read_with(self, protection: Protection) -> None:
        """What follows is encrypted so. Raises MalformedError when a message has begun (RFC 8446 §5.1)."""
        if self._messages:
            raise MalformedError("handshake message across a change of keys")
        self._reading = protection

    def feed(self, data: bytes) -> None:
        """More bytes. Raises MalformedError when too many wait that nobody asks for."""
        waiting = self._pending[self._at :]
        if len(waiting) > MAX_WAITING:
            raise MalformedError(f"{len(waiting)} bytes where nothing was to follow")
        self._pending, self._at = waiting + data, 0

    def next(self) -> tuple[ContentType, bytes] | None:
        """A handshake message with its header, or what is in a record of another type; None when bytes are missing.

        Raises MalformedError.
        """
        while (whole := self._message()) is None:
            decoded = decode_record(self._pending, self._at)
            if decoded is None:
                return None
            record, consumed = decoded
            self._at += consumed
            self._records += 1
            if self._records > MAX_RECORDS:
                raise MalformedError(f"more than {MAX_RECORDS} records in answer to a ClientHello")
            if record.type is ContentType.CHANGE_CIPHER_SPEC:
                if record.fragment != b"\x01":
                    raise MalformedError("change_cipher_spec is one byte")
                continue  # RFC 8446 §5: of no meaning but for middleboxes
            kind, content = self._opened(record)
            if kind is not ContentType.HANDSHAKE:
                return kind, content
            if not content:
                raise MalformedError("empty handshake record")
            self._messages += content
        return ContentType.HANDSHAKE, whole

    def _opened(self, record: Record) -> tuple[ContentType, bytes]:
        if self._reading and record.type is ContentType.APPLICATION_DATA:
            return self._reading.open(record)
        # An alert in the clear is from who could not read the hello, or from something in between
        if record.type is ContentType.ALERT or (record.type is ContentType.HANDSHAKE and not self._reading):
            return record.type, record.fragment
        raise MalformedError(
            f"{record.type.name} record {'in the clear' if self._reading else 'before the ServerHello'}"
        )

    def _message(self) -> bytes | None:
        if len(self._messages) < 4:
            return None
        size = int.from_bytes(self._messages[1:4])
        if size > MAX_MESSAGE:
            raise MalformedError(f"handshake message of {size} bytes")
        if len(self._messages) < 4 + size:
            return None
        self._handled += 1
        if self._handled > MAX_MESSAGES:
            raise MalformedError(f"more than {MAX_MESSAGES} messages in answer to a ClientHello")
        whole = bytes(self._messages[: 4 + size])
        del self._messages[: 4 + size]
        return whole
