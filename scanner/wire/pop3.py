"""POP3 responses (RFC 1939 §3)."""

import re
from dataclasses import dataclass

from scanner.wire.errors import MalformedError
from scanner.wire.lines import MAX_LINES, decode_line

_STATUS = re.compile(rb"(\+OK|-ERR)(?:[ \t]+(.*)|)", re.DOTALL)


@dataclass(frozen=True)
class Response:
    """A status line, and what follows it."""

    ok: bool
    """`+OK`, not `-ERR`."""
    text: bytes
    lines: tuple[bytes, ...] = ()
    """Of a multi-line response, without its end."""

    @property
    def status(self) -> bytes:
        """The status line."""
        return ((b"+OK " if self.ok else b"-ERR ") + self.text).rstrip()


def decode_response(buffer: bytes) -> tuple[Response, int] | None:
    """A response of one line; None when more bytes are needed. Raises MalformedError for anything else."""
    if not (b"+OK".startswith(buffer[:3]) or b"-ERR".startswith(buffer[:4])):
        raise MalformedError("not a POP3 response")
    decoded = decode_line(buffer)
    if decoded is None:
        return None
    line, consumed = decoded
    parts = _STATUS.fullmatch(line)
    if parts is None:
        raise MalformedError("not a POP3 response")
    return Response(parts[1] == b"+OK", parts[2] or b""), consumed


def decode_listing(buffer: bytes) -> tuple[Response, int] | None:
    """A response that has lines up to a lone `.` if it is positive; as `decode_response` otherwise."""
    decoded = decode_response(buffer)
    if decoded is None or not decoded[0].ok:
        return decoded
    first, at = decoded
    lines: list[bytes] = []
    while (following := decode_line(buffer, at)) is not None:
        line, consumed = following
        at += consumed
        if line == b".":
            return Response(True, first.text, tuple(lines)), at
        if len(lines) >= MAX_LINES:
            raise MalformedError(f"listing of more than {MAX_LINES} lines")
        lines.append(line.removeprefix(b"."))
    return None
