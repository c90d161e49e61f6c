"""The server's first flight: round trips, every way of cutting it up, other protocols, and recorded conversations."""

import base64
import gzip
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.tls_flight import (
    HELLO_RETRY,
    MAX_CERTIFICATES,
    MAX_MESSAGE,
    MAX_MESSAGES,
    MAX_RECORDS,
    Flight,
    ServerHello,
    decode_certificate,
    decode_server_hello,
    encode_certificate,
    encode_server_hello,
)
from scanner.wire.tls_key_exchange import CertificateRequest, KeyExchange
from scanner.wire.tls_names import Alert, ContentType, Extension, HandshakeType
from scanner.wire.tls_record import AlertMessage, Record, encode_alert, encode_record
from scanner.wire.x509 import certificate_facts
from tests.missing import not_run
from tests.wire.counted import calls

FLOWS = Path(__file__).parents[2].parent / "shared" / "data" / "zeek-flows.jsonl.gz"

numbers = st.integers(0, 0xFFFF)
extensions = st.dictionaries(numbers.filter(lambda code: code != 43), st.binary(max_size=40), max_size=6)
old_hellos = st.builds(
    ServerHello,
    version=st.integers(0x0300, 0x0303),
    random=st.binary(min_size=32, max_size=32),
    session_id=st.binary(max_size=32),
    suite=numbers,
    compression=st.integers(0, 255),
    extensions=extensions,
)
new_hellos = st.builds(
    lambda random, session_id, suite, more: ServerHello(
        0x0304, random, session_id, suite, 0, {Extension.SUPPORTED_VERSIONS: b"\x03\x04", **more}
    ),
    st.one_of(st.just(HELLO_RETRY), st.binary(min_size=32, max_size=32)),
    st.binary(max_size=32),
    numbers,
    extensions,
)
chains = st.lists(st.binary(max_size=200), max_size=5).map(tuple)

HELLO12 = ServerHello(0x0303, bytes(range(32)), b"", 0xC02F, 0, {0xFF01: b"\0"})
HELLO13 = ServerHello(0x0304, bytes(range(32)), b"s", 0x1301, 0, {43: b"\x03\x04", 51: b"\x00\x1d\x00\x01k"})
CURVE = bytes.fromhex("03001d20") + bytes(32) + bytes.fromhex("0804 0004") + b"sign"
REQUEST = CertificateRequest((b"one", b"another"), (0x0804, 0x0403), (1, 64))


def message(kind: int, body: bytes = b"") -> bytes:
    return bytes([kind]) + len(body).to_bytes(3) + body


def records(stream: bytes, *, size: int = 1 << 14, version: int = 0x0303) -> bytes:
    pieces = (stream[at : at + size] for at in range(0, len(stream), size))
    return b"".join(encode_record(Record(ContentType.HANDSHAKE, version, piece)) for piece in pieces)


def fed(*pieces: bytes) -> Flight:
    flight = Flight()
    for piece in pieces:
        flight.feed(piece)
    return flight


def everything(flight: Flight) -> tuple[object, ...]:
    return (
        *(flight.done, flight.accepted, flight.alert, flight.certificates, flight.key_exchange),
        *(flight.certificate_request, flight.staple, flight.resumed, flight.group, str(flight)),
    )


SERVER_HELLO = message(HandshakeType.SERVER_HELLO, encode_server_hello(HELLO12))
DONE = message(HandshakeType.SERVER_HELLO_DONE)
FLIGHT12 = (
    SERVER_HELLO
    + message(HandshakeType.CERTIFICATE, encode_certificate((b"leaf" * 50, b"issuer" * 30)))
    + message(HandshakeType.CERTIFICATE_STATUS, bytes.fromhex("01 000004") + b"ocsp")
    + message(HandshakeType.SERVER_KEY_EXCHANGE, CURVE)
    + message(
        HandshakeType.CERTIFICATE_REQUEST, bytes.fromhex("02 0140 0004 0804 0403 000e 0003") + b"one\0\x07another"
    )
    + DONE
)
FATAL = encode_alert(AlertMessage(2, Alert.HANDSHAKE_FAILURE))


# messages


@given(st.one_of(old_hellos, new_hellos))
def test_server_hello_round_trip(hello: ServerHello) -> None:
    assert decode_server_hello(encode_server_hello(hello)) == hello


@given(chains)
def test_certificate_round_trip(chain: tuple[bytes, ...]) -> None:
    assert decode_certificate(encode_certificate(chain)) == chain


@given(st.one_of(old_hellos, new_hellos), st.data())
def test_cut_or_prolonged_hello_is_malformed(hello: ServerHello, data: st.DataObject) -> None:
    body = encode_server_hello(hello)
    without_extensions = 38 + len(hello.session_id)  # which is a hello of its own (RFC 5246 §7.4.1.3)
    size = data.draw(st.integers(0, len(body) - 1).filter(lambda size: size != without_extensions))
    with pytest.raises(MalformedError):
        decode_server_hello(body[:size])
    with pytest.raises(MalformedError):
        decode_server_hello(body + b"\0" if hello.extensions else body + b"\0\0\0")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_malformed(data: bytes) -> None:
    for decode in (decode_server_hello, decode_certificate):
        try:
            decode(data)
        except MalformedError:
            continue


def test_extension_twice_is_malformed() -> None:
    body = encode_server_hello(ServerHello(0x0303, bytes(32), b"", 1, 0, {23: b"", 24: b""}))
    with pytest.raises(MalformedError, match="extension 23 twice"):
        decode_server_hello(body.replace(b"\0\x18\0\0", b"\0\x17\0\0"))


@pytest.mark.parametrize("chosen", [b"", b"\x03", b"\x02\x03\x04"])
def test_supported_versions_of_a_server_is_one_version(chosen: bytes) -> None:
    with pytest.raises(MalformedError, match="one version"):
        decode_server_hello(encode_server_hello(ServerHello(0x0303, bytes(32), b"", 1, 0, {43: chosen})))


def test_what_a_hello_selected() -> None:
    alpn = ServerHello(0x0303, bytes(32), b"", 1, 0, {16: b"\0\x03\x02h2"})
    assert (alpn.alpn, alpn.group, alpn.retry) == ("h2", None, False)
    retry = ServerHello(0x0304, HELLO_RETRY, b"", 0x1301, 0, {43: b"\x03\x04", 51: b"\x11\xec"})
    assert (retry.alpn, retry.group, retry.retry) == (None, 4588, True)
    assert str(retry) == "HelloRetryRequest TLSv1.3, TLS_AES_128_GCM_SHA256"
    hostile = ServerHello(0x0303, bytes(32), b"", 1, 0, {16: b"\0\x04\x03\x1b\xff\x00", 51: b"\x01"})
    assert (hostile.alpn, hostile.group) == ("\x1b\\xff\x00", None)  # raw: whoever shows it escapes it


# flights


def test_flight_of_tls12() -> None:
    flight = fed(records(FLIGHT12))
    assert flight.done
    assert flight.accepted == HELLO12
    assert flight.certificates == (b"leaf" * 50, b"issuer" * 30)
    assert (flight.group, flight.group_code, flight.key_exchange) == (
        "x25519",
        29,
        KeyExchange(group=29, scheme=0x0804),
    )
    assert (flight.certificate_request, flight.staple, flight.resumed) == (REQUEST, b"ocsp", False)
    assert str(flight) == "ServerHello TLSv1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"


def test_flight_of_tls13_ends_with_the_hello() -> None:
    encrypted = encode_record(Record(ContentType.APPLICATION_DATA, 0x0303, b"?"))
    flight = fed(records(message(HandshakeType.SERVER_HELLO, encode_server_hello(HELLO13))) + encrypted)
    assert (flight.done, flight.accepted, flight.group, flight.certificates) == (True, HELLO13, "x25519", ())


def test_retry_names_the_group() -> None:
    retry = ServerHello(0x0304, HELLO_RETRY, b"", 0x1301, 0, {43: b"\x03\x04", 51: b"\x00\x18"})
    flight = fed(records(message(HandshakeType.SERVER_HELLO, encode_server_hello(retry))))
    assert (flight.done, flight.accepted, flight.group) == (True, retry, "secp384r1")


@given(st.data())
def test_any_split_over_records_and_segments_reads_the_same(data: st.DataObject) -> None:
    stream = data.draw(st.sampled_from([FLIGHT12, SERVER_HELLO + DONE]))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(stream) - 1), max_size=12)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    wire = b"".join(records(piece) for piece in pieces)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(wire) - 1), max_size=12)))
    segments = [wire[a:b] for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
    flight, whole = fed(*segments), fed(records(stream))
    assert flight.done
    assert not fed(*segments[:-1]).done
    assert everything(flight) == everything(whole)


def test_byte_by_byte() -> None:
    wire = records(FLIGHT12, size=7)
    flight = fed(*(wire[at : at + 1] for at in range(len(wire))))
    assert (flight.done, flight.accepted) == (True, HELLO12)


@settings(max_examples=300)
@given(st.lists(st.binary(max_size=60), max_size=6), st.sampled_from([b"", b"\x16\x03\x03", records(SERVER_HELLO)]))
def test_any_bytes_are_read_or_asked_for_or_malformed(pieces: list[bytes], first: bytes) -> None:
    flight = Flight()
    try:
        for piece in (first, *pieces):
            flight.feed(piece)
    except MalformedError:
        assert flight.accepted is None
    assert flight.done or flight.accepted is None


def test_unfinished_flight_is_no_acceptance() -> None:
    flight = fed(records(SERVER_HELLO))
    assert flight.hello == HELLO12
    assert (flight.done, flight.accepted) == (False, None)


def test_fatal_alert_behind_the_hello_is_no_acceptance() -> None:
    flight = fed(records(SERVER_HELLO), FATAL)
    assert (flight.done, flight.accepted) == (True, None)
    assert str(flight) == (
        "ServerHello TLSv1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, then alert handshake_failure (40)"
    )


def test_fatal_alert() -> None:
    flight = fed(FATAL)
    assert (flight.done, flight.hello, flight.accepted) == (True, None, None)
    assert str(flight) == "alert handshake_failure (40)"


@pytest.mark.parametrize("level", [1, 2])
def test_close_notify_ends_the_flight_at_either_level(level: int) -> None:
    flight = fed(records(SERVER_HELLO), encode_alert(AlertMessage(level, Alert.CLOSE_NOTIFY)))
    assert (flight.done, flight.accepted) == (True, None)
    assert flight.alert == AlertMessage(level, Alert.CLOSE_NOTIFY)


def test_warning_before_the_hello_is_skipped() -> None:
    warning = encode_alert(AlertMessage(1, Alert.UNRECOGNIZED_NAME))
    flight = fed(warning)
    assert not flight.done
    flight.feed(records(FLIGHT12))
    assert (flight.accepted, flight.alert) == (HELLO12, None)


def test_unrecognized_name_that_is_fatal_is_not_skipped() -> None:
    flight = fed(encode_alert(AlertMessage(2, Alert.UNRECOGNIZED_NAME)))
    assert (flight.done, flight.accepted) == (True, None)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x80\x03\x00\x00\x01",  # SSLv2 ERROR, no cipher
        b"220 ready\r\n",
        records(message(HandshakeType.CLIENT_HELLO, bytes(38))),  # an echo
        records(DONE),
        encode_record(Record(ContentType.CHANGE_CIPHER_SPEC, 0x0303, b"\1")),
        encode_record(Record(ContentType.APPLICATION_DATA, 0x0303, b"")),
        encode_record(Record(ContentType.ALERT, 0x0303, b"\2")),
        records(SERVER_HELLO + message(HandshakeType.CERTIFICATE, b"\0\0\5abc")),
    ],
)
def test_what_no_server_answers_is_malformed(answer: bytes) -> None:
    with pytest.raises(MalformedError):
        fed(answer)


def test_longest_message() -> None:
    size = MAX_MESSAGE - 6
    flight = fed(records(SERVER_HELLO + message(11, encode_certificate((bytes(size),))) + DONE))
    assert [len(der) for der in flight.certificates] == [size]
    with pytest.raises(MalformedError, match="handshake message of"):  # at its header
        fed(records(SERVER_HELLO + bytes([11]) + (MAX_MESSAGE + 1).to_bytes(3)))


def test_a_flight_of_countless_records_is_cut_off() -> None:
    """Records of one byte are legal, a million of them is an attack on the reader's time."""
    body = encode_certificate((bytes(MAX_RECORDS),))
    flight = Flight()
    with pytest.raises(MalformedError, match=f"more than {MAX_RECORDS} records"):
        flight.feed(records(SERVER_HELLO + message(HandshakeType.CERTIFICATE, body), size=1))
    few = Flight()
    few.feed(records(SERVER_HELLO + message(HandshakeType.CERTIFICATE, encode_certificate((bytes(2000),))), size=1))
    assert len(few.certificates) == 1


def test_a_flight_of_countless_messages_is_cut_off() -> None:
    """A message of no content is four bytes: a record of 16 KB holds 4096."""
    empty = message(0) * MAX_MESSAGES  # HelloRequest, which a client may ignore (RFC 5246 §7.4.1.1)
    with pytest.raises(MalformedError, match=f"more than {MAX_MESSAGES} messages"):
        fed(records(SERVER_HELLO + empty + DONE))
    assert fed(records(SERVER_HELLO + empty[8:] + DONE)).accepted == HELLO12


def test_a_chain_of_countless_certificates_is_cut_off() -> None:
    """A certificate of no content is three bytes, and each would be parsed and reported."""
    longest = (b"",) * MAX_CERTIFICATES
    assert decode_certificate(encode_certificate(longest)) == longest
    with pytest.raises(MalformedError, match=f"more than {MAX_CERTIFICATES} certificates"):
        decode_certificate(encode_certificate((*longest, b"")))


def test_a_flight_that_is_done_reads_nothing_more() -> None:
    flight = fed(records(FLIGHT12))
    flight.feed(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert everything(flight) == everything(fed(records(FLIGHT12)))


def test_a_session_that_is_resumed_goes_on_with_change_cipher_spec() -> None:
    change = encode_record(Record(ContentType.CHANGE_CIPHER_SPEC, 0x0303, b"\1"))
    flight = fed(records(SERVER_HELLO) + change)
    assert (flight.done, flight.resumed, flight.accepted) == (True, True, HELLO12)
    with pytest.raises(MalformedError, match="CHANGE_CIPHER_SPEC record"):
        fed(records(FLIGHT12[: -len(DONE)]) + change)


@pytest.mark.parametrize("size", [1, 16])
@pytest.mark.parametrize("segment", [1, 1 << 20])
def test_work_grows_with_the_length_of_what_is_said(size: int, segment: int) -> None:
    """Counted in calls, Python's and C's."""

    def said(length: int) -> bytes:
        stream = SERVER_HELLO + message(HandshakeType.CERTIFICATE, encode_certificate((bytes(length),)))
        return records(stream, size=size)

    once, twice = (
        calls(partial(fed, *(wire[at : at + segment] for at in range(0, len(wire), segment))))
        for wire in (said(1500), said(3000))
    )
    assert 0 < once < twice < 2.2 * once


# recorded conversations, as Wireshark's dissector reads them

DRAFTS = {
    # Drafts 14 to 21 of TLS 1.3 have a ServerHello without session ID and compression: no published version does.
    "zeek/tls/tls-13draft19-early-data.pcap#0",
    "zeek/tls/tls-13draft19-early-data.pcap#1",
    "zeek/tls/tls13draft16-chrome55.0.2879.0-canary.pcap#0",
    "zeek/tls/tls13draft16-chrome55.0.2879.0-canary.pcap#1",
    "zeek/tls/tls13draft16-ff52.a01.pcap#0",
    "zeek/tls/tls13draft16-ff52.a01.pcap#1",
}
SSL2 = {"zeek/tls/ssl-v2.pcap#0"}  # an SSLv2 SERVER-HELLO, of which the dissector gives no field either
BROKEN_BEHIND_THE_HELLO = {"zeek/tls/tls1.2-protocol-violation.pcap#0"}  # its Certificate has a wrong length on purpose
CUT_SHORT = {"zeek/tls/ml-dsa-44-cert.pcap#0"}  # made by hand: ends with the Certificate message
DRAFT_KEY_SHARE = {"zeek/tls/chrome-63.0.3211.0-canary-tls_experiment.pcap#0"}  # key_share was extension 40 before -23
REFUSED = {
    "zeek/tls/tls-1.2-handshake-failure.pcap#0": Alert.HANDSHAKE_FAILURE,
    "zeek/tls/tls13draft16-chrome55.0.2879.0-canary-aborted.pcap#0": Alert.PROTOCOL_VERSION,
    "zeek/tls/tls13draft16-chrome55.0.2879.0-canary-aborted.pcap#1": Alert.PROTOCOL_VERSION,
    "zeek/tls/tls13draft16-ff52.a01-aborted.pcap#0": Alert.PROTOCOL_VERSION,
    "zeek/tls/tls13draft16-ff52.a01-aborted.pcap#1": Alert.PROTOCOL_VERSION,
}
NO_TLS_BACK = {
    "zeek/tls/https-to-http.pcap#0",
    "zeek/tls/ssl-to-http-server.pcap#0",
    "zeek/tls/tls-1.2-protocol-error.pcap#0",  # an alert whose record header was overwritten with zeros
}


@pytest.fixture(scope="module")
def flows() -> dict[str, dict[str, Any]]:
    if not FLOWS.is_file():
        not_run("239 recorded flows, to compare with, are not beside this checkout")
    with gzip.open(FLOWS, "rt", encoding="utf-8") as lines:
        return {flow["id"]: flow for flow in map(json.loads, lines)}


def said_by_server(flow: dict[str, Any]) -> bytes:
    return b"".join(base64.b64decode(data) for side, data in flow["turns"] if side == "S")


def tls_of(flow: dict[str, Any]) -> bytes:
    """The server's bytes from its first record on: the one that holds the hello, or a warning directly before it."""
    stream = said_by_server(flow)
    hello = stream.index(bytes.fromhex(flow["truth"]["random"])) - 11
    warned = hello >= 7 and stream[hello - 7 : hello - 4] == b"\x15\x03\x03"
    return stream[hello - 7 if warned else hello :]


def number(text: str | None) -> int | None:
    return int(text, 16) if text else None


def test_recorded_server_hellos(flows: dict[str, dict[str, Any]]) -> None:
    compared = 0
    for name, flow in flows.items():
        truth = flow["truth"]
        if not truth or name in DRAFTS | SSL2:
            continue
        flight = Flight()
        if name in BROKEN_BEHIND_THE_HELLO:
            with pytest.raises(MalformedError, match="early"):
                flight.feed(tls_of(flow))
        else:
            flight.feed(tls_of(flow))
            assert flight.done is (name not in CUT_SHORT), name
        hello = flight.hello
        assert hello is not None, name
        assert hello.version == number(truth["supported_version"] or truth["server_hello_version"]), name
        assert hello.suite == number(truth["cipher"]), name
        assert hello.random.hex() == truth["random"], name
        assert hello.alpn == truth["alpn"], name
        if truth["group"] and name not in DRAFT_KEY_SHARE:
            assert hello.group == int(truth["group"]), name
        compared += 1
    assert compared == 76 - len(DRAFTS | SSL2)


def test_recorded_hellos_of_drafts_and_of_ssl2_are_malformed(flows: dict[str, dict[str, Any]]) -> None:
    for name in DRAFTS | SSL2:
        with pytest.raises(MalformedError):
            fed(tls_of(flows[name]) if name in DRAFTS else said_by_server(flows[name]))


def test_recorded_certificate_of_340_kilobytes(flows: dict[str, dict[str, Any]]) -> None:
    flight = fed(tls_of(flows["zeek/tls/tls-fragmented-handshake.pcap.gz#0"]))
    assert sum(map(len, flight.certificates)) > 339_000
    assert flight.accepted is not None


def test_recorded_certificate_with_a_post_quantum_key(flows: dict[str, dict[str, Any]]) -> None:
    flight = fed(tls_of(flows["zeek/tls/ml-dsa-44-cert.pcap#0"]))
    facts = certificate_facts(flight.certificates[0])
    assert (facts.key.type, facts.key.bits, facts.malformed) == ("ml-dsa-44", 1312 * 8, "")  # FIPS 204, table 2


def test_recorded_refusals(flows: dict[str, dict[str, Any]]) -> None:
    for name, description in REFUSED.items():
        flight = fed(said_by_server(flows[name]))
        assert (flight.alert, flight.accepted) == (AlertMessage(2, description), None), name


def test_recorded_answers_that_are_not_tls(flows: dict[str, dict[str, Any]]) -> None:
    for name in NO_TLS_BACK:
        with pytest.raises(MalformedError):
            fed(said_by_server(flows[name]))


def test_no_recorded_answer_to_a_client_hello_is_left_out(flows: dict[str, dict[str, Any]]) -> None:
    def opens_with_tls(flow: dict[str, Any]) -> bool:
        first = [base64.b64decode(data) for side, data in flow["turns"] if side == "C"][:1]
        return bool(first) and first[0][:2] == b"\x16\x03" and first[0][5:6] == b"\x01"

    answered = {name for name, flow in flows.items() if opens_with_tls(flow) and said_by_server(flow)}
    with_truth = {name for name, flow in flows.items() if flow["truth"]}
    assert answered - with_truth <= REFUSED.keys() | NO_TLS_BACK


def test_no_recorded_server_does_more_than_be_read_or_malformed(flows: dict[str, dict[str, Any]]) -> None:
    for flow in flows.values():
        try:
            flight = fed(said_by_server(flow))
        except MalformedError:
            continue
        assert flight.accepted is None or flow["truth"]
