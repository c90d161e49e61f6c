"""How AMQP begins: recorded answers of RabbitMQ and Qpid Proton, bounds, arbitrary bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.amqp import MAX_FRAME, MAX_ITEMS, Header, Start, decode_answer, decode_sasl
from scanner.wire.errors import MalformedError

PROTON_ANONYMOUS = bytes.fromhex("414d515003010000 0000001c02010000 005340c00f01e00c01a309414e4f4e594d4f5553")
PROTON_NONE = bytes.fromhex("414d515003010000 0000001202010000 005340c00501e00200a3")
"""Recorded from Qpid Proton 0.37."""


def long(data: bytes) -> bytes:
    return len(data).to_bytes(4) + data


def start(table: bytes = b"", mechanisms: bytes = b"PLAIN AMQPLAIN", method: bytes = b"\0\x0a\0\x0a") -> bytes:
    """A frame with Connection.Start."""
    body = method + b"\0\x09" + long(table) + long(mechanisms) + long(b"en_US")
    return b"\1\0\0" + long(body) + b"\xce"


def sasl(fields: bytes, performative: bytes = b"\0\x53\x40") -> bytes:
    body = performative + fields
    return Header.SASL + (8 + len(body)).to_bytes(4) + b"\2\1\0\0" + body


def field(name: bytes, kind: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + kind + value


PRODUCT = field(b"product", b"S", long(b"Example"))
VERSION = field(b"version", b"S", long(b"1.0"))


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (start(), Start((b"PLAIN", b"AMQPLAIN"))),
        (start(mechanisms=b""), Start(())),
        (start(mechanisms=b"  EXTERNAL "), Start((b"EXTERNAL",))),
        (start(VERSION + field(b"x", b"F", long(b"any")) + PRODUCT), Start((b"PLAIN", b"AMQPLAIN"), b"Example 1.0")),
        (start(field(b"x", b"t", b"\1") + PRODUCT), Start((b"PLAIN", b"AMQPLAIN"), b"Example")),
        (start(field(b"x", b"V", b"") + PRODUCT), Start((b"PLAIN", b"AMQPLAIN"), b"Example")),
        (start(field(b"x", b"D", b"\2abcd") + PRODUCT), Start((b"PLAIN", b"AMQPLAIN"), b"Example")),
        (start(field(b"x", b"?", b"\2abcd") + PRODUCT), Start((b"PLAIN", b"AMQPLAIN"))),
        (start(field(b"x", b"V", b"") * MAX_ITEMS + PRODUCT), Start((b"PLAIN", b"AMQPLAIN"))),
        (start(field(b"x", b"V", b"") * (MAX_ITEMS - 1) + PRODUCT), Start((b"PLAIN", b"AMQPLAIN"), b"Example")),
    ],
)
def test_start(frame: bytes, expected: Start) -> None:
    assert decode_answer(frame + b"more") == (expected, len(frame))
    assert all(decode_answer(frame[:at]) is None for at in range(len(frame)))


@pytest.mark.parametrize("header", Header)
@pytest.mark.parametrize("decode", [decode_answer, decode_sasl])
def test_another_header(decode: object, header: Header) -> None:
    assert callable(decode)
    if decode is decode_sasl and header is Header.SASL:
        return
    assert decode(header + b"more") == (header, 8)
    assert all(decode(header[:at]) is None for at in range(8))


@pytest.mark.parametrize(
    ("answer", "mechanisms"),
    [
        (PROTON_ANONYMOUS, (b"ANONYMOUS",)),
        (PROTON_NONE, ()),
        (sasl(b"\xc0\x08\x01\xa3\x05PLAIN"), (b"PLAIN",)),
        (sasl(b"\xd0\0\0\0\x0e\0\0\0\1\xb3\0\0\0\x05PLAIN"), (b"PLAIN",)),
        (sasl(b"\xc0\x0b\1\xe0\x08\x02\xa3\x01A\x03B-C"), (b"A", b"B-C")),
        (sasl(b"\xc0\x15\1\xf0\0\0\0\x0f\0\0\0\2\xb3\0\0\0\x01A\0\0\0\x01B"), (b"A", b"B")),
    ],
)
def test_sasl(answer: bytes, mechanisms: tuple[bytes, ...]) -> None:
    assert decode_sasl(answer + b"more") == (Start(mechanisms), len(answer))
    assert all(decode_sasl(answer[:at]) is None for at in range(len(answer)))


@pytest.mark.parametrize(
    "buffer",
    [
        b"H",
        b"\x15\x03\x01",
        b"\1\0\1" + bytes(5),
        b"\2\0\0" + bytes(5),
        b"\1\0\0" + (MAX_FRAME + 1).to_bytes(4),
        start(method=b"\0\x0a\0\x32"),
        start()[:-1] + b"\0",
        start(PRODUCT[:-1]),
        start(mechanisms=b"A " * (MAX_ITEMS + 1)),
        b"\1\0\0\0\0\0\0\xce",
    ],
)
def test_other_answers_are_malformed(buffer: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_answer(buffer)


@pytest.mark.parametrize(
    "buffer",
    [
        b"\1",
        b"AMQQ",
        Header.SASL + bytes.fromhex("0000000702010000"),  # shorter than its own header
        Header.SASL + bytes.fromhex("0000001001010000") + bytes(8),
        Header.SASL + bytes.fromhex("0000001002000000") + bytes(8),  # AMQP instead of SASL
        Header.SASL + (MAX_FRAME + 1).to_bytes(4) + bytes.fromhex("02010000"),
        sasl(b"\xc0\x08\x01\xa3\x05PLAIN", b"\0\x53\x44"),
        sasl(b"\x45"),
        sasl(b"\xc0\x08\x01\xa3\x06PLAIN"),
        sasl(b"\xc0\x08\x01\xa1\x05PLAIN"),
        sasl(b"\xc0\x05\1\xe0\x02\0\xa1"),
        sasl(b"\xc0\x00"),
        sasl(b"\xf0\0\0\4\4\0\0\0\1\xe0" + bytes(1028)),
    ],
)
def test_other_sasl_is_malformed(buffer: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_sasl(buffer)


def test_number_of_mechanisms() -> None:
    def listed(count: int) -> bytes:
        symbols = bytes([count]) + b"\xa3" + b"\1A" * count
        array = b"\xe0" + bytes([len(symbols)]) + symbols
        return sasl(b"\xc0" + bytes([len(array) + 1]) + b"\1" + array)

    assert decode_sasl(listed(MAX_ITEMS))
    with pytest.raises(MalformedError, match="mechanisms"):
        decode_sasl(listed(MAX_ITEMS + 1))


@given(
    st.one_of(
        st.binary(max_size=40),
        st.binary(max_size=40).map(sasl),
        st.binary(max_size=40).map(start),
        st.binary(max_size=40).map(b"\1\0\0".__add__),
    )
)
def test_any_bytes_are_read_or_too_few_or_malformed(buffer: bytes) -> None:
    for decode in (decode_answer, decode_sasl):
        try:
            decoded = decode(buffer)
        except MalformedError:
            continue
        assert decoded is None or 0 < decoded[1] <= len(buffer)
