"""IRC messages (RFC 2812 §2.3.1), as far as they matter before a registration is complete."""

import re
from dataclasses import dataclass

from scanner.wire.errors import MalformedError
from scanner.wire.lines import decode_line

_MESSAGE = re.compile(rb"(?:@[^ ]+ +)?(?::[^ ]+ +)?([A-Za-z]+|[0-9]{3})((?: .*)?)", re.DOTALL)
_LINE_ENDS = b"\r\n"


@dataclass(frozen=True)
class Message:
    """One line of a server."""

    command: str
    """Upper case, or the three digits of a reply (RFC 2812 §5)."""
    parameters: tuple[bytes, ...]
    line: bytes
    """All of it, without its end."""

    @property
    def last(self) -> bytes:
        """The last parameter: where the server has something to say, that is its text."""
        return self.parameters[-1] if self.parameters else b""


def decode_message(buffer: bytes) -> tuple[Message, int] | None:
    """The first message that is not empty, and its length with what went before; None when more bytes are needed.

    Raises MalformedError for anything but a message.
    """
    start = len(buffer) - len(buffer.lstrip(_LINE_ENDS))  # RFC 2812 §2.3.1: empty messages are ignored
    decoded = decode_line(buffer, start)
    if decoded is None:
        return None
    line, consumed = decoded
    parts = _MESSAGE.fullmatch(line)
    if parts is None:
        raise MalformedError("not an IRC message")
    middle, colon, trailing = parts[2].partition(b" :")
    parameters = (*middle.split(b" "), trailing) if colon else tuple(middle.split(b" "))
    kept = tuple(one for at, one in enumerate(parameters) if one or (colon and at == len(parameters) - 1))
    return Message(parts[1].upper().decode("ascii"), kept, line), start + consumed


def listed(message: Message) -> tuple[tuple[str, ...], bool] | None:
    """The capabilities in a `CAP … LS`, and whether more of them follow; None for any other message.

    Source: https://ircv3.net/specs/extensions/capability-negotiation
    """
    if message.command != "CAP" or len(message.parameters) < 3 or message.parameters[1].upper() != b"LS":
        return None
    more = len(message.parameters) > 3 and message.parameters[2] == b"*"
    return tuple(word.decode("ascii", "backslashreplace") for word in message.last.split()), more
