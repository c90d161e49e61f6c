"""LDAP questions and answers, byte by byte, over recorded conversations and over arbitrary bytes."""

import base64
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.wire import ldap, ldap_server
from scanner.wire.errors import MalformedError
from scanner.wire.ldap import LdapMessage, ResultCode, decode
from tests.missing import not_run

FLOWS = Path(__file__).parents[2].parent / "shared" / "data" / "zeek-flows.jsonl.gz"

# Written out by hand from RFC 4511's ASN.1 (and what OpenLDAP's own client and server send).
START_TLS = bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037"
SUCCESS = bytes.fromhex("300c02010178070a010004000400")

message_ids = st.integers(0, 2**31 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
codes = st.integers(0, 2**15)


def only(written: bytes) -> LdapMessage:
    decoded = decode(written)
    assert decoded is not None
    message, consumed = decoded
    assert consumed == len(written)
    return message


def test_start_tls_request_is_what_openldap_sends() -> None:
    assert ldap.start_tls_request(1) == START_TLS
    assert only(START_TLS).request_name == "1.3.6.1.4.1.1466.20037"


def test_bind_and_unbind_are_what_openldap_sends() -> None:
    bind = bytes.fromhex("302a020101602502010304") + b"\x1acn=admin,dc=example,dc=com" + b"\x80\x04zeek"
    assert ldap.bind_request(1, "cn=admin,dc=example,dc=com", "zeek") == bind
    assert ldap.unbind_request(3) == bytes.fromhex("30050201034200")


def test_success_of_start_tls() -> None:
    message = only(SUCCESS)
    assert (message.kind, message.result_code) == ("extended response", ResultCode.SUCCESS)


def test_root_dse_request_follows_the_asn1() -> None:
    body = bytes.fromhex("04000a01000a0100020100020100010100870b") + b"objectClass"
    assert body in ldap.root_dse_request(7)
    assert all(name.encode() in ldap.root_dse_request(7) for name in ldap.ROOT_DSE_ATTRIBUTES)
    assert only(ldap.root_dse_request(7)) == LdapMessage(message_id=7, kind="search request")


@given(message_ids, texts, texts)
def test_bind_request_round_trip(message_id: int, name: str, password: str) -> None:
    message = only(ldap.bind_request(message_id, name, password))
    expected = LdapMessage(message_id=message_id, kind="bind request", name=name, password=password.encode())
    assert message == expected


@given(message_ids, codes, texts, texts)
def test_results_round_trip(message_id: int, code: int, diagnostic: str, oid: str) -> None:
    for kind, written in (
        ("bind response", ldap_server.bind_response(message_id, code, diagnostic)),
        ("search done", ldap_server.search_done(message_id, code, diagnostic)),
        ("extended response", ldap_server.extended_response(message_id, code, diagnostic, oid)),
    ):
        message = only(written)
        assert (message.message_id, message.kind) == (message_id, kind)
        assert (message.result_code, message.diagnostic) == (code, diagnostic)
        assert message.response_name == (oid if kind == "extended response" else "")


@given(message_ids, texts, st.dictionaries(texts, st.lists(st.binary(max_size=300)).map(tuple), max_size=4))
def test_search_entry_round_trip(message_id: int, name: str, attributes: dict[str, tuple[bytes, ...]]) -> None:
    message = only(ldap_server.search_entry(message_id, name, attributes))
    expected = LdapMessage(message_id=message_id, kind="search entry", name=name, attributes=attributes)
    assert message == expected


def test_active_directory_pads_its_lengths() -> None:
    assert only(bytes.fromhex("3084000000130204 58c05e08 6184000000070a010004000400")).result_code == 0


def test_elements_of_later_standards_are_ignored() -> None:
    longer = bytes.fromhex("30 10 020101 78 07 0a0100 0400 0400 a0 02 3000")
    assert only(longer) == only(SUCCESS)
    unknown_at_the_end_of_the_result = bytes.fromhex("30 0f 020101 78 0a 0a0100 0400 0400 9f7f00".replace(" ", ""))
    assert only(unknown_at_the_end_of_the_result).result_code == 0


def test_a_sasl_bind_has_no_password() -> None:
    sasl = bytes.fromhex("3012 020101 600d 020103 0400 a306 0404") + b"NTLM"
    assert only(sasl) == LdapMessage(message_id=1, kind="bind request")


@given(st.integers(0, len(SUCCESS) - 1))
def test_a_beginning_asks_for_more(cut: int) -> None:
    assert decode(SUCCESS[:cut]) is None


def test_what_follows_is_left_alone() -> None:
    assert decode(SUCCESS + b"\x16\x03\x01") == (only(SUCCESS), len(SUCCESS))


@pytest.mark.parametrize(
    "malformed",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28",
        b"\x30\x00",
        b"\x30\x80",
        b"\x30\x85\x00\x00\x00\x00\x01",
        b"\x30\x84\x7f\xff\xff\xff",
        bytes.fromhex("3003020101"),
        bytes.fromhex("30050201ff4200"),
        bytes.fromhex("3006020101 040141"),
        bytes.fromhex("300a02010178050a0104000400"),
        bytes.fromhex("3009020101 78800a0100 00"),
    ],
)
def test_malformed(malformed: bytes) -> None:
    with pytest.raises(MalformedError):
        decode(malformed)


nearly = st.builds(
    lambda whole, at, put: whole[: at % len(whole)] + put + whole[at % len(whole) + len(put) :],
    st.sampled_from(
        [
            START_TLS,
            SUCCESS,
            ldap.bind_request(1, "cn=x", "y"),
            ldap_server.search_entry(2, "", {"vendorName": [b"x", b"y"]}),
            ldap_server.extended_response(3, 13, "no", "1.2"),
        ]
    ),
    st.integers(0, 200),
    st.binary(min_size=1, max_size=3),
)


@given(st.one_of(st.binary(), st.binary().map(lambda tail: b"\x30" + tail), nearly))
@example(b"\x30\x82\x04\x00" + b"\x30\x80" * 512)
def test_any_bytes_parse_ask_for_more_or_are_malformed(buffer: bytes) -> None:
    try:
        decoded = decode(buffer)
    except MalformedError:
        return
    assert decoded is None or 0 < decoded[1] <= len(buffer)


def recorded() -> dict[str, list[tuple[str, bytes]]]:
    if not FLOWS.exists():
        not_run(f"recorded LDAP conversations not read: {FLOWS} is absent")
    flows = {}
    with gzip.open(FLOWS, "rt") as lines:
        for line in lines:
            flow = json.loads(line)
            if "/ldap/" in flow["id"] and flow["server_port"] == 389:
                flows[flow["id"]] = [(side, base64.b64decode(data)) for side, data in flow["turns"]]
    return flows


def test_recorded_conversations() -> None:
    flows = recorded()
    assert len(flows) > 15
    kinds: dict[str, int] = {}
    for turns in flows.values():
        for side, data in turns[:2]:
            decoded = decode(data)
            assert decoded is not None
            message = decoded[0]
            kinds[message.kind] = kinds.get(message.kind, 0) + 1
            assert message.kind.endswith("request") == (side == "C")
    assert {"bind request", "bind response", "extended request", "extended response", "search entry"} <= set(kinds)


def test_recorded_start_tls() -> None:
    (_, request), (_, response), (_, hello), *_ = recorded()["zeek/ldap/ldap-starttls.pcap#0"]
    assert request == ldap.start_tls_request(1)
    assert only(response).result_code == ResultCode.SUCCESS
    with pytest.raises(MalformedError):
        decode(hello)
