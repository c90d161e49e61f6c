"""TLS as a client on a connection of ours, by pyOpenSSL over memory BIOs: whatever is said from then on is encrypted.

To talk with what stands behind TLS, in TLS 1.0 to 1.3. What the server negotiates, and whether its chain is good, is
asked and judged elsewhere; here nothing is verified. The OpenSSL is the one in cryptography's wheel: the same on every
host.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache

from OpenSSL import SSL

from scanner.model import AskFailedError, FailureKind
from scanner.net.dial import Connection
from scanner.wire.text import printable

CHUNK = 1 << 14
_CONTENT_TYPES = range(20, 25)
"""RFC 8446 §5.1, and heartbeat (RFC 6520): the first byte of whatever is TLS."""


class DeclinedError(AskFailedError):
    """The server ended TLS with an alert: that is an answer."""


@cache
def client_context(*, newest: int = SSL.TLS1_3_VERSION, tickets: bool = True) -> SSL.Context:
    """A few contexts for the whole scan: building one costs more than a handshake."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_VERSION)
    context.set_max_proto_version(newest)
    context.set_verify(SSL.VERIFY_NONE)  # the chain is a fact, gathered and judged elsewhere
    context.set_cipher_list(b"ALL:@SECLEVEL=0")
    # OP_ALL pads hellos of 256 bytes (RFC 7685), among others
    context.set_options(SSL.OP_LEGACY_SERVER_CONNECT | SSL.OP_ALL | SSL.OP_NO_RENEGOTIATION)
    if not tickets:
        context.set_options(SSL.OP_NO_TICKET)
    return context


def client(context: SSL.Context, server_name: str | None) -> SSL.Connection:
    """A client's side that asks for this name (SNI), or for none."""
    tls = SSL.Connection(context, None)
    tls.set_connect_state()
    if server_name:
        tls.set_tlsext_host_name(server_name.encode("ascii" if server_name.isascii() else "idna"))
    return tls


def drained(tls: SSL.Connection) -> bytes:
    """What OpenSSL wants sent."""
    data = b""
    with suppress(SSL.WantReadError):
        while True:
            data += tls.bio_read(CHUNK)
    return data


async def shake_hands(tls: SSL.Connection, line: Connection) -> bytes:
    """Up to the end of the handshake; all that the server sent until then.

    Raises AskFailedError: DeclinedError for an alert, with what was `received` for what is no TLS.
    """
    received = b""
    while True:
        try:
            tls.do_handshake()
        except SSL.WantReadError:
            line.send(drained(tls))
            if not line.buffer:
                await line.more()
            received += line.buffer
            if received[0] not in _CONTENT_TYPES:
                detail = f"no TLS but '{printable(received[:64], 64)}'"
                raise AskFailedError(FailureKind.MALFORMED, detail, received=received) from None
            tls.bio_write(bytes(line.buffer))
            line.buffer.clear()
        except SSL.Error as error:
            line.send(drained(tls))  # the alert
            raise _failed(error, "handshake") from error
        else:
            line.send(drained(tls))
            return received


def _failed(error: SSL.Error, during: str) -> AskFailedError:
    reasons = ", ".join(str(part[2]) for part in (error.args[0] if error.args else []))
    if " alert " in reasons and "unknown alert type" not in reasons:
        return DeclinedError(FailureKind.UPGRADE_REFUSED, printable(reasons, 200))
    return AskFailedError(FailureKind.MALFORMED, printable(f"{during}: {reasons or 'failed'}", 200))


class Behind:
    """The layer that puts a command behind another one, in one and the same segment."""

    def __init__(self, first: bytes, command: bytes) -> None:
        self._first, self._command = first, command
        self.sent = False
        """Whether the command went out."""

    def sealed(self, words: bytes) -> bytes:
        """The words, and the command where they end with the one that it has to follow."""
        if not words.endswith(self._first):
            return words
        self.sent = True
        return words + self._command

    def opened(self, data: bytes) -> Iterator[bytes]:
        """What arrived."""
        yield data

    def farewell(self) -> bytes:
        """Nothing."""
        return b""


class Tls:
    """The layer on a connection once the handshake is done."""

    def __init__(self, tls: SSL.Connection) -> None:
        self._tls = tls

    def sealed(self, words: bytes) -> bytes:
        """Records for these words, and what TLS has to say itself."""
        with suppress(SSL.Error):  # after the end; whoever waits for an answer is told
            if words:
                self._tls.sendall(words)
        return drained(self._tls)

    def opened(self, data: bytes) -> Iterator[bytes]:
        """The words in these records. Raises AskFailedError at the end of TLS (RFC 8446 §6.1), or when it breaks."""
        if data:
            self._tls.bio_write(data)
        try:
            while True:
                yield self._tls.recv(CHUNK)
        except SSL.WantReadError:
            return
        except SSL.ZeroReturnError as error:
            raise AskFailedError(FailureKind.CLOSED_EARLY, "closed the connection, as TLS has it") from error
        except SSL.Error as error:
            raise _failed(error, "inside TLS") from error

    def farewell(self) -> bytes:
        """close_notify."""
        with suppress(SSL.Error):
            self._tls.shutdown()
        return drained(self._tls)


async def begin_tls(line: Connection, server_name: str | None, alpn: Sequence[str] = ()) -> None:
    """Shake hands, without a client certificate; from then on `line` speaks and hears through TLS.

    Raises AskFailedError; DeclinedError for an alert.
    """
    tls = client(client_context(), server_name)
    if alpn:
        tls.set_alpn_protos([name.encode("ascii") for name in alpn])
    await shake_hands(tls, line)
    line.put_on(Tls(tls))
