"""Records and alerts: round trips, arbitrary bytes, and the first bytes of other protocols."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.tls_names import ContentType
from scanner.wire.tls_record import (
    MAX_FRAGMENT,
    AlertMessage,
    Record,
    decode_alert,
    decode_record,
    encode_alert,
    encode_record,
)

bytes_ = st.integers(0, 255)
records = st.builds(
    Record, st.sampled_from(ContentType), st.integers(0x0300, 0x03FF), st.binary(min_size=1, max_size=300)
)


@given(records, st.binary(max_size=20), st.binary(max_size=20))
def test_record_round_trip_wherever_it_stands(record: Record, before: bytes, behind: bytes) -> None:
    written = encode_record(record)
    assert decode_record(before + written + behind, len(before)) == (record, len(written))


@given(records, st.data())
def test_beginning_of_a_record_asks_for_more(record: Record, data: st.DataObject) -> None:
    written = encode_record(record)
    assert decode_record(written[: data.draw(st.integers(0, len(written) - 1))]) is None


@given(bytes_, bytes_)
def test_alert_round_trip(level: int, description: int) -> None:
    alert = AlertMessage(level, description)
    decoded = decode_record(encode_alert(alert))
    assert decoded is not None
    assert decoded[0].type is ContentType.ALERT
    assert decode_alert(decoded[0].fragment) == alert
    assert str(description) in str(alert)


def test_bytes_are_those_of_the_rfc() -> None:
    assert encode_alert(AlertMessage(2, 40)) == bytes.fromhex("15 0303 0002 0228")
    assert encode_record(Record(ContentType.HANDSHAKE, 0x0301, b"abc")) == bytes.fromhex("16 0301 0003") + b"abc"


@given(st.one_of(st.binary(max_size=64), st.binary(max_size=64).map(lambda tail: b"\x16\x03" + tail)))
def test_any_bytes_are_a_record_or_too_few_or_malformed(data: bytes) -> None:
    try:
        decoded = decode_record(data)
    except MalformedError:
        assert data
        return
    if decoded is None:
        # only ever asks for more within the bound
        assert len(data) < 5 or len(data) < 5 + int.from_bytes(data[3:5]) <= 5 + MAX_FRAGMENT
    else:
        record, consumed = decoded
        assert data[:consumed] == encode_record(record)


@pytest.mark.parametrize(
    "first",
    [
        b"H",  # HTTP/1.1 400 Bad Request
        b"S",  # SSH-2.0-…
        b"220 mail.example ESMTP\r\n",
        b"* OK IMAP4rev1\r\n",
        b"\x80",  # an SSLv2 record
        b"\x00",
        b"\x15\x02",
        b"\x16\x00",
        b"\x18\x03\x03\x00\x01x",  # heartbeat
    ],
)
def test_other_protocols_are_told_at_their_first_bytes(first: bytes) -> None:
    with pytest.raises(MalformedError, match="not a TLS record"):
        decode_record(first)


def test_longest_fragment() -> None:
    record = Record(ContentType.HANDSHAKE, 0x0303, bytes(MAX_FRAGMENT))
    assert decode_record(encode_record(record)) == (record, 5 + MAX_FRAGMENT)
    with pytest.raises(ValueError, match="fragment of"):
        encode_record(Record(ContentType.HANDSHAKE, 0x0303, bytes(MAX_FRAGMENT + 1)))
    with pytest.raises(MalformedError, match=r"record of 18433 bytes"):  # at its header: nobody waits for the rest
        decode_record(b"\x16\x03\x03" + (MAX_FRAGMENT + 1).to_bytes(2))


@pytest.mark.parametrize("kind", [ContentType.CHANGE_CIPHER_SPEC, ContentType.ALERT, ContentType.HANDSHAKE])
def test_empty_record_is_malformed(kind: ContentType) -> None:
    with pytest.raises(MalformedError, match="empty"):
        decode_record(bytes([kind, 3, 3, 0, 0]))


@pytest.mark.parametrize("fragment", [b"", b"\x02", b"\x02\x28\x00", b"\x02\x28" * 2])
def test_alert_is_two_bytes(fragment: bytes) -> None:
    with pytest.raises(MalformedError, match="alert of"):
        decode_alert(fragment)
