"""LDAP messages (RFC 4511): asks for StartTLS, a simple bind and the root DSE, and reads messages of both sides.

RFC 4511 §5.1 allows definite lengths only, and §4 asks readers to ignore trailing elements whose tags they do not know.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

from scanner.wire import ber
from scanner.wire.ber import APPLICATION, BOOLEAN, CONTEXT, ENUMERATED, INTEGER, OCTET_STRING, SEQUENCE, SET, UNIVERSAL
from scanner.wire.errors import MalformedError

START_TLS = "1.3.6.1.4.1.1466.20037"
"""OID of the StartTLS extended operation (RFC 4511 §4.14)."""

MESSAGE_LIMIT = 1 << 20
"""Bytes; a longer declared length is malformed: a root DSE takes a few kilobytes."""

ROOT_DSE_ATTRIBUTES = (
    "namingContexts",
    "supportedExtension",
    "supportedSASLMechanisms",
    "vendorName",
    "vendorVersion",
    "supportedLDAPVersion",
)

Kind = Literal[
    "bind request",
    "bind response",
    "unbind request",
    "search request",
    "search entry",
    "search done",
    "search reference",
    "extended request",
    "extended response",
    "other",
]

_KINDS: Mapping[int, Kind] = {
    0: "bind request",
    1: "bind response",
    2: "unbind request",
    3: "search request",
    4: "search entry",
    5: "search done",
    19: "search reference",
    23: "extended request",
    24: "extended response",
}


class ResultCode(IntEnum):
    """Result codes that decide something here (RFC 4511 §4.1.9)."""

    SUCCESS = 0
    OPERATIONS_ERROR = 1
    PROTOCOL_ERROR = 2
    AUTH_METHOD_NOT_SUPPORTED = 7
    STRONGER_AUTH_REQUIRED = 8
    REFERRAL = 10
    CONFIDENTIALITY_REQUIRED = 13
    SASL_BIND_IN_PROGRESS = 14
    NO_SUCH_OBJECT = 32
    INVALID_DN_SYNTAX = 34
    INAPPROPRIATE_AUTHENTICATION = 48
    INVALID_CREDENTIALS = 49
    INSUFFICIENT_ACCESS_RIGHTS = 50
    BUSY = 51
    UNAVAILABLE = 52
    UNWILLING_TO_PERFORM = 53
    OTHER = 80


@dataclass(frozen=True, kw_only=True)
class LdapMessage:
    """One LDAPMessage; which fields mean something follows from `kind`. Texts are as sent: not safe to show."""

    message_id: int
    kind: Kind
    result_code: int | None = None
    """Of a response; numbers outside `ResultCode` exist."""
    matched_dn: str = ""
    diagnostic: str = ""
    name: str = ""
    """Distinguished name: who binds, a search's base, or an entry's own."""
    password: bytes | None = None
    """Of a simple bind request; None: another mechanism."""
    request_name: str = ""
    """OID of an extended request."""
    response_name: str = ""
    """OID of an extended response; most servers leave it out."""
    attributes: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    """Of a search entry."""
    references: tuple[str, ...] = ()
    """URIs of a search reference or a referral."""


# --- bytes to values ----------------------------------------------------------------------------------------------


def decode(buffer: bytes) -> tuple[LdapMessage, int] | None:
    """Read the first message of `buffer`: (message, bytes consumed), or None when more bytes are needed.

    Raises MalformedError for what is no LDAPMessage or declares more than MESSAGE_LIMIT bytes.
    """
    size = ber.declared_size(buffer, MESSAGE_LIMIT)
    if size is None or len(buffer) < size:
        return None
    (whole,) = ber.elements(buffer[:size])
    parts = iter(ber.elements(whole.content))
    message_id = _next(parts, UNIVERSAL, INTEGER).number
    if message_id < 0:
        raise MalformedError("a message ID is not negative")
    operation = next(parts, None)
    if operation is None or operation.class_ != APPLICATION:
        raise MalformedError("no LDAP operation")
    return _operation(message_id, operation), size


def _operation(message_id: int, operation: ber.Element) -> LdapMessage:
    kind = _KINDS.get(operation.tag, "other")
    if kind in {"unbind request", "other"}:
        return LdapMessage(message_id=message_id, kind=kind)
    if not operation.constructed:
        raise MalformedError(f"a {kind} is a constructed element")
    parts = iter(ber.elements(operation.content))
    match kind:
        case "bind request":
            return _bind_request(message_id, parts)
        case "extended request":
            return LdapMessage(message_id=message_id, kind=kind, request_name=_next(parts, CONTEXT, 0).text)
        case "search request":
            return LdapMessage(message_id=message_id, kind=kind, name=_next(parts, UNIVERSAL, OCTET_STRING).text)
        case "search entry":
            return _search_entry(message_id, parts)
        case "search reference":
            return LdapMessage(message_id=message_id, kind=kind, references=tuple(uri.text for uri in parts))
    return _result(message_id, kind, parts)


def _bind_request(message_id: int, parts: Iterator[ber.Element]) -> LdapMessage:
    _next(parts, UNIVERSAL, INTEGER)
    name = _next(parts, UNIVERSAL, OCTET_STRING).text
    authentication = next(parts, None)
    if authentication is None or authentication.class_ != CONTEXT:
        raise MalformedError("a bind request names its authentication")
    password = authentication.content if authentication.tag == 0 else None
    return LdapMessage(message_id=message_id, kind="bind request", name=name, password=password)


def _search_entry(message_id: int, parts: Iterator[ber.Element]) -> LdapMessage:
    name = _next(parts, UNIVERSAL, OCTET_STRING).text
    listed: dict[str, list[bytes]] = {}
    for attribute in ber.elements(_next(parts, UNIVERSAL, SEQUENCE).content):
        fields = iter(ber.elements(attribute.content))
        description = _next(fields, UNIVERSAL, OCTET_STRING).text
        values = ber.elements(_next(fields, UNIVERSAL, SET).content)
        listed.setdefault(description, []).extend(value.content for value in values)
    attributes = {description: tuple(values) for description, values in listed.items()}
    return LdapMessage(message_id=message_id, kind="search entry", name=name, attributes=attributes)


def _result(message_id: int, kind: Kind, parts: Iterator[ber.Element]) -> LdapMessage:
    code = _next(parts, UNIVERSAL, ENUMERATED).number
    matched_dn = _next(parts, UNIVERSAL, OCTET_STRING).text
    diagnostic = _next(parts, UNIVERSAL, OCTET_STRING).text
    rest = {part.tag: part for part in parts if part.class_ == CONTEXT}
    return LdapMessage(
        message_id=message_id,
        kind=kind,
        result_code=code,
        matched_dn=matched_dn,
        diagnostic=diagnostic,
        response_name=rest[10].text if 10 in rest else "",
        references=tuple(uri.text for uri in ber.elements(rest[3].content)) if 3 in rest else (),
    )


def _next(parts: Iterator[ber.Element], class_: int, tag: int) -> ber.Element:
    part = next(parts, None)
    if part is None or part.where != (class_, tag):
        raise MalformedError(f"an element of class {class_} and tag {tag} is missing")
    return part


# --- values to bytes ----------------------------------------------------------------------------------------------


def bind_request(message_id: int, name: str, password: str) -> bytes:
    """A simple bind (RFC 4511 §4.2)."""
    return message(message_id, 0, ber.number(3), ber.octets(name), ber.primitive(CONTEXT, 0, password))


def unbind_request(message_id: int) -> bytes:
    """A goodbye; the server closes (RFC 4511 §4.3)."""
    return envelope(message_id, ber.primitive(APPLICATION, 2))


def start_tls_request(message_id: int) -> bytes:
    """Ask for TLS on this connection (RFC 4511 §4.14.1)."""
    return message(message_id, 23, ber.primitive(CONTEXT, 0, START_TLS))


def root_dse_request(message_id: int) -> bytes:
    """Ask the server about itself (RFC 4512 §5.1): a base-object search on the empty name for ROOT_DSE_ATTRIBUTES."""
    base_object, never_dereference, any_number, any_time = 0, 0, 0, 0
    return message(
        message_id,
        3,
        ber.octets(""),
        ber.number(base_object, ENUMERATED),
        ber.number(never_dereference, ENUMERATED),
        ber.number(any_number),
        ber.number(any_time),
        ber.primitive(UNIVERSAL, BOOLEAN, b"\x00"),
        ber.primitive(CONTEXT, 7, "objectClass"),
        ber.constructed(UNIVERSAL, SEQUENCE, *map(ber.octets, ROOT_DSE_ATTRIBUTES)),
    )


def message(message_id: int, operation: int, *parts: bytes) -> bytes:
    """Write an LDAPMessage around a constructed operation of this application tag."""
    return envelope(message_id, ber.constructed(APPLICATION, operation, *parts))


def envelope(message_id: int, operation: bytes) -> bytes:
    """Write an LDAPMessage around an operation as written."""
    return ber.constructed(UNIVERSAL, SEQUENCE, ber.number(message_id), operation)
