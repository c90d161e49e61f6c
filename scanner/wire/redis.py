"""RESP, the protocol of Redis, as far as a PING goes.

Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from typing import NamedTuple

from scanner.wire.errors import MalformedError
from scanner.wire.lines import decode_line

PING = b"*1\r\n$4\r\nPING\r\n"


class Reply(NamedTuple):
    """A simple string or a simple error, as sent: not safe to show."""

    is_error: bool
    text: bytes

    @property
    def code(self) -> str:
        """The first word of an error, in capitals; empty for what is no error."""
        return self.text.split(b" ")[0].decode("ascii", "replace") if self.is_error else ""


def decode_reply(buffer: bytes) -> tuple[Reply, int] | None:
    """The answer to a PING; None when more bytes are needed. Raises MalformedError."""
    if buffer and buffer[:1] not in (b"+", b"-"):
        raise MalformedError("neither a simple string nor a simple error")
    decoded = decode_line(buffer)
    if decoded is None:
        return None
    line, consumed = decoded
    reply = Reply(line.startswith(b"-"), line[1:])
    if not reply.is_error and reply.text.upper() != b"PONG":
        raise MalformedError("no answer to a PING")  # of POP3, say, which greets with '+' as well
    return reply, consumed
