"""ManageSieve responses (RFC 5804 §1.2, §1.3 and §4)."""

import re
from dataclasses import dataclass

from scanner.wire.errors import MalformedError
from scanner.wire.lines import MAX_LINE

MAX_LINES = 100
"""Before a result: a greeting has some ten (RFC 5804 §1.7)."""
MAX_TOKENS = 8
"""Of one line: a capability has two, a result with code and text five."""

_FIRST = re.compile(rb'["{OoNnBb]')
_TOKEN = re.compile(rb'[ \t]*(?:"((?:[^"\\\r\n]|\\[^\r\n])*)"|\{([0-9]{1,5})\+?\}\r?\n|([^\s"(){}]+|[()]))')
_END = re.compile(rb"[ \t]*\r?\n")
_ESCAPED = re.compile(rb"\\(.)")


@dataclass(frozen=True)
class Line:
    """One line: a result, or strings."""

    condition: str
    """`OK`, `NO` or `BYE`; empty for a line of strings: a capability, or a challenge."""
    code: str = ""
    """What a result has in parentheses, upper case: `ENCRYPT-NEEDED`."""
    strings: tuple[bytes, ...] = ()
    """All of them; of a result at most one, its text."""

    @property
    def text(self) -> bytes:
        """The line as one would write it, without quotes."""
        first = f"{self.condition} ({self.code})" if self.code else self.condition
        return b" ".join((first.encode("ascii", "backslashreplace"), *self.strings)).strip()


@dataclass(frozen=True)
class Response:
    """The answer to one command, or the greeting: its result, and the strings of each line before it."""

    result: Line
    lines: tuple[tuple[bytes, ...], ...]


def decode_strings(buffer: bytes, at: int = 0) -> tuple[Line, int] | None:
    """The line that starts at `at` and its length; None when more bytes are needed. Raises MalformedError."""
    if at < len(buffer) and not _FIRST.match(buffer, at):
        raise MalformedError("not a ManageSieve response")
    began, limit = at, at + MAX_LINE
    words: list[bytes] = []  # atoms and parentheses
    strings: list[bytes] = []
    while not ((words or strings) and (end := _END.match(buffer, at))):
        token = _TOKEN.match(buffer, at, limit)
        if token is None:
            if b"\n" in buffer[at:limit] or len(buffer) >= limit:
                raise MalformedError("not a ManageSieve response")
            return None
        if len(words) + len(strings) >= MAX_TOKENS:
            raise MalformedError(f"line of more than {MAX_TOKENS} strings")
        at = token.end()
        if token[2] is not None:
            at += int(token[2])
            if at > limit:
                raise MalformedError(f"line of more than {MAX_LINE} bytes")
            if at > len(buffer):
                return None
            strings.append(buffer[token.end() : at])
        elif token[1] is not None:
            strings.append(_ESCAPED.sub(rb"\1", token[1]))
        else:
            if strings and not words:
                raise MalformedError("not a ManageSieve response")  # a result comes first, its text behind it
            words.append(token[3])
            if token[3] == b")":
                strings.clear()  # of the code: `(TAG "x")`
    return _line(words, strings), end.end() - began


def _line(words: list[bytes], strings: list[bytes]) -> Line:
    condition = words[0].upper().decode("ascii", "backslashreplace") if words else ""
    if words and (condition not in {"OK", "NO", "BYE"} or len(strings) > 1):
        raise MalformedError("not a ManageSieve response")
    code = words[2] if words[1:2] == [b"("] and len(words) > 3 else b""
    return Line(condition, code.decode("ascii", "backslashreplace").upper(), tuple(strings))


def decode_response(buffer: bytes) -> tuple[Response, int] | None:
    """Everything up to OK, NO or BYE; None when more bytes are needed. Raises MalformedError."""
    lines: list[tuple[bytes, ...]] = []
    at = 0
    while (decoded := decode_strings(buffer, at)) is not None:
        line, consumed = decoded
        at += consumed
        if line.condition:
            return Response(line, tuple(lines)), at
        if len(lines) >= MAX_LINES:
            raise MalformedError(f"more than {MAX_LINES} lines before the result")
        lines.append(line.strings)
    return None
