"""XMPP's stream of XML, as far as it matters before a login (RFC 6120 §4 to §6).

The XML of a stranger is read by expat, with a document type refused, as RFC 6120 §11.1 demands: so no entity is ever
declared, expanded or fetched. One element is read at a time, of bounded depth and size.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from scanner.wire.errors import MalformedError

STREAM = "{http://etherx.jabber.org/streams}stream"
FEATURES = "{http://etherx.jabber.org/streams}features"
ERROR = "{http://etherx.jabber.org/streams}error"
TLS = "{urn:ietf:params:xml:ns:xmpp-tls}"
"""Namespace of `starttls`, `proceed` and `failure` (RFC 6120 §5.4)."""

MAX_DEPTH = 8
"""Of elements within the stream; features need three."""
MAX_ELEMENTS = 500
MAX_HEADER = 4096
"""Bytes: it is read anew before each element."""

START_TLS = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
CLOSE = b"</stream:stream>"
_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")


@dataclass(frozen=True)
class Header:
    """The opening tag of the server's stream (RFC 6120 §4.7)."""

    version: str
    """`1.0`; empty from servers before RFC 3920, which send no features."""
    raw: bytes
    """All of it, with what came before: the namespaces of what follows are declared here."""


@dataclass(frozen=True)
class Element:
    """An element and what is in it, attributes aside. Names are `{namespace}name`."""

    name: str
    text: str = ""
    children: tuple["Element", ...] = ()

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition("}")[2]

    def has(self, name: str) -> bool:
        """Whether a child is called so."""
        return any(child.name == name for child in self.children)


def opening(namespace: str, to: str) -> bytes:
    """Open a stream to a domain; to an unnamed one where `to` is empty (RFC 6120 §4.7.2)."""
    receiver = f" to={quoteattr(to)}" if to else ""
    return (
        f"<?xml version='1.0'?><stream:stream{receiver} version='1.0' xml:lang='en' xmlns='{namespace}'"
        " xmlns:stream='http://etherx.jabber.org/streams'>"
    ).encode()


def decode_header(buffer: bytes) -> tuple[Header, int] | None:
    """The server's opening tag; None when more bytes are needed. Raises MalformedError for anything else."""
    reader = _Reader(buffer, header_only=True)
    if not reader.read():
        if len(buffer) > MAX_HEADER:
            raise MalformedError(f"no opening tag within {MAX_HEADER} bytes")
        return None
    if reader.end > MAX_HEADER:
        raise MalformedError(f"opening tag of more than {MAX_HEADER} bytes")
    return Header(reader.version, buffer[: reader.end]), reader.end


def decode_element(buffer: bytes, header: Header) -> tuple[Element, int] | None:
    """The next element of the stream, and its length with the space before it; None when more bytes are needed.

    Raises MalformedError when it is none, when it is too large, and when the stream ends instead.
    """
    reader = _Reader(header.raw + buffer, header_only=False)
    if not reader.read() or reader.element is None:
        return None
    return reader.element, reader.end - len(header.raw)


class _CompleteError(Exception):
    """Stops expat: what was asked for is there."""


@dataclass
class _Open:
    """An element that has not ended."""

    name: str
    texts: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)


class _Reader:
    """Reads the opening tag, or the first element behind it."""

    def __init__(self, data: bytes, *, header_only: bool) -> None:
        self.version = ""
        self.element: Element | None = None
        self.end = 0
        """Where what was asked for ends."""
        self._data = data
        self._header_only = header_only
        self._open: list[_Open] = []
        self._elements = 0
        self._first_tag = b""
        self._parser = parser = expat.ParserCreate("utf-8", "}")
        parser.buffer_text = True  # or each line end is a call
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._finish
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _forbidden("document type")
        parser.ProcessingInstructionHandler = _forbidden("processing instruction")
        parser.CommentHandler = _forbidden("comment")

    def read(self) -> bool:
        """Whether all of it is there. Raises MalformedError."""
        try:
            self._parser.Parse(self._data, False)
        except _CompleteError:
            return True
        except expat.ExpatError as error:
            raise MalformedError(f"no XML stream: {expat.ErrorString(error.code)}") from error
        return False

    def _tag(self) -> bytes:
        """The tag that expat is at, complete by now."""
        tag = _TAG.match(self._data, self._parser.CurrentByteIndex)
        return tag[0] if tag else b""

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = "{" + name if "}" in name else name
        if not self._open:
            if name != STREAM:
                raise MalformedError("XML, but no XMPP stream")
            self.version = attributes.get("version", "")
            if self._header_only:
                self.end = self._parser.CurrentByteIndex + len(self._tag())
                raise _CompleteError
        if len(self._open) == 1:
            self._first_tag = self._tag()
        self._elements += 1
        if len(self._open) > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise MalformedError(f"more than {MAX_ELEMENTS} elements, or {MAX_DEPTH} within each other")
        self._open.append(_Open(name))

    def _text(self, text: str) -> None:
        self._open[-1].texts.append(text)

    def _finish(self, _name: str) -> None:
        ended = self._open.pop()
        if not self._open:
            raise MalformedError("the stream ends")
        element = Element(ended.name, "".join(ended.texts), tuple(ended.children))
        if len(self._open) > 1:
            self._open[-1].children.append(element)
            return
        self.element = element
        at = self._parser.CurrentByteIndex
        # of an element without content expat names the end, of others the closing tag
        self.end = at if self._first_tag.endswith(b"/>") else at + len(self._tag())
        raise _CompleteError


def _forbidden(what: str) -> Callable[..., None]:
    """A handler for restricted XML (RFC 6120 §11.1)."""

    def refuse(*_: object) -> None:
        raise MalformedError(f"a {what}, which XMPP forbids")

    return refuse
