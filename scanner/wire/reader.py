"""Reads numbers and vectors off a message (RFC 8446 §3)."""

from scanner.wire.errors import MalformedError


class Reader:
    """Reads a message from its beginning; running out of bytes is MalformedError."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        if self.at + size > len(self.data):
            raise MalformedError(f"message ends {self.at + size - len(self.data)} bytes early")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, width: int) -> int:
        """An unsigned number of `width` bytes."""
        return int.from_bytes(self.take(width))

    def vector(self, width: int) -> bytes:
        """A vector whose length takes `width` bytes."""
        return self.take(self.number(width))

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self.data) - self.at
