"""The first two messages of SSL 2.0, without I/O (K. Hickman, The SSL Protocol, 1995, §5.5 and §C).

Forbidden by RFC 6176 and gone from every current library, which is why it is made by hand here: a server that speaks it
lists all its ciphers in one answer.
"""

from dataclasses import dataclass

from scanner.wire.errors import MalformedError
from scanner.wire.reader import Reader
from scanner.wire.tls_names import SSLV2_CIPHERS, ContentType, Version
from scanner.wire.tls_record import AlertMessage, decode_alert, decode_record

_CLIENT_HELLO, _SERVER_HELLO, _ERROR = 1, 4, 0
_VERSION = 0x0002


@dataclass(frozen=True)
class Sslv2Hello:
    """A CLIENT-HELLO of SSL 2.0 that offers `ciphers`."""

    ciphers: tuple[int, ...] = tuple(SSLV2_CIPHERS)
    version = Version.SSLv2

    def __str__(self) -> str:
        return f"SSL 2.0 CLIENT-HELLO, {len(self.ciphers)} ciphers"


@dataclass(frozen=True)
class Sslv2ServerHello:
    """A SERVER-HELLO."""

    certificate: bytes
    """DER; empty with a session that is resumed."""
    ciphers: tuple[int, ...]
    """CIPHER-KINDs that both sides have."""


def encode_sslv2_hello(hello: Sslv2Hello, challenge: bytes) -> bytes:
    """The record. `challenge`: 16 to 32 bytes."""
    ciphers = b"".join(cipher.to_bytes(3) for cipher in hello.ciphers)
    lengths = b"".join(length.to_bytes(2) for length in (len(ciphers), 0, len(challenge)))
    body = bytes([_CLIENT_HELLO]) + _VERSION.to_bytes(2) + lengths + ciphers + challenge
    return (0x8000 | len(body)).to_bytes(2) + body


def encode_sslv2_server_hello(hello: Sslv2ServerHello) -> bytes:
    """The record: `Sslv2Flight` undoes it."""
    ciphers = b"".join(cipher.to_bytes(3) for cipher in hello.ciphers)
    lengths = b"".join(length.to_bytes(2) for length in (len(hello.certificate), len(ciphers), 16))
    head = bytes([_SERVER_HELLO, 0, 1]) + _VERSION.to_bytes(2) + lengths
    body = head + hello.certificate + ciphers + bytes(16)
    return (0x8000 | len(body)).to_bytes(2) + body


class Sslv2Flight:
    """What a server answered; feed it until it is `done`."""

    def __init__(self) -> None:
        self.done = False
        self.hello: Sslv2ServerHello | None = None
        self.alert: AlertMessage | None = None
        """Of a server that speaks TLS only."""
        self.error: int | None = None
        """ERROR-CODE of an SSL 2.0 error (JSSE sends one, and speaks no SSL 2.0)."""
        self._data = b""

    def feed(self, data: bytes) -> None:
        """Take bytes as they came. Raises MalformedError when they are no answer to a CLIENT-HELLO."""
        if self.done:
            return
        self._data += data
        if self._data:
            if self._data[0] & 0x80:
                self._take_record()
            else:
                self._take_alert()

    def _take_record(self) -> None:
        if len(self._data) < 2:
            return
        size = int.from_bytes(self._data[:2]) & 0x7FFF
        if size < 3:
            raise MalformedError(f"SSL 2.0 record of {size} bytes")
        if len(self._data) > 2 and self._data[2] not in (_SERVER_HELLO, _ERROR):
            raise MalformedError(f"SSL 2.0 message {self._data[2]} in answer to a CLIENT-HELLO")
        if len(self._data) < 2 + size:
            return
        reader = Reader(self._data[2 : 2 + size])
        if reader.number(1) == _ERROR:
            self.error = reader.number(2)
            self.done = True
            return
        reader.take(2)  # session_id_hit, certificate type
        if (version := reader.number(2)) != _VERSION:
            raise MalformedError(f"SERVER-HELLO of version 0x{version:04X}")
        sizes = [reader.number(2) for _ in range(3)]
        certificate, ciphers = reader.take(sizes[0]), Reader(reader.take(sizes[1]))
        reader.take(sizes[2])  # connection ID
        reader.end()
        kinds: list[int] = []
        while ciphers.left:
            kinds.append(ciphers.number(3))
        self.hello = Sslv2ServerHello(certificate, tuple(kinds))
        self.done = True

    def _take_alert(self) -> None:
        decoded = decode_record(self._data)
        if decoded is None:
            return
        record, _ = decoded
        if record.type is not ContentType.ALERT:
            raise MalformedError(f"TLS {record.type.name} record in answer to an SSL 2.0 CLIENT-HELLO")
        self.alert = decode_alert(record.fragment)
        self.done = True

    @property
    def accepted(self) -> bool:
        """Whether there is a cipher that both sides have."""
        return self.hello is not None and bool(self.hello.ciphers)

    def __str__(self) -> str:
        if self.hello is not None:
            names = (SSLV2_CIPHERS.get(code, f"0x{code:06X}") for code in self.hello.ciphers)
            return f"SSL 2.0 SERVER-HELLO, {', '.join(names) or 'no cipher'}"
        return str(self.alert) if self.alert is not None else f"SSL 2.0 error {self.error}"
