"""Blocking servers in threads, on loopback.

One thread accepts for all listeners; each connection is talked to in a thread of its own, with TLS of the standard
library. Blocking matters: a refused handshake then really sends its alert before the connection closes. In the clear,
bytes are read exactly as far as the conversation needs them, so that a ClientHello which arrives together with STARTTLS
or SSLRequest goes to the TLS engine, and nothing that came in the clear is ever taken for something that came through
TLS, but where that is the planted defect (`read_ahead`).
"""

import selectors
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import TypeVar

from scanner.wire.errors import MalformedError

T = TypeVar("T")

IDLE_SECONDS = 10.0
"""How long a client may be silent."""
LINGER_SECONDS = 1.0
"""How long a closing server waits for the client to close, so that no reset overtakes its last words."""
MESSAGE_LIMIT = 8192
"""Bytes in one line or message of a client."""

Alter = Callable[[bytes, bytes], bytes]
"""A client's first bytes and the answer of a sound TLS library → the answer to send."""


class ClientGoneError(Exception):
    """The client left, fell silent, or sent what makes no sense: the conversation is over."""


class Conversation:
    """One connection, in the clear until `start_tls`.

    TLS runs over memory BIOs and this class moves the bytes: an `ssl.SSLSocket` takes over the connection and loses it
    when the client resets at the wrong moment.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = None
        self._alter: Alter | None = None
        self._hello = b""
        self._ahead = b""
        connection.settimeout(IDLE_SECONDS)

    @property
    def encrypted(self) -> bool:
        """Whether the handshake has begun; what is said from then on goes through TLS."""
        return self._tls is not None

    def send(self, data: bytes | str) -> None:
        """Send all of it; text as ASCII."""
        written = data.encode("ascii") if isinstance(data, str) else data
        if (tls := self._tls) is None:
            self._socket.sendall(written)
        else:
            self._drive(lambda: tls.write(written))

    def receive(self, size: int) -> bytes:
        """Exactly `size` bytes. Raises ClientGoneError when the client leaves first."""
        received = b""
        while len(received) < size:
            missing = size - len(received)
            tls = self._tls
            if self._ahead:
                piece, self._ahead = self._ahead[:missing], self._ahead[missing:]
            else:
                piece = self._socket.recv(missing) if tls is None else self._drive(partial(tls.read, missing))
            if not piece:
                raise ClientGoneError
            received += piece
        return received

    def receive_line(self) -> str:
        """One line without its end. Raises ClientGoneError for none, or one beyond MESSAGE_LIMIT."""
        line = bytearray()
        while not line.endswith(b"\n"):
            if len(line) >= MESSAGE_LIMIT:
                raise ClientGoneError
            line += self.receive(1)
        return line.decode("latin-1").rstrip("\r\n")

    def receive_message(self, decode: Callable[[bytes], tuple[T, int] | None]) -> T:
        """One message of a binary protocol. Raises ClientGoneError for none, a malformed one, or a too long one."""
        received = b""
        try:
            while (decoded := decode(received)) is None:
                if len(received) >= MESSAGE_LIMIT:
                    raise ClientGoneError
                received += self.receive(1)
        except MalformedError as error:
            raise ClientGoneError from error
        return decoded[0]

    def read_ahead(self) -> None:
        """Take what has arrived by now, as a server with a buffer does; it is received next, inside TLS or not."""
        self._socket.settimeout(0)
        with suppress(BlockingIOError):
            self._ahead = self._socket.recv(MESSAGE_LIMIT)
        self._socket.settimeout(IDLE_SECONDS)

    def start_tls(self, context: ssl.SSLContext, alter: Alter | None = None) -> None:
        """Shake hands. Raises ssl.SSLError when that fails; its alert is sent by then. `alter` spoils the first
        answer."""
        self._alter = alter
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._drive(self._tls.do_handshake)

    def abort(self) -> None:
        """From another thread: wake whoever waits for this client."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Send the end, wait a little for the client's, close: unread bytes would turn into a reset."""
        with self._socket, suppress(OSError):
            self._socket.settimeout(LINGER_SECONDS)
            if self._tls is not None:
                with suppress(ssl.SSLError):
                    self._tls.unwrap()
                self._socket.sendall(self._outgoing.read())
            self._socket.shutdown(socket.SHUT_WR)
            while self._socket.recv(65536):
                pass

    def _drive(self, step: Callable[[], T]) -> T:
        """Repeat one step of TLS until it has the bytes it wants. Raises ssl.SSLError when TLS does."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                pass
            finally:
                self._socket.sendall(self._answer())
            if received := self._socket.recv(65536):
                self._incoming.write(received)
                self._hello += received if self._alter else b""
            else:
                self._incoming.write_eof()

    def _answer(self) -> bytes:
        """What the TLS library has to say; the first of it as `start_tls` was told to."""
        answer = self._outgoing.read()
        if answer and self._alter:
            answer, self._alter = self._alter(self._hello, answer), None
        return answer


Talk = Callable[[Conversation], None]
"""A server's side of one conversation; OSError and ClientGoneError end it."""


class Servers:
    """All listeners of an estate: `listen` for each, then `start`; the context's end stops everything."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._sockets: list[socket.socket] = [self._wake, self._woken]
        self._lock = threading.Lock()
        self._talking: dict[threading.Thread, Conversation] = {}
        self._accepting = threading.Thread(target=self._accept, name="demo listeners", daemon=True)

    def listen(self, talk: Talk) -> str:
        """Open a port for a server; its `host:port`."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        # Between the selector's report and accept() the client may have left again.
        listener.setblocking(False)
        self._sockets.append(listener)
        self._selector.register(listener, selectors.EVENT_READ, talk)
        return _address(listener)

    def occupy(self) -> str:
        """Hold a port on which nothing listens, so that connecting to it is refused; its `host:port`."""
        holder = socket.socket()
        holder.bind(("127.0.0.1", 0))
        self._sockets.append(holder)
        return _address(holder)

    def __enter__(self) -> "Servers":
        return self

    def start(self) -> None:
        """Begin to accept; until then clients wait."""
        self._accepting.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._accepting.is_alive():
            self._wake.send(b"\0")
            self._accepting.join()
        with self._lock:
            talking = dict(self._talking)
        for thread, conversation in talking.items():
            conversation.abort()
            thread.join()
        self._selector.close()
        for opened in self._sockets:
            opened.close()

    def _accept(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._woken:
                    return
                assert isinstance(key.fileobj, socket.socket)  # noqa: S101 - nothing else is registered
                with suppress(OSError):
                    connection, _ = key.fileobj.accept()
                    self._begin(connection, key.data)

    def _begin(self, connection: socket.socket, talk: Talk) -> None:
        connection.setblocking(True)
        conversation = Conversation(connection)
        thread = threading.Thread(target=self._talk, args=(conversation, talk), name="demo connection", daemon=True)
        with self._lock:
            self._talking[thread] = conversation
        thread.start()

    def _talk(self, conversation: Conversation, talk: Talk) -> None:
        try:
            # A client that leaves, resets or fails the handshake is a day's work for a server.
            with suppress(OSError, ClientGoneError):
                talk(conversation)
            conversation.close()
        finally:
            with self._lock:
                del self._talking[threading.current_thread()]


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()
    return f"{host}:{port}"
