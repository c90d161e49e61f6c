"""IMAP responses, as far as they matter before a login (RFC 9051 §7)."""

import re
from dataclasses import dataclass

from scanner.wire.errors import MalformedError
from scanner.wire.lines import MAX_LINES, decode_line

_GREETING = re.compile(rb"\* (OK|PREAUTH|BYE)\b *(.*)", re.IGNORECASE | re.DOTALL)
_CODE = re.compile(rb"\[([A-Za-z0-9-]+)")
_LISTED = re.compile(rb"(?:^\* |\[)CAPABILITY ([^\]]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Greeting:
    """The first line of a server (RFC 9051 §7.1)."""

    condition: str
    """`OK`, `PREAUTH` or `BYE`."""
    text: bytes


@dataclass(frozen=True)
class Response:
    """The answer to one command: its tagged line and the untagged ones before it."""

    condition: str
    """`OK`, `NO` or `BAD`."""
    text: bytes
    untagged: tuple[bytes, ...]


def decode_greeting(buffer: bytes) -> tuple[Greeting, int] | None:
    """The greeting; None when more bytes are needed. Raises MalformedError for anything else."""
    if buffer and not b"* ".startswith(buffer[:2]):
        raise MalformedError("not an IMAP greeting")
    decoded = decode_line(buffer)
    if decoded is None:
        return None
    line, consumed = decoded
    parts = _GREETING.fullmatch(line)
    if parts is None:
        raise MalformedError("not an IMAP greeting")
    return Greeting(parts[1].upper().decode("ascii"), parts[2]), consumed


def decode_response(buffer: bytes, tag: bytes) -> tuple[Response, int] | None:
    """Everything up to the line that bears `tag`; None when more bytes are needed. Raises MalformedError."""
    untagged: list[bytes] = []
    at = 0
    while (decoded := decode_line(buffer, at)) is not None:
        line, consumed = decoded
        at += consumed
        parts = line.split(b" ", 2)
        if parts[0] == tag and len(parts) > 1:
            if parts[1].upper() not in {b"OK", b"NO", b"BAD"}:
                raise MalformedError("tagged response without OK, NO or BAD")
            return Response(parts[1].upper().decode("ascii"), b" ".join(parts[2:]), tuple(untagged)), at
        if len(untagged) >= MAX_LINES:
            raise MalformedError(f"more than {MAX_LINES} lines before the tagged response")
        untagged.append(line)
    return None


def capabilities(lines: tuple[bytes, ...]) -> tuple[str, ...]:
    """The first list in untagged CAPABILITY responses or `[CAPABILITY …]` codes, upper case (RFC 9051 §7.2.2)."""
    for line in lines:
        listed = _LISTED.search(line)
        if listed is not None:
            return tuple(word.decode("ascii", "backslashreplace").upper() for word in listed[1].split())
    return ()


def response_code(text: bytes) -> str:
    """The code at the beginning of a response's text, upper case (RFC 9051 §7.1); empty without one."""
    found = _CODE.match(text)
    return found[1].decode("ascii").upper() if found else ""
