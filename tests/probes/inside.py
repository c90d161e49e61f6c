"""Servers that talk inside TLS."""

import ssl

from tests.hostile import Peer


class TlsPeer:
    """The server's side of a connection on which TLS begins; raises OSError (ssl.SSLError) when it does not."""

    def __init__(self, peer: Peer, context: ssl.SSLContext, received: bytes = b"") -> None:
        self.peer = peer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._incoming.write(received)
        self.ahead = b""
        """Received, and not yet given out."""
        self._until(self.tls.do_handshake)

    def _until(self, step: object) -> object:
        assert callable(step)
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._flush()
                self._more()
            finally:
                self._flush()

    def _flush(self) -> None:
        self.peer.send(self._outgoing.read())

    def _more(self) -> None:
        data = self.peer.receive()
        if not data:
            raise ConnectionError("the client left")
        self._incoming.write(data)

    def send(self, words: bytes) -> None:
        """Encrypted."""
        self.tls.write(words)
        self._flush()

    def receive(self) -> bytes:
        """Words of the client; nothing once it says goodbye."""
        ahead, self.ahead = self.ahead, b""
        if ahead:
            return ahead
        words = self._until(lambda: self.tls.read(16384))
        assert isinstance(words, bytes)
        return words

    def line(self) -> bytes:
        """One line with its end; whatever there was at the end of the connection."""
        words = b""
        while b"\n" not in words and (more := self.receive()):
            words += more
        line, end, self.ahead = words.partition(b"\n")
        return line + end

    def goodbye(self) -> None:
        """close_notify, and nothing else."""
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            self._flush()
