"""The server's first flight, read as far as it answers a question, without I/O (RFC 8446 §4, RFC 5246 §7.4).

Theory of operation. Handshake messages may be split over records, and records over segments, or several may share one.
`Flight` therefore takes bytes as they come, undoes the records, gathers the handshake stream and looks at one whole
message at a time. It is `done` with the first of: an alert that ends the handshake; in TLS 1.3 a ServerHello or
HelloRetryRequest (all that follows is encrypted); up to TLS 1.2 the ServerHelloDone. A ServerHello alone is no
acceptance there: some servers send one and then an alert, because no signature algorithm or key fits the version.
"""

from dataclasses import dataclass

from scanner.wire.errors import MalformedError
from scanner.wire.reader import Reader
from scanner.wire.tls_key_exchange import (
    CertificateRequest,
    KeyExchange,
    decode_certificate_request,
    decode_certificate_status,
    decode_key_exchange,
)
from scanner.wire.tls_names import (
    Alert,
    ContentType,
    Extension,
    HandshakeType,
    Version,
    group_name,
    suite_name,
    version_name,
)
from scanner.wire.tls_record import AlertMessage, decode_alert, decode_record

MAX_MESSAGE = 1 << 19
"""Bytes. A Certificate message of 340 KB is among the recordings that Zeek is tested with."""

MAX_RECORDS = 4096
"""Of one flight. A chain of 512 KB takes 32; a million of one byte each would cost a second of CPU."""

MAX_MESSAGES = 256
"""Of one flight: six are usual, and one of no content is four bytes of a record."""

MAX_CERTIFICATES = 100
"""Of one chain: OpenSSL follows none deeper. Each is parsed, hashed and stored, be it empty."""

HELLO_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""RFC 8446 §4.1.3: the random of a HelloRetryRequest, SHA-256 of its name."""


@dataclass(frozen=True)
class ServerHello:
    """A ServerHello or HelloRetryRequest."""

    version: int
    """Negotiated: that of supported_versions where there is one."""
    random: bytes
    session_id: bytes
    suite: int
    compression: int
    extensions: dict[int, bytes]

    @property
    def retry(self) -> bool:
        """Whether it is a HelloRetryRequest."""
        return self.random == HELLO_RETRY

    @property
    def group(self) -> int | None:
        """The group selected in TLS 1.3 (RFC 8446 §4.2.8)."""
        share = self.extensions.get(Extension.KEY_SHARE, b"")
        return int.from_bytes(share[:2]) if len(share) >= 2 else None

    @property
    def alpn(self) -> str | None:
        """The protocol selected (RFC 7301 §3.1); in TLS 1.3 it is encrypted, so None."""
        names = self.extensions.get(Extension.ALPN, b"")
        return names[3 : 3 + names[2]].decode("ascii", "backslashreplace") if len(names) > 3 else None

    def __str__(self) -> str:
        kind = "HelloRetryRequest" if self.retry else "ServerHello"
        return f"{kind} {version_name(self.version)}, {suite_name(self.suite)}"


def decode_server_hello(body: bytes) -> ServerHello:
    """The body of a ServerHello message (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3). Raises MalformedError."""
    reader = Reader(body)
    version, random, session_id = reader.number(2), reader.take(32), reader.vector(1)
    suite, compression = reader.number(2), reader.number(1)
    extensions: dict[int, bytes] = {}
    if reader.left:
        extensions = reader.extensions()
    reader.end()
    chosen = extensions.get(Extension.SUPPORTED_VERSIONS)
    if chosen is not None:
        if len(chosen) != 2:
            raise MalformedError("supported_versions of a ServerHello is one version")
        version = int.from_bytes(chosen)
    return ServerHello(version, random, session_id, suite, compression, extensions)


def encode_server_hello(hello: ServerHello) -> bytes:
    """The body again: `decode_server_hello` undoes it. TLS 1.3 goes into supported_versions, which has to be there."""
    newest = int(Version.TLSv1_2) if Extension.SUPPORTED_VERSIONS in hello.extensions else hello.version
    legacy = min(hello.version, newest)
    listed = b"".join(c.to_bytes(2) + len(data).to_bytes(2) + data for c, data in hello.extensions.items())
    return (
        legacy.to_bytes(2) + hello.random + bytes([len(hello.session_id)]) + hello.session_id
        + hello.suite.to_bytes(2) + bytes([hello.compression])
        + (len(listed).to_bytes(2) + listed if listed else b"")
    )  # fmt: skip


def decode_certificate(body: bytes) -> tuple[bytes, ...]:
    """The DER certificates of a Certificate message up to TLS 1.2, leaf first (RFC 5246 §7.4.2).

    Raises MalformedError.
    """
    outer = Reader(body)
    listed = Reader(outer.vector(3))
    outer.end()
    chain: list[bytes] = []
    while listed.left:
        if len(chain) >= MAX_CERTIFICATES:
            raise MalformedError(f"more than {MAX_CERTIFICATES} certificates")
        chain.append(listed.vector(3))
    return tuple(chain)


def encode_certificate(chain: tuple[bytes, ...]) -> bytes:
    """The body again: `decode_certificate` undoes it."""
    listed = b"".join(len(der).to_bytes(3) + der for der in chain)
    return len(listed).to_bytes(3) + listed


class Flight:
    """What a server answered to one ClientHello; feed it until it is `done`."""

    def __init__(self) -> None:
        self.done = False
        self.hello: ServerHello | None = None
        self.certificates: tuple[bytes, ...] = ()
        self.alert: AlertMessage | None = None
        self.key_exchange = KeyExchange()
        self.certificate_request: CertificateRequest | None = None
        self.staple: bytes | None = None
        """OCSP response."""
        self.resumed = False
        """The server went on with the session that was offered (RFC 5246 §7.3, figure 2)."""
        self._records = self._handled = 0
        self._pending = b""
        self._messages = bytearray()

    def feed(self, data: bytes) -> None:
        """Take bytes as they came. Raises MalformedError when they cannot be a server's first flight."""
        if self.done:
            return
        pending, at = self._pending + data, 0
        while not self.done:
            decoded = decode_record(pending, at)
            if decoded is None:
                break
            record, consumed = decoded
            at += consumed
            self._records += 1
            if self._records > MAX_RECORDS:
                raise MalformedError(f"more than {MAX_RECORDS} records in answer to a ClientHello")
            if record.type is ContentType.ALERT:
                self._take_alert(decode_alert(record.fragment))
            elif record.type is ContentType.HANDSHAKE:
                self._messages += record.fragment
                self._take_messages()
            elif record.type is ContentType.CHANGE_CIPHER_SPEC and self.hello and not self.certificates:
                self.resumed = self.done = True
            else:
                raise MalformedError(f"{record.type.name} record in answer to a ClientHello")
        self._pending = pending[at:]

    def _take_alert(self, alert: AlertMessage) -> None:
        # A warning does not end a handshake (RFC 5246 §7.2): old servers send unrecognized_name and go on.
        if alert.level == 1 and alert.description != Alert.CLOSE_NOTIFY:
            return
        self.alert = alert
        self.done = True

    def _take_messages(self) -> None:
        while not self.done and len(self._messages) >= 4:
            size = int.from_bytes(self._messages[1:4])
            if size > MAX_MESSAGE:
                raise MalformedError(f"handshake message of {size} bytes")
            if len(self._messages) < 4 + size:
                return
            self._handled += 1
            if self._handled > MAX_MESSAGES:
                raise MalformedError(f"more than {MAX_MESSAGES} messages in answer to a ClientHello")
            kind, body = self._messages[0], bytes(self._messages[4 : 4 + size])
            del self._messages[: 4 + size]
            self._take(kind, body)

    def _take(self, kind: int, body: bytes) -> None:
        if self.hello is None:
            if kind != HandshakeType.SERVER_HELLO:
                raise MalformedError(f"handshake message {kind} before the ServerHello")
            self.hello = decode_server_hello(body)
            self.done = self.hello.version >= Version.TLSv1_3 or self.hello.retry
        elif kind == HandshakeType.CERTIFICATE:
            self.certificates = decode_certificate(body)
        elif kind == HandshakeType.SERVER_KEY_EXCHANGE:
            self.key_exchange = decode_key_exchange(body, self.hello.suite, self.hello.version)
        elif kind == HandshakeType.CERTIFICATE_REQUEST:
            self.certificate_request = decode_certificate_request(body, self.hello.version)
        elif kind == HandshakeType.CERTIFICATE_STATUS:
            self.staple = decode_certificate_status(body)
        elif kind == HandshakeType.SERVER_HELLO_DONE:
            self.done = True

    @property
    def accepted(self) -> ServerHello | None:
        """The ServerHello, once the flight is done and unless it ended in an alert."""
        return self.hello if self.done and self.alert is None else None

    @property
    def group_code(self) -> int | None:
        """The group agreed on, where the flight shows it."""
        return self.key_exchange.group or (self.hello.group if self.hello else None)

    @property
    def group(self) -> str | None:
        """Its name."""
        code = self.group_code
        return group_name(code) if code is not None else None

    def __str__(self) -> str:
        if self.alert is not None:
            return f"{self.hello}, then {self.alert}" if self.hello else str(self.alert)
        return str(self.hello)
