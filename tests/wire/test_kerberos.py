"""Kerberos messages as MIT's KDC sends them, cut, and out of arbitrary bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire import ber
from scanner.wire.errors import MalformedError
from scanner.wire.kerberos import (
    ENCRYPTION_TYPES,
    MESSAGE_LIMIT,
    ErrorCode,
    KdcAnswer,
    as_request,
    decode_answer,
    decode_datagram,
    decode_framed,
    encryption_type,
    framed,
)
from tests.wire.kerberos_peers import kdc_error, kdc_reply, preauthentication

# What MIT Kerberos 1.20.1 said to an unused name and to krbtgt/EXAMPLE.TEST.
RECORDED = {
    "unknown": bytes.fromhex(
        "7e81a53081a2a003020105a10302011ea411180f32303236313132353032303930355aa50402024bd5a603020106a70e1b0c"
        "4558414d504c452e54455354a821301fa003020101a11830161b14746c7361737361792d756e757365642d6e616d65a90e1b"
        "0c4558414d504c452e54455354aa21301fa003020102a11830161b066b72627467741b0c4558414d504c452e54455354ab12"
        "1b10434c49454e545f4e4f545f464f554e44"
    ),
    "wants pre-authentication": bytes.fromhex(
        "7e82010630820102a003020105a10302011ea411180f32303236313132353032303930355aa50402024bd6a603020119a70e"
        "1b0c4558414d504c452e54455354a821301fa003020101a11830161b066b72627467741b0c4558414d504c452e54455354a9"
        "0e1b0c4558414d504c452e54455354aa21301fa003020102a11830161b066b72627467741b0c4558414d504c452e54455354"
        "ab101b0e4e45454445445f50524541555448ac60045e305c300aa10402020088a20204003034a103020113a22d042b302930"
        "27a003020110a1201b1e4558414d504c452e544553546b72627467744558414d504c452e544553543009a103020102a20204"
        "00300da10402020085a20504034d4954"
    ),
}


def test_a_request_follows_the_asn1() -> None:
    written = as_request("EXAMPLE.TEST", ("krbtgt", "EXAMPLE.TEST"), (18, 23), 0x7FFFFFFF)
    (whole,) = ber.elements(written)
    assert whole.where == (ber.APPLICATION, 10)
    assert written.count(b"\x1b\x0cEXAMPLE.TEST") == 3  # the realm, the client's second name, the service's
    assert b"\xa7\x06\x02\x04\x7f\xff\xff\xff" in written
    assert written.endswith(bytes.fromhex("a8083006020112020117"))
    assert b"20370913024805Z" in written


def test_an_unknown_name() -> None:
    assert decode_answer(RECORDED["unknown"]) == KdcAnswer(
        error=ErrorCode.C_PRINCIPAL_UNKNOWN, realm="EXAMPLE.TEST", client_realm="EXAMPLE.TEST", text="CLIENT_NOT_FOUND"
    )


def test_encryption_types_on_offer() -> None:
    seen = decode_answer(RECORDED["wants pre-authentication"])
    assert (seen.error, seen.offered) == (ErrorCode.PREAUTH_REQUIRED, (16,))  # the first of the keys
    assert str(seen) == "KRB-ERROR PREAUTH_REQUIRED (25)"
    made = kdc_error(25, details=preauthentication(23, 18, 23))
    assert decode_answer(made).offered == (23, 18)
    assert decode_answer(kdc_error(25)).offered == ()
    assert decode_answer(kdc_error(24, details=preauthentication(18))).offered == ()  # it is about something else


def test_a_ticket() -> None:
    assert decode_answer(kdc_reply(23, 18)) == KdcAnswer(
        realm="EXAMPLE.TEST", client_realm="EXAMPLE.TEST", reply=23, ticket=18
    )
    assert str(decode_answer(kdc_reply(23, 18))) == "AS-REP"


def test_another_realm() -> None:
    seen = decode_answer(kdc_error(68, realm="OTHER.TEST", client_realm="BETTER.TEST"))
    assert (seen.error, seen.realm, seen.client_realm) == (ErrorCode.WRONG_REALM, "OTHER.TEST", "BETTER.TEST")


def test_numbers_without_a_name() -> None:
    assert str(decode_answer(kdc_error(4711))) == "KRB-ERROR 4711"
    assert encryption_type(18) == "aes256-cts-hmac-sha1-96"
    assert encryption_type(-135) == "etype -135"
    assert len(set(ENCRYPTION_TYPES.values())) == len(ENCRYPTION_TYPES)


@pytest.mark.parametrize("message", [*RECORDED.values(), kdc_reply(18, 18)])
def test_over_tcp_any_split_is_the_same(message: bytes) -> None:
    sent = framed(message)
    for cut in range(len(sent)):
        assert decode_framed(sent[:cut]) is None
    assert decode_framed(sent) == decode_framed(sent + b"more") == (decode_answer(message), len(sent))
    assert decode_datagram(b"") is None
    assert decode_datagram(message) == (decode_answer(message), len(message))


@pytest.mark.parametrize("message", [*RECORDED.values(), kdc_reply(18, 18)])
def test_a_datagram_that_was_cut_is_malformed(message: bytes) -> None:
    for cut in range(1, len(message)):
        with pytest.raises(MalformedError):
            decode_datagram(message[:cut])
    with pytest.raises(MalformedError):
        decode_datagram(message + message)


@pytest.mark.parametrize(
    "length", [0, MESSAGE_LIMIT + 1, 0x80000000, 0x80000004, 0xFFFFFFFF], ids=lambda length: f"{length:#x}"
)
def test_lengths_that_cannot_be(length: int) -> None:
    with pytest.raises(MalformedError):
        decode_framed(length.to_bytes(4, "big"))
    assert decode_framed(MESSAGE_LIMIT.to_bytes(4, "big")) is None


@pytest.mark.parametrize("field", [0, 1, 6, 9])
def test_what_an_error_has_to_have(field: int) -> None:
    with pytest.raises(MalformedError):
        decode_answer(kdc_error(6, without=field))


def test_a_type_in_another_message_is_malformed() -> None:
    with pytest.raises(MalformedError):
        decode_answer(kdc_error(6, kind=11))
    with pytest.raises(MalformedError):
        decode_answer(kdc_error(6, version=4))


@given(st.binary(max_size=200), st.sampled_from([b"", b"\x7e", b"\x6b", b"\0\0\0\x20\x7e"]))
def test_any_bytes(data: bytes, start: bytes) -> None:
    for decode in (decode_datagram, decode_framed):
        try:
            found = decode(start + data)
        except MalformedError:
            continue
        assert found is None or 0 < found[1] <= len(start + data)


@given(
    st.sampled_from([*RECORDED.values(), kdc_reply(18, 18), kdc_error(25, details=preauthentication(23))]), st.data()
)
def test_one_byte_that_differs(message: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(message) - 1))
    changed = message[:at] + data.draw(st.binary(min_size=1, max_size=1)) + message[at + 1 :]
    try:
        found = decode_answer(changed)
    except MalformedError:
        return
    assert str(found).isprintable()
