"""NNTP responses, of one line or with a block of them (RFC 3977 §3.1 and §3.2)."""

import re
from dataclasses import dataclass

from scanner.wire.errors import MalformedError
from scanner.wire.lines import MAX_LINES, decode_line

_INITIAL = re.compile(rb"([1-5][0-9]{2})(?: (.*))?", re.DOTALL)


@dataclass(frozen=True)
class Response:
    """What answers one command."""

    code: int
    text: bytes
    """Code and what follows it in the initial line."""
    block: tuple[bytes, ...] = ()
    """Lines that follow the initial one, without the dots that were stuffed into them (RFC 3977 §3.1.1)."""


def decode_response(buffer: bytes, block: int | None = None) -> tuple[Response, int] | None:
    """The first response and its length; None when more bytes are needed. Raises MalformedError for anything else.

    Only the command tells whether lines follow: they do where the response has the code `block`.
    """
    decoded = decode_line(buffer)
    if decoded is None:
        if len(buffer) >= 3 and not re.match(rb"[1-5][0-9]{2}", buffer):
            raise MalformedError("not an NNTP response")
        return None
    line, at = decoded
    parts = _INITIAL.fullmatch(line)
    if parts is None:
        raise MalformedError("not an NNTP response")
    code = int(parts[1])
    if code != block:
        return Response(code, line), at
    lines: list[bytes] = []
    while (decoded := decode_line(buffer, at)) is not None:
        following, consumed = decoded
        at += consumed
        if following == b".":
            return Response(code, line, tuple(lines)), at
        if len(lines) >= MAX_LINES:
            raise MalformedError(f"block of more than {MAX_LINES} lines")
        lines.append(following.removeprefix(b"."))
    return None


def capabilities(response: Response) -> tuple[str, ...]:
    """The lines of an answer to CAPABILITIES, upper case (RFC 3977 §3.3.1); none unless it is 101."""
    if response.code != 101:
        return ()
    return tuple(line.decode("ascii", "backslashreplace").upper() for line in response.block)
