"""OpenWire up to the login, as ActiveMQ 5.17.2 speaks it, in any split, and of any bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire import openwire
from scanner.wire.errors import MalformedError
from scanner.wire.openwire import MAX_FRAME, Frame, Reply, WireFormat

OFFER = (
    b"\0\0\1R\1ActiveMQ\0\0\0\x0c\1\0\0\1@\0\0\0\r\0\x11StackTraceEnabled\1\1\0\x0fPlatformDetails\t\0\4Java\0\x0cCacheEnabled\1\1"
    b"\0\x11TcpNoDelayEnabled\1\1\0\x12SizePrefixDisabled\1\0\0\tCacheSize\5\0\0\4\0\0\x0cProviderName\t\0\x08ActiveMQ"
    b"\0\x14TightEncodingEnabled\1\1\0\x0cMaxFrameSize\6\x7f\xff\xff\xff\xff\xff\xff\xff\0\x15MaxInactivityDuration\6\0\0\0\0\0\0u0"
    b"\0 MaxInactivityDurationInitalDelay\6\0\0\0\0\0\0'\x10\0\x13MaxFrameSizeEnabled\1\1"
    b"\0\x0fProviderVersion\t\0\x065.17.2"
)


def exception(name: str, message: str, kind: int = openwire.EXCEPTION_RESPONSE) -> bytes:
    """The answer to a login that is not taken, or the error of a connection."""
    words = b"\1\1" + len(name).to_bytes(2) + name.encode() + b"\1" + len(message).to_bytes(2) + message.encode()
    return openwire.frame(kind, bytes(9 if kind == openwire.EXCEPTION_RESPONSE else 5) + words)


def offer(properties: bytes, count: int, version: int = 12) -> bytes:
    data = count.to_bytes(4) + properties
    return openwire.frame(1, b"ActiveMQ" + version.to_bytes(4) + b"\1" + len(data).to_bytes(4) + data)


def test_the_offer_of_a_real_broker() -> None:
    decoded = openwire.decode_wire_format(OFFER)
    assert decoded is not None
    told, consumed = decoded
    assert consumed == len(OFFER)
    assert told.version == 12
    assert [told.properties[key] for key in ("ProviderName", "ProviderVersion", "PlatformDetails")] == [
        "ActiveMQ",
        "5.17.2",
        "Java",
    ]
    assert told.properties["MaxInactivityDuration"] == 30000


def test_what_is_offered_is_read_alike() -> None:
    decoded = openwire.decode_wire_format(openwire.wire_format_info(9))
    assert decoded is not None
    assert decoded[0].version == 9
    assert set(decoded[0].properties.values()) == {0}
    assert openwire.decode_wire_format(openwire.frame(1, b"ActiveMQ\0\0\0\1\0")) == (WireFormat(1), 18)


@pytest.mark.parametrize("data", [OFFER, exception("java.lang.SecurityException", "no")])
def test_any_split(data: bytes) -> None:
    decode = openwire.decode_wire_format if data == OFFER else openwire.decode_frame
    for at in range(len(data)):
        assert decode(data[:at]) is None, at
    assert decode(data) == decode(data + b"more")


@pytest.mark.parametrize("size", [1, MAX_FRAME])
def test_frames(size: int) -> None:
    data = size.to_bytes(4) + b"\x0a" + bytes(size - 1)
    assert openwire.decode_frame(data) == (Frame(10, bytes(size - 1)), 4 + size)


@pytest.mark.parametrize("size", [0, MAX_FRAME + 1, 0x48545450])
def test_frames_that_cannot_be(size: int) -> None:
    with pytest.raises(MalformedError, match=str(size)):
        openwire.decode_frame(size.to_bytes(4))


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request",
        b"\0\0\0\x20\2",
        b"\0\0\0\x20\1ActiveM?",
        offer(b"", 1),
        offer(b"", openwire.MAX_PROPERTIES + 1),
        offer(b"\0\1a\x0b\0\0\0\0", 1),
        openwire.frame(1, b"ActiveMQ\0\0"),
    ],
)
def test_what_is_no_offer(data: bytes) -> None:
    with pytest.raises(MalformedError):
        openwire.decode_wire_format(data)


@pytest.mark.parametrize("count", [0, openwire.MAX_PROPERTIES])
def test_properties(count: int) -> None:
    words = b"".join(b"\0\3%03d\x05\0\0\0\7" % number for number in range(count))
    decoded = openwire.decode_wire_format(offer(words, count))
    assert decoded is not None
    assert len(decoded[0].properties) == count


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (openwire.frame(30, bytes(9)), Reply()),
        (exception("java.lang.SecurityException", "no"), Reply("java.lang.SecurityException", "no")),
        (exception("java.io.IOException", "", openwire.CONNECTION_ERROR), Reply("java.io.IOException", "")),
        (openwire.frame(31, bytes(10)), Reply("an exception of no class")),
        (openwire.frame(31, bytes(9) + b"\1\0\0"), Reply("an exception of no class")),
        (openwire.frame(2, bytes(5)), None),
    ],
)
def test_replies(frame: bytes, expected: Reply | None) -> None:
    decoded = openwire.decode_frame(frame)
    assert decoded is not None
    assert openwire.reply(decoded[0]) == expected


@pytest.mark.parametrize(("version", "more"), [(1, 3), (2, 4), (6, 6), (8, 7), (12, 7)])
def test_a_login_has_the_fields_of_its_version(version: int, more: int) -> None:
    name = b"\0\6nobody"
    words = b"\0\0\0\1\1\1\x78\1" + name + b"\1" + name + b"\1\0\0\1" + name + bytes(more)
    assert openwire.connection_info("nobody", "nobody", version) == openwire.frame(3, words)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    for start in (b"", OFFER[:25], OFFER[:40]):
        for decode in (openwire.decode_frame, openwire.decode_wire_format):
            try:
                decoded = decode(start + data)
                if decoded is not None and isinstance(decoded[0], Frame):
                    openwire.reply(decoded[0])
            except MalformedError:
                continue
