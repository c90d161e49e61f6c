"""FTP replies (RFC 959 §4.2) and the feature list (RFC 2389 §3.2)."""

import re

from scanner.wire.errors import MalformedError
from scanner.wire.lines import MAX_LINES, decode_line
from scanner.wire.smtp import Reply

_FIRST = re.compile(rb"([1-5][0-9]{2})([ -]|$)(.*)", re.DOTALL)


def decode_reply(buffer: bytes) -> tuple[Reply, int] | None:
    """The first reply and its length; None when more bytes are needed. Raises MalformedError for anything else.

    A reply of several lines goes on to the line that begins with its code and a space; what lies between may begin with
    anything, unlike in SMTP.
    """
    decoded = decode_line(buffer)
    if decoded is None:
        if len(buffer) >= 3 and not re.match(rb"[1-5][0-9]{2}", buffer):
            raise MalformedError("not an FTP reply")
        return None
    line, at = decoded
    parts = _FIRST.fullmatch(line)
    if parts is None:
        raise MalformedError("not an FTP reply")
    code, lines = parts[1], [parts[3]]
    more = parts[2] == b"-"
    while more:
        if len(lines) >= MAX_LINES:
            raise MalformedError(f"reply of more than {MAX_LINES} lines")
        decoded = decode_line(buffer, at)
        if decoded is None:
            return None
        line, consumed = decoded
        at += consumed
        more = line != code and not line.startswith(code + b" ")
        lines.append(line.removeprefix(code + b"-") if more else line[4:])
    return Reply(int(code), tuple(lines)), at


def features(reply: Reply) -> tuple[str, ...]:
    """What the lines between the first and the last one of an answer to FEAT name, upper case (RFC 2389 §3.2)."""
    return tuple(line.decode("ascii", "backslashreplace").strip().upper() for line in reply.lines[1:-1])
