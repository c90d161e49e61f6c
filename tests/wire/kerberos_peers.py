"""A KDC's messages, written for the tests from RFC 4120's ASN.1."""

from scanner.wire import ber
from scanner.wire.ber import APPLICATION, CONTEXT, SEQUENCE, UNIVERSAL

REALM = "EXAMPLE.TEST"


def _sequence(*parts: bytes) -> bytes:
    return ber.constructed(UNIVERSAL, SEQUENCE, *parts)


def _field(number: int, value: bytes) -> bytes:
    return ber.constructed(CONTEXT, number, value)


def _text(text: str) -> bytes:
    return ber.primitive(UNIVERSAL, 27, text)


def _name(*names: str) -> bytes:
    return _sequence(_field(0, ber.number(1)), _field(1, _sequence(*map(_text, names))))


def _encrypted(etype: int) -> bytes:
    return _sequence(_field(0, ber.number(etype)), _field(2, ber.octets(b"sealed")))


def kdc_error(
    code: int,
    *,
    realm: str = REALM,
    client_realm: str = "",
    text: str = "",
    details: bytes = b"",
    kind: int = 30,
    version: int = 5,
    without: int | None = None,
) -> bytes:
    """A KRB-ERROR (RFC 4120 §5.9.1), perhaps without one of its fields."""
    fields = {
        0: ber.number(version),
        1: ber.number(kind),
        4: ber.primitive(UNIVERSAL, 24, "20260601000000Z"),
        5: ber.number(7),
        6: ber.number(code),
        7: _text(client_realm) if client_realm else b"",
        9: _text(realm),
        10: _name("krbtgt", realm),
        11: _text(text) if text else b"",
        12: ber.octets(details) if details else b"",
    }
    parts = (_field(number, value) for number, value in fields.items() if value and number != without)
    return ber.constructed(APPLICATION, 30, _sequence(*parts))


def preauthentication(*etypes: int) -> bytes:
    """METHOD-DATA that wants a timestamp encrypted in one of these (RFC 4120 §5.2.7)."""
    info = _sequence(*(_sequence(_field(0, ber.number(one)), _field(1, _text("salt"))) for one in etypes))
    methods = ((19, info), (2, b""))
    return _sequence(*(_sequence(_field(1, ber.number(kind)), _field(2, ber.octets(value))) for kind, value in methods))


def kdc_reply(reply: int, ticket: int) -> bytes:
    """An AS-REP (RFC 4120 §5.4.2)."""
    sealed = _sequence(
        _field(0, ber.number(5)),
        _field(1, _text(REALM)),
        _field(2, _name("krbtgt", REALM)),
        _field(3, _encrypted(ticket)),
    )
    parts = (
        *(_field(0, ber.number(5)), _field(1, ber.number(11)), _field(3, _text(REALM)), _field(4, _name("somebody"))),
        *(_field(5, ber.constructed(APPLICATION, 1, sealed)), _field(6, _encrypted(reply))),
    )
    return ber.constructed(APPLICATION, 11, _sequence(*parts))


def requested(request: bytes) -> tuple[str, tuple[str, ...], tuple[int, ...]]:
    """Realm, client and encryption types of an AS-REQ."""
    (whole,) = ber.elements(request)
    assert whole.where == (APPLICATION, 10)
    (inside,) = ber.elements(whole.content)
    body = next(one for one in ber.elements(inside.content) if one.tag == 4)
    (sequence,) = ber.elements(body.content)
    fields = {one.tag: ber.elements(one.content)[0] for one in ber.elements(sequence.content)}
    names = next(one for one in ber.elements(fields[1].content) if one.tag == 1)
    (listed,) = ber.elements(names.content)
    return (
        fields[2].text,
        tuple(one.text for one in ber.elements(listed.content)),
        tuple(one.number for one in ber.elements(fields[8].content)),
    )
