"""Whether a server selected only what it was offered (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3)."""

from collections.abc import Collection

from scanner.wire.tls13 import Handshake
from scanner.wire.tls_flight import Flight, ServerHello
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import (
    EMPTY_RENEGOTIATION_INFO_SCSV,
    FALLBACK_SCSV,
    Version,
    group_name,
    scheme_name,
    suite_name,
    version_name,
)
from scanner.wire.tls_tolerance import GREASE

_SIGNALS = (EMPTY_RENEGOTIATION_INFO_SCSV, FALLBACK_SCSV)
"""No suites, whatever their name (RFC 5746 §3.3, RFC 7507 §2)."""


def wrongly_selected(hello: Hello, flight: Flight) -> tuple[str, ...]:
    """As `not_offered`, without the signature.

    OpenSSL 1.0.2 signs with SHA-1 where no scheme fits (RFC 5246 §7.4.1.4.1 has that as a client's default); what it
    selected is selected all the same.
    """
    return tuple(what for what in not_offered(hello, flight) if not what.startswith(_SIGNED))


_SIGNED = "signed with "


def not_offered(hello: Hello, flight: Flight) -> tuple[str, ...]:
    """What the server selected although `hello` does not offer it, as words: `selected TLSv1.3`, …

    Reserved values (RFC 8701) are in a hello to be ignored: whoever selects one was not offered it either.
    """
    answer = flight.accepted
    if answer is None:
        return ()
    exchange = flight.key_exchange
    wrong = _in_hello(hello, answer)
    if exchange.group is not None and hello.groups and not _offers(hello.groups, exchange.group):
        wrong.append(f"selected the group {group_name(exchange.group)}")
    if answer.compression not in hello.compressions:
        wrong.append(f"selected compression method {answer.compression}")
    if exchange.scheme is not None and hello.schemes and exchange.scheme not in hello.schemes:
        wrong.append(f"{_SIGNED}{scheme_name(exchange.scheme)}")
    if answer.alpn is not None and answer.alpn not in hello.alpn:
        wrong.append(f"selected the application protocol {answer.alpn!r}")
    return tuple(wrong)


def not_offered_in_handshake(hello: Hello, handshake: Handshake) -> tuple[str, ...]:
    """The same of all that a TLS 1.3 server says."""
    wrong = _in_hello(hello, handshake.hello) if handshake.hello else []
    if handshake.scheme is not None and handshake.scheme not in hello.schemes:
        wrong.append(f"signed with {scheme_name(handshake.scheme)}")
    if handshake.alpn is not None and handshake.alpn not in hello.alpn:
        wrong.append(f"selected the application protocol {handshake.alpn!r}")
    return tuple(wrong)


def _in_hello(hello: Hello, answer: ServerHello) -> list[str]:
    wrong = [] if _offers(hello.offered_versions, answer.version) else [f"selected {version_name(answer.version)}"]
    if not _offers(hello.suites, answer.suite) or answer.suite in _SIGNALS:
        wrong.append(f"selected {suite_name(answer.suite)}")
    if answer.version == Version.TLSv1_3 and (group := answer.group) is not None:
        if not _offers(hello.groups, group):
            wrong.append(f"selected the group {group_name(group)}")
        elif answer.retry and group in hello.key_shares:  # RFC 8446 §4.2.8: that would change nothing
            wrong.append(f"asked for the key share of {group_name(group)} that it has")
    return wrong


def _offers(listed: Collection[int], code: int) -> bool:
    return code in listed and code not in GREASE
