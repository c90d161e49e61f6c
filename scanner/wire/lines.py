"""Lines that end in CRLF (or a bare LF), of which most mail protocols are made."""

from scanner.wire.errors import MalformedError

MAX_LINE = 8192
"""Bytes. RFC 9051 appendix B and RFC 5321 §4.5.3.1.5 promise less."""
MAX_LINES = 500
"""Of one answer: the longest EHLO or CAPABILITY seen has some 40."""


def decode_line(buffer: bytes, at: int = 0) -> tuple[bytes, int] | None:
    """The line that starts at `at`, without its end, and its length with it; None when more bytes are needed.

    Raises MalformedError for a line longer than MAX_LINE.
    """
    end = buffer.find(b"\n", at, at + MAX_LINE)
    if end < 0:
        if len(buffer) - at >= MAX_LINE:
            raise MalformedError(f"line of more than {MAX_LINE} bytes")
        return None
    return buffer[at:end].removesuffix(b"\r"), end + 1 - at
