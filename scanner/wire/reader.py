"""Reads numbers and vectors off a TLS message, without I/O (RFC 8446 §3)."""

from scanner.wire.errors import MalformedError


class Reader:
    """Reads a message from its beginning on; running out of bytes is MalformedError."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes. Raises MalformedError."""
        if self.at + size > len(self.data):
            raise MalformedError(f"message ends {self.at + size - len(self.data)} bytes early")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, width: int) -> int:
        """The next number, of `width` bytes (RFC 8446 §3.3). Raises MalformedError."""
        return int.from_bytes(self.take(width))

    def vector(self, width: int) -> bytes:
        """The content of the next vector, whose length has `width` bytes (RFC 8446 §3.4). Raises MalformedError."""
        return self.take(self.number(width))

    def extensions(self) -> dict[int, bytes]:
        """The next extension block, by code point (RFC 8446 §4.2: none may come twice). Raises MalformedError."""
        listed = Reader(self.vector(2))
        found: dict[int, bytes] = {}
        while listed.left:
            code = listed.number(2)
            if code in found:
                raise MalformedError(f"extension {code} twice in one block")
            found[code] = listed.vector(2)
        return found

    def end(self) -> None:
        """Raises MalformedError unless everything was read."""
        if self.left:
            raise MalformedError(f"{self.left} bytes behind the message")

    @property
    def left(self) -> int:
        """Bytes not yet read."""
        return len(self.data) - self.at
