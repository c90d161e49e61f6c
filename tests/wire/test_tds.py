"""TDS before the login, byte by byte."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.tds import PACKET_SIZE, Encryption, Packets, decode_prelogin, prelogin, wrap


def response(encryption: int, *, kind: int = 4) -> bytes:
    """As a server writes it."""
    return bytes([kind]) + prelogin(Encryption.OFF)[1:-1] + bytes([encryption])


def test_what_is_sent() -> None:
    asked = prelogin(Encryption.NOT_SUP)
    assert asked == bytes.fromhex("1201001a0000010000000b00060100110001ff08000155000002")


@pytest.mark.parametrize("value", range(5))
def test_responses(value: int) -> None:
    whole = response(value)
    assert decode_prelogin(whole + b"\x04more") == (value, len(whole))
    assert all(decode_prelogin(whole[:cut]) is None for cut in range(len(whole)))


@pytest.mark.parametrize(
    "malformed",
    [
        b"SSH-2.0-",
        prelogin(Encryption.NOT_SUP),  # a server that echoes what it hears
        b"\x15\x03\x01\0\x02\x02\x46",
        bytes.fromhex("0401000800000100"),  # empty
        bytes.fromhex("0401000900000100ff"),  # no options
        bytes.fromhex("0401000e000001000000060006ff"),  # a version, but no encryption
        bytes.fromhex("0401000f0000010001000b0001ff02"),  # beyond the end
        bytes.fromhex("0401000f00000100010006000002ff"),
    ],
)
def test_malformed(malformed: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_prelogin(malformed)


@pytest.mark.parametrize("size", [1, PACKET_SIZE - 9, PACKET_SIZE - 8, PACKET_SIZE - 7, 3 * PACKET_SIZE])
def test_what_is_long_takes_several_packets(size: int) -> None:
    written = wrap(bytes(size))
    statuses = []
    while written:
        length = int.from_bytes(written[2:4])
        assert length <= PACKET_SIZE
        statuses.append(written[1])
        written = written[length:]
    assert statuses == [0] * (len(statuses) - 1) + [1]


@given(st.binary(min_size=1, max_size=9000), st.integers(1, 5000))
def test_packets_are_read_however_they_are_cut(data: bytes, size: int) -> None:
    packets = Packets()
    written = packets.wrap(data)
    assert b"".join(packets.feed(written[at : at + size]) for at in range(0, len(written), size)) == data


nearly = st.builds(
    lambda at, put: response(1)[:at] + put + response(1)[at + len(put) :],
    st.integers(0, 26),
    st.binary(min_size=1, max_size=3),
)


@given(st.binary() | nearly)
def test_any_bytes_parse_ask_for_more_or_are_malformed(buffer: bytes) -> None:
    with suppress(MalformedError):
        decoded = decode_prelogin(buffer)
        assert decoded is None or 0 < decoded[1] <= len(buffer)
    with suppress(MalformedError):
        Packets().feed(buffer)
