"""LDAP messages as a server sends them (RFC 4511); `ldap.decode` reads what it is sent."""

from collections.abc import Mapping, Sequence

from scanner.wire import ber
from scanner.wire.ber import CONTEXT, ENUMERATED, SEQUENCE, SET, UNIVERSAL
from scanner.wire.ldap import message


def bind_response(message_id: int, result_code: int, diagnostic: str = "") -> bytes:
    """Answer to a bind request."""
    return message(message_id, 1, *_ldap_result(result_code, diagnostic))


def extended_response(message_id: int, result_code: int, diagnostic: str = "", response_name: str = "") -> bytes:
    """Answer to an extended request, such as StartTLS."""
    named = [ber.primitive(CONTEXT, 10, response_name)] if response_name else []
    return message(message_id, 24, *_ldap_result(result_code, diagnostic), *named)


def search_entry(message_id: int, name: str, attributes: Mapping[str, Sequence[bytes]]) -> bytes:
    """One entry found."""
    listed = (
        ber.constructed(
            UNIVERSAL, SEQUENCE, ber.octets(kind), ber.constructed(UNIVERSAL, SET, *map(ber.octets, values))
        )
        for kind, values in attributes.items()
    )
    return message(message_id, 4, ber.octets(name), ber.constructed(UNIVERSAL, SEQUENCE, *listed))


def search_done(message_id: int, result_code: int, diagnostic: str = "") -> bytes:
    """The end of what a search found."""
    return message(message_id, 5, *_ldap_result(result_code, diagnostic))


def _ldap_result(result_code: int, diagnostic: str) -> tuple[bytes, bytes, bytes]:
    return ber.number(result_code, ENUMERATED), ber.octets(""), ber.octets(diagnostic)
