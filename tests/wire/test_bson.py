"""BSON documents, byte by byte."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.bson import document, read_document
from scanner.wire.errors import MalformedError

names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=10)
values = st.integers(-(2**31), 2**31 - 1) | names


def of(*elements: bytes) -> bytes:
    body = b"".join(elements)
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def test_the_example_of_the_specification() -> None:
    whole = bytes.fromhex("160000000268656c6c6f0006000000776f726c640000")
    assert read_document(whole) == {"hello": "world"}
    assert document({"hello": "world"}) == whole


def test_every_type() -> None:
    inner = of(b"\x10x\0\1\0\0\0")
    whole = of(
        b"\x01double\0" + struct.pack("<d", 1.0),
        b"\x02text\0\3\0\0\0a\xff\0",
        b"\x03document\0" + inner,
        b"\x04array\0" + inner,
        b"\x05binary\0\2\0\0\0\x04ab",
        b"\x07id\0" + bytes(12),
        b"\x08yes\0\1",
        b"\x09date\0" + bytes(8),
        b"\x0anull\0",
        b"\x10int\0\xff\xff\xff\xff",
        b"\x11timestamp\0" + bytes(8),
        b"\x12long\0\2" + bytes(7),
        b"\x13decimal\0" + bytes(16),
        b"\x7flargest\0",
    )
    expected = {"double": 1.0, "text": "a\\xff", "yes": True, "date": 0, "null": None, "int": -1, "timestamp": 0}
    assert read_document(whole) == expected | {"long": 2}


def test_the_empty_document() -> None:
    assert read_document(of()) == {}


@pytest.mark.parametrize(
    "malformed",
    [
        b"",
        bytes(4),
        of()[:-1] + b"\1",
        of(b"\x10x\0\1\0\0"),
        of(b"\x10x"),
        of(b"\x0bx\0a\0i\0"),
        of(b"\x02x\0\0\0\0\0"),
        of(b"\x02x\0\2\0\0\0\0"),
        of(b"\x02x\0\2"),
        of(b"\x03x\0\4\0\0\0"),
        of(b"\x05x\0\1\0\0\0\0"),
        of(b"\x02x\0\xff\xff\xff\xff\0"),
    ],
)
def test_malformed(malformed: bytes) -> None:
    with pytest.raises(MalformedError):
        read_document(malformed)


@given(st.dictionaries(names, values))
def test_round_trip(given_values: dict[str, int | str]) -> None:
    assert read_document(document(given_values)) == given_values


@given(st.binary() | st.binary().map(of))
def test_any_bytes_are_a_document_or_malformed(data: bytes) -> None:
    with suppress(MalformedError):
        read_document(data)
