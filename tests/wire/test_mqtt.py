"""MQTT's CONNECT and CONNACK: bytes as specified, boundary values, arbitrary bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.mqtt import MAX_LENGTH, Connack, Level, connack, connect, decode_connack


def test_connect() -> None:
    three = bytes.fromhex("10 11 0004 4d515454 04 82 003c 0001 63 0002 7573")
    assert connect(Level.MQTT_3_1_1, "c", "us") == three
    five = bytes.fromhex("10 12 0004 4d515454 05 82 003c 00 0001 63 0002 7573")
    assert connect(Level.MQTT_5, "c", "us") == five


@pytest.mark.parametrize(("size", "length"), [(0, b"\x0f"), (112, b"\x7f"), (113, b"\x80\x01"), (16368, b"\xff\x7f")])
def test_length_of_connect(size: int, length: bytes) -> None:
    sent = connect(Level.MQTT_3_1_1, "c", "u" * size)
    assert sent[1:].startswith(length)
    assert len(sent) == 1 + len(length) + 15 + size


def test_a_name_has_a_limit() -> None:
    assert connect(Level.MQTT_5, "c", "u" * 65535)
    with pytest.raises(ValueError, match="65535"):
        connect(Level.MQTT_5, "c", "u" * 65536)


@pytest.mark.parametrize(
    ("buffer", "code", "meaning"),
    [
        (b"\x20\x02\0\0", 0, "accepted"),
        (b"\x20\x02\x01\x05", 5, "not authorized"),
        (b"\x20\x03\0\x86\0", 0x86, "bad user name or password"),
        (b"\x20\x82\0\0\x06", 6, "another reason"),  # a length with one byte more than it needs
        (b"\x20\x80\x80\x04\0\x87" + bytes(MAX_LENGTH - 2), 0x87, "not authorized"),
    ],
)
def test_connack(buffer: bytes, code: int, meaning: str) -> None:
    assert decode_connack(buffer + b"more") == (Connack(code), len(buffer))
    assert Connack(code).meaning == meaning
    for at in (*range(min(len(buffer), 8)), len(buffer) - 1):
        assert decode_connack(buffer[:at]) is None


@pytest.mark.parametrize(
    "buffer",
    [
        b"2",
        b"\x21\x02\0\0",
        b"\x30\x02\0\0",
        b"HTTP/1.1",
        b"\x20\x01\0",
        b"\x20\0",
        b"\x20\x02\x02\0",
        b"\x20\x81\x80\x04",  # MAX_LENGTH + 1
        b"\x20\xff\xff\xff\xff",
    ],
)
def test_other_answers_are_malformed(buffer: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_connack(buffer)


@given(st.integers(0, 255), st.sampled_from(Level))
def test_what_is_written_is_read(code: int, level: Level) -> None:
    assert decode_connack(connack(code, level)) == (Connack(code), 4 if level is Level.MQTT_3_1_1 else 5)


@given(st.one_of(st.binary(max_size=20), st.binary(max_size=20).map(b"\x20".__add__)))
def test_any_bytes_are_read_or_too_few_or_malformed(buffer: bytes) -> None:
    try:
        decoded = decode_connack(buffer)
    except MalformedError:
        return
    assert decoded is None or 0 < decoded[1] <= len(buffer)
