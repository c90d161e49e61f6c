"""SIP requests and responses over TCP (RFC 3261 §7 and §18.3)."""

import re
from dataclasses import dataclass

from scanner.wire.errors import MalformedError
from scanner.wire.lines import MAX_LINES, decode_line

MAX_BODY = 1 << 14
"""Bytes."""
_STATUS = re.compile(rb"SIP/2\.0 ([1-6][0-9]{2})(?: (.*))?", re.IGNORECASE | re.DOTALL)
_START = b"SIP/2.0 "
_COMPACT = {"l": "content-length", "m": "contact"}
"""RFC 3261 §7.3.3."""


@dataclass(frozen=True)
class Response:
    """A response, its body aside. Texts are as sent: not safe to show as they are."""

    status: int
    reason: bytes
    headers: tuple[tuple[str, bytes], ...]
    """Names in lower case."""

    @property
    def text(self) -> bytes:
        """Status and reason."""
        return b"%d %s" % (self.status, self.reason)

    def values(self, name: str) -> tuple[bytes, ...]:
        """All that a header says, once for each time that it comes."""
        return tuple(value for known, value in self.headers if known == name)


def request(method: str, host: str, user: str, token: str) -> bytes:
    """A request from and, with REGISTER, about `user`; without Contact it asks for bindings and makes none (§10.2.3).

    `token` makes it differ from every other (§8.1.1.7). Raises ValueError for a line end in any of them.
    """
    about = f"<sip:{user}@{host}>" if method == "REGISTER" else f"<sip:{host}>"
    lines = (
        f"{method} sip:{host} SIP/2.0",
        f"Via: SIP/2.0/TCP tlsassay.invalid;branch=z9hG4bK{token};rport",
        "Max-Forwards: 70",
        f"From: <sip:{user}@{host}>;tag={token}",
        f"To: {about}",
        f"Call-ID: {token}@tlsassay.invalid",
        f"CSeq: 1 {method}",
        "Content-Length: 0",
    )
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header is one line")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def decode_response(buffer: bytes) -> tuple[Response, int] | None:
    """The first response and its length; None when more bytes are needed. Raises MalformedError for anything else."""
    if buffer[: len(_START)].upper() != _START[: len(buffer)]:
        raise MalformedError("not a SIP response")
    lines: list[bytes] = []
    at = 0
    while (decoded := decode_line(buffer, at)) is not None:
        line, consumed = decoded
        at += consumed
        if not line:
            return _response(lines, len(buffer), at)
        if line[:1] in b" \t" and len(lines) > 1:
            lines[-1] += b" " + line.strip()  # §7.3.1
        else:
            lines.append(line)
        if len(lines) > MAX_LINES or at > MAX_BODY:
            raise MalformedError(f"a response of more than {MAX_LINES} lines or {MAX_BODY} bytes")
    return None


def _response(lines: list[bytes], received: int, at: int) -> tuple[Response, int] | None:
    status = _STATUS.fullmatch(lines[0])
    if status is None:
        raise MalformedError("not a SIP response")
    headers = []
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if not colon:
            raise MalformedError("a header without a colon")
        key = name.strip().decode("ascii", "backslashreplace").lower()
        headers.append((_COMPACT.get(key, key), value.strip()))
    response = Response(int(status[1]), status[2] or b"", tuple(headers))
    (length,) = response.values("content-length")[:1] or (b"0",)
    if not re.fullmatch(rb"[0-9]{1,5}", length) or int(length) > MAX_BODY:
        raise MalformedError("a Content-Length that is none, or too large")
    return None if received < at + int(length) else (response, at + int(length))
