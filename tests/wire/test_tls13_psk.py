"""Offers of a ticket: the hello of RFC 8448 §4, byte by byte, and what cannot be offered."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.reader import Reader
from scanner.wire.tls13_messages import Ticket
from scanner.wire.tls13_psk import offer_psk
from tests.wire import rfc8448

TICKET = Ticket(30, 0xFAD6AAC5, b"\0\0", rfc8448.TICKET, 1024, 0x1301, rfc8448.PSK)
EXTENSIONS_AT = 4 + 2 + 32 + 1 + 2 + 6 + 2
"""Of both hellos of RFC 8448."""
OFFER = 4 + 0xDD
"""Bytes of the pre_shared_key in RFC 8448 §4."""


def with_extensions(hello: bytes, listed: bytes) -> bytes:
    body = hello[4:EXTENSIONS_AT] + len(listed).to_bytes(2) + listed
    return b"\x01" + len(body).to_bytes(3) + body


def extensions(hello: bytes) -> dict[int, bytes]:
    assert int.from_bytes(hello[1:4]) == len(hello) - 4
    reader = Reader(hello[EXTENSIONS_AT:])
    found = reader.extensions()
    reader.end()
    return found


def test_offer_of_rfc_8448_section_4() -> None:
    before = with_extensions(rfc8448.RESUMED_CLIENT_HELLO, rfc8448.RESUMED_CLIENT_HELLO[EXTENSIONS_AT + 2 : -OFFER])
    assert offer_psk(before, TICKET, rfc8448.OBFUSCATED_AGE) == rfc8448.RESUMED_CLIENT_HELLO
    assert offer_psk(before, TICKET, rfc8448.OBFUSCATED_AGE, early_data=True) == rfc8448.RESUMED_CLIENT_HELLO


@pytest.mark.parametrize(("suite", "size"), [(0x1301, 32), (0x1302, 48), (0x1305, 32)])
@pytest.mark.parametrize("early", [False, True])
def test_what_is_missing_is_added_and_the_offer_is_last(suite: int, size: int, early: bool) -> None:
    bare = with_extensions(rfc8448.CLIENT_HELLO, bytes.fromhex("002b0003020304"))
    offered = extensions(offer_psk(bare, replace(TICKET, suite=suite), 7, early_data=early))
    assert list(offered) == [43, 45, *([42] if early else []), 41]
    assert (offered[45], offered.get(42)) == (b"\x01\x01", b"" if early else None)
    identities = Reader(offered[41])
    identity = Reader(identities.vector(2))
    assert (identity.vector(2), identity.number(4), identity.left) == (rfc8448.TICKET, 7, 0)
    binders = Reader(identities.vector(2))
    assert (len(binders.vector(1)), binders.left, identities.left) == (size, 0, 0)


def test_the_longest_ticket() -> None:
    bare = with_extensions(rfc8448.CLIENT_HELLO, b"")
    room = 0xFFFF - (4 + 2) - (4 + 2 + 2 + 4 + 2 + 1 + 32)  # psk_key_exchange_modes, pre_shared_key
    assert len(extensions(offer_psk(bare, replace(TICKET, ticket=bytes(room)), 0))) == 2
    for hello, size in ((bare, room + 1), (rfc8448.CLIENT_HELLO, room), (bare, 0xFFFF)):
        with pytest.raises(MalformedError, match="no room for a ticket"):
            offer_psk(hello, replace(TICKET, ticket=bytes(size)), 0)


def test_no_second_offer() -> None:
    with pytest.raises(MalformedError, match="pre_shared_key"):
        offer_psk(rfc8448.RESUMED_CLIENT_HELLO, TICKET, 0)


@given(st.one_of(st.binary(max_size=80), st.integers(0, 195).map(lambda end: rfc8448.CLIENT_HELLO[:end])))
def test_what_is_no_hello_is_malformed(hello: bytes) -> None:
    with pytest.raises(MalformedError):
        offer_psk(hello, TICKET, 0)
