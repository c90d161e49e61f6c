"""A conversation inside TLS, on a connection of ours, by pyOpenSSL over memory BIOs.

For what is only said after the handshake. Any version and certificate will do: those are facts, gathered elsewhere.
"""

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from OpenSSL import SSL

from scanner.model import AskFailedError, FailureKind
from scanner.net.dial import ANSWER_LIMIT, Connection
from scanner.wire.errors import MalformedError
from scanner.wire.text import printable

T = TypeVar("T")
CHUNK = 1 << 14


@cache
def _context() -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_VERSION)
    context.set_verify(SSL.VERIFY_NONE)
    context.set_cipher_list(b"ALL:@SECLEVEL=0")
    context.set_options(SSL.OP_LEGACY_SERVER_CONNECT | SSL.OP_ALL)
    return context


class Secured:
    """TLS on a connection: what is sent and read passes through it."""

    def __init__(self, line: Connection, server_name: str | None) -> None:
        self._line = line
        self._buffer = bytearray()
        self._tls = SSL.Connection(_context(), None)
        self._tls.set_connect_state()
        if server_name:
            self._tls.set_tlsext_host_name(server_name.encode("ascii" if server_name.isascii() else "idna"))

    async def shake_hands(self) -> "Secured":
        """Raises AskFailedError: UPGRADE_REFUSED when the server ends the handshake with an alert."""
        await self._do(self._tls.do_handshake)
        return self

    def send(self, data: bytes) -> None:
        """To be called after the handshake."""
        self._tls.sendall(data)
        self._flush()

    async def read(self, decode: Callable[[bytes], tuple[T, int] | None]) -> T:
        """As `Connection.read`. Raises AskFailedError."""
        while True:
            try:
                decoded = decode(bytes(self._buffer[:ANSWER_LIMIT]))
            except MalformedError as error:
                raise AskFailedError(FailureKind.MALFORMED, f"{error}, inside TLS") from error
            if decoded is not None:
                value, consumed = decoded
                del self._buffer[:consumed]
                return value
            if len(self._buffer) >= ANSWER_LIMIT:
                raise AskFailedError(FailureKind.MALFORMED, f"no complete message within {ANSWER_LIMIT} bytes of TLS")
            self._buffer += await self._do(lambda: self._tls.recv(CHUNK))

    async def _do(self, work: Callable[[], T]) -> T:
        while True:
            try:
                done = work()
            except SSL.WantReadError:
                self._flush()
                if not self._line.buffer:
                    await self._line.more()
                self._tls.bio_write(bytes(self._line.buffer))
                self._line.buffer.clear()
            except SSL.ZeroReturnError as error:
                raise AskFailedError(FailureKind.CLOSED_EARLY, "closed the session") from error
            except SSL.Error as error:
                self._flush()
                reasons = ", ".join(str(part[2]) for part in (error.args[0] if error.args else []))
                kind = FailureKind.UPGRADE_REFUSED if " alert " in f" {reasons} " else FailureKind.MALFORMED
                raise AskFailedError(kind, printable(f"TLS: {reasons or 'failed'}", 200)) from error
            else:
                self._flush()
                return done

    def _flush(self) -> None:
        while True:
            try:
                self._line.send(self._tls.bio_read(CHUNK))
            except SSL.WantReadError:
                return
