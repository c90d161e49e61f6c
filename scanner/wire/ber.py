"""BER elements (X.690 §8.1) with definite lengths, read and written by asn1crypto's parser."""

from typing import NamedTuple

from asn1crypto import core, parser

from scanner.wire.errors import MalformedError

UNIVERSAL, APPLICATION, CONTEXT = 0, 1, 2
BOOLEAN, INTEGER, OCTET_STRING, ENUMERATED, SEQUENCE, SET = 1, 2, 4, 10, 16, 17

MAX_ELEMENTS = 4096
"""Side by side: asn1crypto's parser copies what is left for each, and nothing read here has more than a few dozen."""


class Element(NamedTuple):
    """One element; `content` of a constructed one holds further elements."""

    class_: int
    tag: int
    constructed: bool
    content: bytes

    @property
    def where(self) -> tuple[int, int]:
        """Class and tag: what the element is."""
        return self.class_, self.tag

    @property
    def number(self) -> int:
        """Content of an INTEGER or ENUMERATED. Raises MalformedError for none or more than four octets."""
        if not 1 <= len(self.content) <= 4:
            raise MalformedError("a number has one to four octets")
        return int.from_bytes(self.content, "big", signed=True)

    @property
    def text(self) -> str:
        """Content as UTF-8 with undecodable bytes escaped; not safe to show as it is."""
        return self.content.decode("utf-8", "backslashreplace")


def declared_size(buffer: bytes, limit: int) -> int | None:
    """Bytes of the SEQUENCE that begins `buffer`, header included; None when its header is not complete.

    Raises MalformedError for anything but a SEQUENCE of definite length with at most `limit` bytes of content.
    """
    if not buffer:
        return None
    if buffer[0] != 0x30:
        raise MalformedError(f"a SEQUENCE begins with 0x30, not 0x{buffer[0]:02x}")
    if len(buffer) < 2:
        return None
    if buffer[1] < 0x80:
        return 2 + buffer[1]
    octets = buffer[1] & 0x7F
    if not 1 <= octets <= 4:
        raise MalformedError("a length is definite and has at most four octets")
    if len(buffer) < 2 + octets:
        return None
    length = int.from_bytes(buffer[2 : 2 + octets], "big")
    if length > limit:
        raise MalformedError(f"{length} bytes are beyond the limit of {limit}")
    return 2 + octets + length


def elements(content: bytes) -> list[Element]:
    """All elements that follow each other in `content`. Raises MalformedError."""
    found: list[Element] = []
    position = 0
    while position < len(content):
        if len(found) >= MAX_ELEMENTS:
            raise MalformedError(f"more than {MAX_ELEMENTS} elements side by side")
        try:
            class_, method, tag, header, inner, trailer = parser.parse(content[position:])
        except ValueError as error:
            raise MalformedError("not BER") from error
        if trailer:
            raise MalformedError("a length is definite")
        found.append(Element(class_, tag, bool(method), inner))
        position += len(header) + len(inner)
    return found


def primitive(class_: int, tag: int, content: bytes | str = b"") -> bytes:
    """Write an element of bytes."""
    return bytes(parser.emit(class_, 0, tag, content.encode() if isinstance(content, str) else content))


def constructed(class_: int, tag: int, *parts: bytes) -> bytes:
    """Write an element of elements."""
    return bytes(parser.emit(class_, 1, tag, b"".join(parts)))


def number(value: int, tag: int = INTEGER) -> bytes:
    """Write an INTEGER, or an ENUMERATED."""
    return primitive(UNIVERSAL, tag, core.Integer(value).contents)


def octets(content: bytes | str) -> bytes:
    """Write an OCTET STRING."""
    return primitive(UNIVERSAL, OCTET_STRING, content)
