"""A TLS 1.3 client that listens, without I/O: all that a server says to one ClientHello (RFC 8446 §4).

Theory of operation. The ServerHello is the only message in the clear. With the private key of the share it chose, the
keys of all that follows are at hand (`tls13_keys`), so that one connection shows the EncryptedExtensions, whether a
certificate is requested, the chain with what is stapled to it, and the proof that the server has the key. Certificates
are bytes here: one that does not parse is as good as any, but proves nothing. `Handshake` is `done` with the first of:
the server's Finished, an alert, a HelloRetryRequest, a ServerHello of another version. Only after a Finished, `finish`
gives what the client has to say, and `feed` goes on with what servers send to a client that is in: tickets, or the
alert that its empty Certificate was not enough.
"""

import hmac
from collections.abc import Callable, Collection, Sequence

from scanner.wire.errors import MalformedError
from scanner.wire.reader import Reader
from scanner.wire.tls13_keys import KeySchedule, Protection, Suite, suite_of
from scanner.wire.tls13_messages import (
    CertificateRequest,
    Ticket,
    decode_certificate_request,
    decode_certificate_verify,
    decode_certificates,
    decode_encrypted_extensions,
    decode_ticket,
    encode_message,
)
from scanner.wire.tls13_proof import proves
from scanner.wire.tls13_shares import KeyShare
from scanner.wire.tls13_stream import Stream
from scanner.wire.tls_flight import ServerHello, decode_server_hello
from scanner.wire.tls_names import Alert, ContentType, Extension, HandshakeType, Version, group_name
from scanner.wire.tls_record import AlertMessage, Record, decode_alert, encode_record

_CHANGE_CIPHER_SPEC = encode_record(Record(ContentType.CHANGE_CIPHER_SPEC, Version.TLSv1_2, b"\x01"))
_NO_CERTIFICATE = b"\0\0\0"
_CLOSE_NOTIFY = b"\x01\0"
"""RFC 8446 §6.1."""


class Handshake:
    """What a server answers to one ClientHello; feed it until it is `done`.

    `client_hello` is the handshake message without its record header, `shares` are the keys whose public halves it
    has, and `psk` is the ticket that it offers, if any.
    """

    def __init__(self, client_hello: bytes, shares: Sequence[KeyShare], *, psk: Ticket | None = None) -> None:
        self.done = False
        self.finished = False
        """Whether the server's Finished was read, and is right."""
        self.hello: ServerHello | None = None
        self.alert: AlertMessage | None = None
        self.extensions: dict[int, bytes] = {}
        """EncryptedExtensions by code point."""
        self.certificate_request: CertificateRequest | None = None
        self.certificates: tuple[bytes, ...] = ()
        """DER, leaf first; empty when `resumed`."""
        self.entry_extensions: tuple[dict[int, bytes], ...] = ()
        """Of each certificate: status_request (5), signed_certificate_timestamp (18), …"""
        self.scheme: int | None = None
        """Of the CertificateVerify."""
        self.proven = False
        """Whether the CertificateVerify was made with the leaf's key: never, when `resumed`."""
        self.resumed = False
        self.tickets: tuple[Ticket, ...] = ()
        self.application_bytes = 0
        """How many bytes of application data came after `finish`."""
        self._shares = {share.group: share for share in shares}
        self._psk = psk
        self._transcript = bytearray(client_hello)
        self._expected: Collection[HandshakeType] = (HandshakeType.SERVER_HELLO,)
        self._suite: Suite
        self._schedule: KeySchedule
        self._stream = Stream()
        self._early_secret = self._client_secret = self._server_secret = b""
        self._resumption_secret = self._application_secret = b""
        self._stopped = False

    @property
    def alpn(self) -> str | None:
        """The protocol selected (RFC 7301 §3.1)."""
        names = self.extensions.get(Extension.ALPN, b"")
        return names[3 : 3 + names[2]].decode("ascii", "backslashreplace") if len(names) > 3 else None

    def feed(self, data: bytes) -> None:
        """Take bytes as they came; those behind the server's Finished wait for `finish`. Raises MalformedError."""
        if self.alert or (self.done and not self.finished):
            return  # that was all there is to read
        self._stream.feed(data)
        while not self._stopped and (read := self._stream.next()):
            kind, content = read
            if kind is ContentType.HANDSHAKE:
                if not self._resumption_secret:
                    self._transcript += content
                self._take(content[0], content[4:])
            elif kind is ContentType.ALERT:
                self._take_alert(decode_alert(content))
            elif kind is ContentType.APPLICATION_DATA and self._resumption_secret:
                self.application_bytes += len(content)
            else:
                raise MalformedError(f"encrypted {kind.name} record of {len(content)} bytes")

    def _take_alert(self, alert: AlertMessage) -> None:
        # RFC 8446 §6: levels have no meaning in TLS 1.3, and user_canceled is followed by the alert that counts. What
        # comes before the hello may be of an older version, where a warning ends nothing.
        warning = alert.level == 1 and alert.description != Alert.CLOSE_NOTIFY
        if alert.description == Alert.USER_CANCELED or (warning and self.hello is None):
            return
        self.alert = alert
        self.done = self._stopped = True

    def _take(self, kind: int, body: bytes) -> None:
        if kind not in self._expected:
            raise MalformedError(f"handshake message {kind}, not {' or '.join(one.name for one in self._expected)}")
        takers: dict[int, Callable[[bytes], None]] = {
            HandshakeType.SERVER_HELLO: self._take_hello,
            HandshakeType.ENCRYPTED_EXTENSIONS: self._take_extensions,
            HandshakeType.CERTIFICATE_REQUEST: self._take_request,
            HandshakeType.CERTIFICATE: self._take_certificate,
            HandshakeType.CERTIFICATE_VERIFY: self._take_verify,
            HandshakeType.FINISHED: self._take_finished,
            HandshakeType.NEW_SESSION_TICKET: self._take_ticket,
            HandshakeType.KEY_UPDATE: self._take_update,
        }
        takers[kind](body)

    def _take_hello(self, body: bytes) -> None:
        self.hello = hello = decode_server_hello(body)
        if hello.version != Version.TLSv1_3 or hello.retry:
            self.done = self._stopped = True
            return
        self._suite = suite_of(hello.suite)
        self._schedule = KeySchedule(self._suite, self._selected_psk(hello))
        self._early_secret = self._schedule.derive("c e traffic", self._hash(without=body))
        self._schedule.advance(self._shared_secret(hello))
        self._client_secret = self._schedule.derive("c hs traffic", self._hash())
        self._server_secret = self._schedule.derive("s hs traffic", self._hash())
        self._stream.read_with(Protection(self._suite, self._server_secret))
        self._expected = (HandshakeType.ENCRYPTED_EXTENSIONS,)

    def _selected_psk(self, hello: ServerHello) -> bytes:
        selected = hello.extensions.get(Extension.PRE_SHARED_KEY)
        if selected is None:
            return b""
        if self._psk is None or selected != b"\0\0" or suite_of(self._psk.suite).hash_name != self._suite.hash_name:
            raise MalformedError("pre_shared_key that was not offered")
        self.resumed = True
        return self._psk.psk

    def _shared_secret(self, hello: ServerHello) -> bytes:
        reader = Reader(hello.extensions.get(Extension.KEY_SHARE, b""))
        group, peer = reader.number(2), reader.vector(2)
        reader.end()
        if group not in self._shares:
            raise MalformedError(f"key share of {group_name(group)}, which was not offered")
        return self._shares[group].secret(peer)

    def _take_extensions(self, body: bytes) -> None:
        self.extensions = decode_encrypted_extensions(body)
        unproven = (HandshakeType.CERTIFICATE_REQUEST, HandshakeType.CERTIFICATE)
        self._expected = (HandshakeType.FINISHED,) if self.resumed else unproven

    def _take_request(self, body: bytes) -> None:
        self.certificate_request = decode_certificate_request(body)
        self._expected = (HandshakeType.CERTIFICATE,)

    def _take_certificate(self, body: bytes) -> None:
        self.certificates, self.entry_extensions = decode_certificates(body)
        self._expected = (HandshakeType.CERTIFICATE_VERIFY,)

    def _take_verify(self, body: bytes) -> None:
        self.scheme, signature = decode_certificate_verify(body)
        leaf = self.certificates[0] if self.certificates else b""
        self.proven = proves(leaf, self.scheme, signature, self._hash(without=body))
        self._expected = (HandshakeType.FINISHED,)

    def _take_finished(self, body: bytes) -> None:
        if not hmac.compare_digest(body, self._suite.verify_data(self._server_secret, self._hash(without=body))):
            raise MalformedError("Finished does not verify")
        self._schedule.advance()
        self._server_secret = self._schedule.derive("s ap traffic", self._hash())
        self._application_secret = self._schedule.derive("c ap traffic", self._hash())
        self._stream.read_with(Protection(self._suite, self._server_secret))
        self._expected = ()
        self.finished = self.done = self._stopped = True

    def finish(self) -> bytes:
        """The records to send after the server's Finished: an empty Certificate if one was requested, and Finished.

        From then on `feed` reads what follows, beginning with what it has already: `feed(b"")` looks at that alone.
        Raises ValueError unless `finished`, or when called again.
        """
        if not self.finished or self._resumption_secret:
            raise ValueError("no server's Finished to answer")
        sent = _CHANGE_CIPHER_SPEC
        if Extension.EARLY_DATA in self.extensions:  # RFC 8446 §4.5: accepted, though there was none
            sent += self._say(Protection(self._suite, self._early_secret), HandshakeType.END_OF_EARLY_DATA)
        writing = Protection(self._suite, self._client_secret)
        if self.certificate_request:
            context = self.certificate_request.context
            sent += self._say(writing, HandshakeType.CERTIFICATE, bytes([len(context)]) + context + _NO_CERTIFICATE)
        sent += self._say(writing, HandshakeType.FINISHED, self._suite.verify_data(self._client_secret, self._hash()))
        self._resumption_secret = self._schedule.derive("res master", self._hash())
        self._expected = (HandshakeType.NEW_SESSION_TICKET, HandshakeType.KEY_UPDATE)
        self._stopped = False
        return sent

    def close(self) -> bytes:
        """The record to send last, after `finish`: some servers forget the sessions of clients that leave without it.

        Raises ValueError before `finish`.
        """
        if not self._resumption_secret:
            raise ValueError("no handshake to close")
        return Protection(self._suite, self._application_secret).seal(ContentType.ALERT, _CLOSE_NOTIFY)

    def _say(self, writing: Protection, kind: HandshakeType, body: bytes = b"") -> bytes:
        whole = encode_message(kind, body)
        self._transcript += whole
        return writing.seal(ContentType.HANDSHAKE, whole)

    def _take_ticket(self, body: bytes) -> None:
        if self.hello:
            ticket = decode_ticket(body, self.hello.suite, self._suite, self._resumption_secret)
            self.tickets = (*self.tickets, ticket)

    def _take_update(self, body: bytes) -> None:
        if len(body) != 1:
            raise MalformedError("KeyUpdate is one byte")
        self._server_secret = self._suite.expand(self._server_secret, "traffic upd", b"", self._suite.size)
        self._stream.read_with(Protection(self._suite, self._server_secret))

    def _hash(self, *, without: bytes | None = None) -> bytes:
        """Of the messages so far; `without` is the body of the last, to leave that message out."""
        end = len(self._transcript) - (4 + len(without) if without is not None else 0)
        return self._suite.hash(memoryview(self._transcript)[:end])
