"""Kerberos messages (RFC 4120): writes an AS-REQ without pre-authentication, reads what a KDC answers to it.

Over UDP a message is a datagram (RFC 4120 §7.2.1), over TCP it follows its length (§7.2.2).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from scanner.wire import ber
from scanner.wire.ber import APPLICATION, CONTEXT, INTEGER, OCTET_STRING, SEQUENCE, UNIVERSAL
from scanner.wire.errors import MalformedError

MESSAGE_LIMIT = 1 << 16
"""Bytes; a longer message is malformed: a ticket with all of an account's groups has a quarter of that."""

BIT_STRING, GENERALIZED_TIME, GENERAL_STRING = 3, 24, 27
AS_REQ, AS_REP, KRB_ERROR = 10, 11, 30
NT_PRINCIPAL, NT_SRV_INST = 1, 2
PA_ETYPE_INFO, PA_ETYPE_INFO2 = 11, 19
NEVER = "20370913024805Z"
"""The `till` of MIT's clients: as long as the KDC likes."""

ENCRYPTION_TYPES: Mapping[int, str] = {
    1: "des-cbc-crc",
    2: "des-cbc-md4",
    3: "des-cbc-md5",
    16: "des3-cbc-sha1-kd",
    17: "aes128-cts-hmac-sha1-96",
    18: "aes256-cts-hmac-sha1-96",
    19: "aes128-cts-hmac-sha256-128",
    20: "aes256-cts-hmac-sha384-192",
    23: "rc4-hmac",
    24: "rc4-hmac-exp",
    25: "camellia128-cts-cmac",
    26: "camellia256-cts-cmac",
}
"""Those that a KDC may have keys of (IANA: Kerberos Encryption Type Numbers)."""


class ErrorCode(IntEnum):
    """Errors that decide something here (RFC 4120 §7.5.9)."""

    C_PRINCIPAL_UNKNOWN = 6
    S_PRINCIPAL_UNKNOWN = 7
    NULL_KEY = 9
    POLICY = 12
    ETYPE_NOSUPP = 14
    CLIENT_REVOKED = 18
    PREAUTH_FAILED = 24
    PREAUTH_REQUIRED = 25
    RESPONSE_TOO_BIG = 52
    GENERIC = 60
    WRONG_REALM = 68


@dataclass(frozen=True, kw_only=True)
class KdcAnswer:
    """A KRB-ERROR or an AS-REP. Texts are as sent: not safe to show."""

    error: int | None = None
    """Its code; None: an AS-REP. Numbers outside `ErrorCode` exist."""
    realm: str = ""
    """Of the KDC that answered."""
    client_realm: str = ""
    """Of the client; with WRONG_REALM, the one to ask instead."""
    text: str = ""
    """What the KDC adds in words."""
    offered: tuple[int, ...] = ()
    """Encryption types of the client's keys, of ETYPE-INFO2 and ETYPE-INFO."""
    reply: int | None = None
    """AS-REP: encryption type of what is for the client."""
    ticket: int | None = None
    """AS-REP: encryption type of the ticket, which is the ticket-granting service's own."""

    def __str__(self) -> str:
        if self.error is None:
            return "AS-REP"
        known = self.error in ErrorCode.__members__.values()
        return f"KRB-ERROR {ErrorCode(self.error).name} ({self.error})" if known else f"KRB-ERROR {self.error}"


def encryption_type(number: int) -> str:
    """`18` → `aes256-cts-hmac-sha1-96`."""
    return ENCRYPTION_TYPES.get(number, f"etype {number}")


# --- values to bytes ----------------------------------------------------------------------------------------------


def as_request(realm: str, client: tuple[str, ...], etypes: tuple[int, ...], nonce: int) -> bytes:
    """Ask for a ticket-granting ticket, without showing that one is the client (RFC 4120 §5.4.1)."""
    body = (
        _field(0, ber.primitive(UNIVERSAL, BIT_STRING, b"\0\0\0\0\0")),
        _field(1, _principal(NT_PRINCIPAL, client)),
        _field(2, ber.primitive(UNIVERSAL, GENERAL_STRING, realm)),
        _field(3, _principal(NT_SRV_INST, ("krbtgt", realm))),
        _field(5, ber.primitive(UNIVERSAL, GENERALIZED_TIME, NEVER)),
        _field(7, ber.number(nonce)),
        _field(8, _sequence(*map(ber.number, etypes))),
    )
    request = _sequence(_field(1, ber.number(5)), _field(2, ber.number(AS_REQ)), _field(4, _sequence(*body)))
    return ber.constructed(APPLICATION, AS_REQ, request)


def framed(message: bytes) -> bytes:
    """A message as it is sent over TCP."""
    return len(message).to_bytes(4, "big") + message


def _field(number: int, value: bytes) -> bytes:
    return ber.constructed(CONTEXT, number, value)


def _sequence(*parts: bytes) -> bytes:
    return ber.constructed(UNIVERSAL, SEQUENCE, *parts)


def _principal(kind: int, names: tuple[str, ...]) -> bytes:
    parts = (ber.primitive(UNIVERSAL, GENERAL_STRING, name) for name in names)
    return _sequence(_field(0, ber.number(kind)), _field(1, _sequence(*parts)))


# --- bytes to values ----------------------------------------------------------------------------------------------


def decode_datagram(buffer: bytes) -> tuple[KdcAnswer, int] | None:
    """Read the answer that is all of `buffer`; None when there is nothing yet. Raises MalformedError."""
    return (decode_answer(buffer), len(buffer)) if buffer else None


def decode_framed(buffer: bytes) -> tuple[KdcAnswer, int] | None:
    """Read the first answer of `buffer`: (answer, bytes consumed), or None when more bytes are needed.

    Raises MalformedError.
    """
    if len(buffer) < 4:
        return None
    size = int.from_bytes(buffer[:4], "big")
    if not 0 < size <= MESSAGE_LIMIT:  # also where the high bit is set, which is reserved for extensions
        raise MalformedError(f"no length of a Kerberos message: {size}")
    if len(buffer) < 4 + size:
        return None
    return decode_answer(buffer[4 : 4 + size]), 4 + size


def decode_answer(message: bytes) -> KdcAnswer:
    """Read a whole KRB-ERROR or AS-REP. Raises MalformedError for anything else."""
    if not message or message[0] not in {0x6B, 0x7E}:
        raise MalformedError("neither a KRB-ERROR nor an AS-REP")
    whole = ber.elements(message)
    if len(whole) != 1:
        raise MalformedError("more than one Kerberos message")
    fields = _fields(_inner(whole[0], UNIVERSAL, SEQUENCE))
    version, kind = (_inner(_need(fields, at), UNIVERSAL, INTEGER).number for at in (0, 1))
    if (version, kind) != (5, whole[0].tag):
        raise MalformedError(f"version {version} and type {kind} in message {whole[0].tag}")
    return _error(fields) if kind == KRB_ERROR else _reply(fields)


def _error(fields: dict[int, ber.Element]) -> KdcAnswer:
    code = _inner(_need(fields, 6), UNIVERSAL, INTEGER).number
    details = _inner(fields[12], UNIVERSAL, OCTET_STRING).content if 12 in fields else b""
    return KdcAnswer(
        error=code,
        realm=_text(_need(fields, 9)),
        client_realm=_text(fields[7]) if 7 in fields else "",
        text=_text(fields[11]) if 11 in fields else "",
        offered=_offered(details) if code == ErrorCode.PREAUTH_REQUIRED else (),
    )


def _reply(fields: dict[int, ber.Element]) -> KdcAnswer:
    ticket = _inner(_need(fields, 5), APPLICATION, 1)
    inside = _fields(_inner_of(ticket.content, UNIVERSAL, SEQUENCE))
    realm = _text(_need(fields, 3))
    return KdcAnswer(
        realm=_text(_need(inside, 1)), client_realm=realm,
        reply=_etype(_need(fields, 6)), ticket=_etype(_need(inside, 3)),
    )  # fmt: skip


def _etype(encrypted: ber.Element) -> int:
    """Of EncryptedData (RFC 4120 §5.2.9)."""
    return _inner(_need(_fields(_inner(encrypted, UNIVERSAL, SEQUENCE)), 0), UNIVERSAL, INTEGER).number


def _offered(details: bytes) -> tuple[int, ...]:
    """The encryption types in METHOD-DATA (RFC 4120 §5.2.7.4 and §5.2.7.5), each once."""
    found: dict[int, None] = {}
    for method in ber.elements(_inner_of(details, UNIVERSAL, SEQUENCE).content) if details else ():
        fields = _fields(method)
        kind = _inner(_need(fields, 1), UNIVERSAL, INTEGER).number
        if kind in {PA_ETYPE_INFO, PA_ETYPE_INFO2} and 2 in fields:
            value = _inner(fields[2], UNIVERSAL, OCTET_STRING).content
            entries = ber.elements(_inner_of(value, UNIVERSAL, SEQUENCE).content) if value else ()
            found |= dict.fromkeys(_inner(_need(_fields(one), 0), UNIVERSAL, INTEGER).number for one in entries)
    return tuple(found)


def _text(field: ber.Element) -> str:
    return _inner(field, UNIVERSAL, GENERAL_STRING).text


def _fields(sequence: ber.Element) -> dict[int, ber.Element]:
    """The parts of a SEQUENCE by the numbers of their tags."""
    if sequence.where != (UNIVERSAL, SEQUENCE) or not sequence.constructed:
        raise MalformedError("a SEQUENCE is missing")
    return {part.tag: part for part in ber.elements(sequence.content) if part.class_ == CONTEXT}


def _need(fields: dict[int, ber.Element], number: int) -> ber.Element:
    if number not in fields:
        raise MalformedError(f"field {number} is missing")
    return fields[number]


def _inner(outer: ber.Element, class_: int, tag: int) -> ber.Element:
    """What an explicit tag is around."""
    if not outer.constructed:
        raise MalformedError("an explicit tag is a constructed element")
    return _inner_of(outer.content, class_, tag)


def _inner_of(content: bytes, class_: int, tag: int) -> ber.Element:
    inside: Iterator[ber.Element] = iter(ber.elements(content))
    found = next(inside, None)
    if found is None or found.where != (class_, tag) or next(inside, None) is not None:
        raise MalformedError(f"not just an element of class {class_} and tag {tag}")
    return found
