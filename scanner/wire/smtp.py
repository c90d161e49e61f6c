"""SMTP replies (RFC 5321 §4.2)."""

import re
from dataclasses import dataclass

from scanner.wire.errors import MalformedError
from scanner.wire.lines import MAX_LINES, decode_line

_REPLY_LINE = re.compile(rb"([2-5][0-9]{2})([ -]|$)(.*)", re.DOTALL)


@dataclass(frozen=True)
class Reply:
    """A reply of one or more lines."""

    code: int
    lines: tuple[bytes, ...]
    """Texts behind the code."""

    @property
    def text(self) -> bytes:
        """The code and the first line."""
        return b"%d %s" % (self.code, self.lines[0])


def decode_reply(buffer: bytes) -> tuple[Reply, int] | None:
    """The first reply and its length; None when more bytes are needed.

    Raises MalformedError for anything but a reply, and where the lines of one differ in their code (RFC 5321 §4.2.1).
    """
    lines: list[bytes] = []
    code = b""
    at = 0
    while True:
        decoded = decode_line(buffer, at)
        if decoded is None:
            if not lines and len(buffer) >= 3 and not re.match(rb"[2-5][0-9]{2}", buffer):
                raise MalformedError("not an SMTP reply")
            return None
        line, consumed = decoded
        at += consumed
        parts = _REPLY_LINE.fullmatch(line)
        if parts is None or len(lines) >= MAX_LINES:
            raise MalformedError("not an SMTP reply" if parts is None else f"reply of more than {MAX_LINES} lines")
        if lines and parts[1] != code:
            raise MalformedError("reply with more than one code")
        code = parts[1]
        lines.append(parts[3])
        if parts[2] != b"-":
            return Reply(int(code), tuple(lines)), at
