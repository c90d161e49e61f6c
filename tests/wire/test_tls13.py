"""The handshake of RFC 8448, byte by byte, cut up in every way, and with every byte changed."""

from functools import partial
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.tls13 import Handshake
from scanner.wire.tls13_messages import Ticket
from scanner.wire.tls_names import Alert, HandshakeType
from scanner.wire.tls_record import AlertMessage
from tests.wire import rfc8448
from tests.wire.counted import calls
from tests.wire.tls13_peers import (
    CCS,
    TRACE,
    der,
    fed,
    in_record,
    own,
    p256,
    traced,
)


def test_flight_of_rfc_8448() -> None:
    handshake = traced(TRACE)
    assert (handshake.done, handshake.finished, handshake.proven, handshake.scheme) == (True, True, True, 0x0804)
    assert list(handshake.extensions) == [10, 28, 0]
    assert [len(one) for one in handshake.certificates] == [432]
    assert handshake.entry_extensions == ({},)
    assert (handshake.resumed, handshake.certificate_request, handshake.alert) == (False, None, None)


def test_finished_and_ticket_of_rfc_8448() -> None:
    handshake = traced(TRACE)
    assert handshake.finish() == CCS + rfc8448.CLIENT_FINISHED_RECORD
    fed(handshake, rfc8448.TICKET_RECORD, rfc8448.APPLICATION_RECORD, rfc8448.ALERT_RECORD)
    assert handshake.tickets == (Ticket(30, 0xFAD6AAC5, b"\0\0", rfc8448.TICKET, 1024, 0x1301, rfc8448.PSK),)
    assert handshake.application_bytes == 50
    assert handshake.alert == AlertMessage(1, Alert.CLOSE_NOTIFY)
    assert rfc8448.PSK.hex() not in repr(handshake.tickets)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, len(TRACE)), max_size=8), st.booleans())
def test_any_cut_gives_the_same(cuts: list[int], between: bool) -> None:
    wire = rfc8448.SERVER_HELLO_RECORD + (CCS if between else b"") + rfc8448.FLIGHT_RECORD
    edges = [0, *sorted(cuts), len(wire)]
    handshake = traced(*(wire[start:end] for start, end in pairwise(edges)))
    assert (handshake.finished, handshake.proven) == (True, True)
    assert handshake.certificates == traced(TRACE).certificates


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=9), st.integers(1, 2000))
def test_any_split_over_encrypted_records_gives_the_same(sizes: list[int], segment: int) -> None:
    server, handshake = own()
    said = server.say(HandshakeType.ENCRYPTED_EXTENSIONS, b"\0\0") + server.certificate(der("p256"), b"issuer" * 90)
    said += server.verify(p256()) + server.finished()
    wire, at = in_record(server.server_hello), 0
    for size in (*sizes, len(said)):
        wire += server.sealed(said[at : at + size]) if said[at : at + size] else b""
        at += size
    fed(handshake, *(wire[start : start + segment] for start in range(0, len(wire), segment)))
    assert (handshake.finished, handshake.proven) == (True, True)
    assert handshake.certificates == (der("p256"), b"issuer" * 90)


def test_work_grows_with_the_length_of_what_is_said() -> None:
    """Counted in calls, with segments of one byte."""

    def said(size: int) -> tuple[Handshake, bytes]:
        server, handshake = own()
        body = server.say(HandshakeType.ENCRYPTED_EXTENSIONS, b"\0\0") + server.certificate(bytes(size))
        sealed = b"".join(server.sealed(body[at : at + 8]) for at in range(0, len(body), 8))
        return handshake, in_record(server.server_hello) + sealed

    once, twice = (
        calls(partial(fed, handshake, *(wire[at : at + 1] for at in range(len(wire)))))
        for handshake, wire in (said(1500), said(3000))
    )
    assert 0 < once < twice < 2.2 * once


def test_byte_by_byte_and_behind_the_finished() -> None:
    handshake = traced()
    for byte in TRACE + rfc8448.TICKET_RECORD:
        assert not handshake.tickets
        handshake.feed(bytes([byte]))
    handshake.finish()
    handshake.feed(b"")
    assert len(handshake.tickets) == 1


def flipped(at: int, by: int) -> None:
    """No flight with a byte changed is proven. What a record header says of its version in the clear is no content."""
    wire = bytearray(TRACE)
    wire[at] ^= by
    handshake = traced()
    try:
        handshake.feed(bytes(wire))
    except MalformedError:
        assert not handshake.done
    assert not (handshake.done and handshake.proven), at


def test_no_flipped_bit_is_proven() -> None:
    for at in range(len(TRACE)):
        if at not in {1, 2}:
            flipped(at, 1 << at % 8)


@settings(max_examples=300, deadline=None)
@given(st.integers(3, len(TRACE) - 1), st.integers(1, 255))
def test_no_flipped_byte_is_proven(at: int, by: int) -> None:
    flipped(at, by)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([b"", rfc8448.SERVER_HELLO_RECORD, TRACE, b"\x16\x03\x03", b"\x15\x03\x03\0\2"]),
    st.lists(st.one_of(st.binary(max_size=60), st.just(TRACE[100:])), max_size=4),
    st.booleans(),
)
def test_any_bytes_are_read_or_asked_for_or_malformed(first: bytes, pieces: list[bytes], finish: bool) -> None:
    handshake = traced(first)
    try:
        if finish and handshake.finished:
            handshake.finish()
        fed(handshake, *pieces)
    except MalformedError:
        pass
    assert handshake.proven is (first == TRACE)
