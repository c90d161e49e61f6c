"""The key schedule against RFC 8448, and records there and back with every suite."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.tls13_keys import SUITES, KeySchedule, Protection, suite_of
from scanner.wire.tls_names import ContentType
from scanner.wire.tls_record import Record, decode_record
from tests.wire import rfc8448

AES = SUITES[0x1301]
HELLOS = rfc8448.CLIENT_HELLO + rfc8448.SERVER_HELLO_RECORD[5:]


def record(data: bytes) -> Record:
    decoded = decode_record(data)
    assert decoded is not None
    assert decoded[1] == len(data)
    return decoded[0]


def test_secrets_and_keys_of_rfc_8448_section_3() -> None:
    schedule = KeySchedule(AES)
    assert schedule.secret.hex() == rfc8448.EARLY_SECRET
    schedule.advance(rfc8448.SHARED)
    assert schedule.secret.hex() == rfc8448.HANDSHAKE_SECRET
    client, server = (schedule.derive(f"{side} hs traffic", AES.hash(HELLOS)) for side in "cs")
    assert (client.hex(), server.hex()) == (rfc8448.CLIENT_HANDSHAKE_TRAFFIC, rfc8448.SERVER_HANDSHAKE_TRAFFIC)
    reading, writing = Protection(AES, server), Protection(AES, client)
    assert (reading.key.hex(), reading.iv.hex()) == (rfc8448.SERVER_HANDSHAKE_KEY, rfc8448.SERVER_HANDSHAKE_IV)
    assert (writing.key.hex(), writing.iv.hex()) == (rfc8448.CLIENT_HANDSHAKE_KEY, rfc8448.CLIENT_HANDSHAKE_IV)
    schedule.advance()
    assert schedule.secret.hex() == rfc8448.MASTER_SECRET
    application = schedule.derive("s ap traffic", AES.hash(HELLOS + rfc8448.FLIGHT))
    assert application.hex() == rfc8448.SERVER_APPLICATION_TRAFFIC
    keys = Protection(AES, application)
    assert (keys.key.hex(), keys.iv.hex()) == (rfc8448.SERVER_APPLICATION_KEY, rfc8448.SERVER_APPLICATION_IV)


def test_early_traffic_of_rfc_8448_section_4() -> None:
    schedule = KeySchedule(AES, rfc8448.PSK)
    early = schedule.derive("c e traffic", AES.hash(rfc8448.RESUMED_CLIENT_HELLO))
    assert early.hex() == rfc8448.EARLY_TRAFFIC


def test_flight_of_rfc_8448_there_and_back() -> None:
    secret = bytes.fromhex(rfc8448.SERVER_HANDSHAKE_TRAFFIC)
    opened = Protection(AES, secret).open(record(rfc8448.FLIGHT_RECORD))
    assert opened == (ContentType.HANDSHAKE, rfc8448.FLIGHT)
    assert Protection(AES, secret).seal(*opened) == rfc8448.FLIGHT_RECORD


@given(
    st.sampled_from(sorted(SUITES)),
    st.lists(st.tuples(st.sampled_from(ContentType), st.binary(max_size=200)), min_size=1, max_size=4),
)
def test_records_there_and_back(code: int, contents: list[tuple[ContentType, bytes]]) -> None:
    suite = suite_of(code)
    here, there = Protection(suite, bytes(suite.size)), Protection(suite, bytes(suite.size))
    for kind, content in contents:
        sealed = here.seal(kind, content)
        assert there.open(record(sealed)) == (kind, content)


@given(st.sampled_from(sorted(SUITES)), st.binary(max_size=40))
def test_what_nobody_sealed_does_not_open(code: int, fragment: bytes) -> None:
    suite = suite_of(code)
    with pytest.raises(MalformedError, match="does not decrypt"):
        Protection(suite, bytes(suite.size)).open(Record(ContentType.APPLICATION_DATA, 0x0303, fragment))


def padded(inner: bytes) -> Record:
    """A record of the all-zero secret with this TLSInnerPlaintext (RFC 8446 §5.2): `seal` puts the type last."""
    keys = Protection(AES, bytes(32))
    header = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2)
    sealed = AES.aead(keys.key).encrypt(keys.iv, inner, header)
    return record(header + sealed)


def test_padding_is_dropped() -> None:
    assert Protection(AES, bytes(32)).open(padded(b"\2\x28\x15" + bytes(500))) == (ContentType.ALERT, b"\2\x28")


@pytest.mark.parametrize(("inner", "what"), [(b"", "without"), (bytes(9), "without"), (b"x\x63\0", "of type 99")])
def test_records_without_a_type_that_exists(inner: bytes, what: str) -> None:
    with pytest.raises(MalformedError, match=what):
        Protection(AES, bytes(32)).open(padded(inner))


def test_records_out_of_order_do_not_open() -> None:
    here, there = Protection(AES, bytes(32)), Protection(AES, bytes(32))
    here.seal(ContentType.ALERT, b"\1\0")
    with pytest.raises(MalformedError):
        there.open(record(here.seal(ContentType.ALERT, b"\1\0")))


@pytest.mark.parametrize(("code", "name"), [(0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), (0x1399, "0x1399")])
def test_suites_of_other_versions_are_named(code: int, name: str) -> None:
    with pytest.raises(MalformedError, match=name):
        suite_of(code)
