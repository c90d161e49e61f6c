"""MySQL's connection phase, byte by byte, over recorded conversations and over arbitrary bytes."""

import base64
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire import mysql, mysql_server
from scanner.wire.errors import MalformedError
from scanner.wire.mysql import AuthMoreData, AuthSwitchRequest, Capability, Err, Handshake, Ok
from tests.missing import not_run

FLOWS = Path(__file__).parents[2].parent / "shared" / "data" / "zeek-flows.jsonl.gz"

# A greeting as MySQL 8.0.28 sent it (zeek/zeek, testing/btest/Traces/mysql/plain-amazon-rds.pcap).
GREETING = (
    b"J\x00\x00\x00\n8.0.28\x00\x1e\x00\x00\x00P8RY=+\x14C\x00\xff\xff\xff\x02\x00\xff\xdf\x15\x00\x00\x00\x00\x00\x00\x00"
    b"\x00\x00\x00RH>wR\x05'\t\x0c\x1b8@\x00mysql_native_password\x00"
)
DENIED = b"\x28\x00\x00\x02\xff\x15\x04#28000Access denied for user 'nobody'"

names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)
capabilities = st.integers(0, 2**32 - 1).map(Capability)


def test_the_greeting_of_a_real_server() -> None:
    decoded = mysql.decode_greeting(GREETING)
    assert decoded is not None
    greeting, consumed = decoded
    assert consumed == len(GREETING)
    assert isinstance(greeting, Handshake)
    assert greeting.server_version == "8.0.28"
    assert greeting.connection_id == 30
    assert greeting.auth_plugin == "mysql_native_password"
    assert greeting.salt == b"P8RY=+\x14CRH>wR\x05'\t\x0c\x1b8@"
    assert greeting.offers_tls


def test_a_greeting_of_the_old_kind_ends_after_its_capabilities() -> None:
    payload = b"\n4.0.1\0\x07\0\0\0saltsalt\0\x2c\0"
    decoded = mysql.decode_greeting(mysql.packet(0, payload))
    assert decoded is not None
    assert decoded[0] == Handshake(
        server_version="4.0.1", connection_id=7, capabilities=Capability(0x2C), salt=b"saltsalt"
    )
    assert not decoded[0].offers_tls


def test_a_host_that_may_not_log_in_gets_an_error_without_sql_state() -> None:
    said = b"\xff\x6a\x04Host '10.0.0.1' is not allowed to connect to this MySQL server"
    decoded = mysql.decode_greeting(mysql.packet(0, said))
    assert decoded is not None
    assert decoded[0] == Err(code=mysql.ER_HOST_NOT_PRIVILEGED, message=said[3:].decode())


def test_access_denied() -> None:
    decoded = mysql.decode_reply(DENIED)
    expected = Err(sequence=2, code=1045, sqlstate="28000", message="Access denied for user 'nobody'")
    assert decoded == (expected, len(DENIED))


@pytest.mark.parametrize(
    ("payload", "reply"),
    [
        (b"\x00\x00\x00\x02\x00\x00\x00", Ok(sequence=2)),
        (b"\xfemysql_clear_password\0", AuthSwitchRequest(sequence=2, plugin="mysql_clear_password")),
        (b"\xfesha256_password\0salt\0", AuthSwitchRequest(sequence=2, plugin="sha256_password", data=b"salt\0")),
        (b"\xfe", AuthSwitchRequest(sequence=2, plugin="mysql_old_password")),
        (b"\x01\x04", AuthMoreData(sequence=2, data=b"\x04")),
    ],
)
def test_replies(payload: bytes, reply: object) -> None:
    assert mysql.decode_reply(mysql.packet(2, payload)) == (reply, 4 + len(payload))


def test_ssl_request_is_the_first_32_bytes_of_a_login() -> None:
    request = mysql.ssl_request()
    assert request[:4] == b"\x20\x00\x00\x01"
    assert len(request) == 36
    login = mysql.login("nobody", "mysql_native_password")
    flags = int.from_bytes(request[4:8], "little")
    assert flags & Capability.SSL
    assert flags & ~Capability.SSL == int.from_bytes(login[4:8], "little")
    assert request[8:] == login[8:36]
    assert login[36:] == b"nobody\0\0mysql_native_password\0"


def test_names_with_a_nul_are_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        mysql.login("a\0b", "")


@given(names, names, st.integers(0, 255))
def test_login_round_trip(user: str, plugin: str, sequence: int) -> None:
    written = mysql.login(user, plugin, sequence)
    decoded = mysql_server.decode_response(written)
    assert decoded is not None
    assert decoded[1] == len(written)
    assert isinstance(decoded[0], mysql_server.Login)
    assert (decoded[0].user, decoded[0].sequence) == (user, sequence)
    assert Capability.SSL not in decoded[0].capabilities


def test_ssl_request_round_trip() -> None:
    decoded = mysql_server.decode_response(mysql.ssl_request())
    assert decoded is not None
    assert isinstance(decoded[0], mysql_server.SslRequest)


@given(names, st.integers(0, 2**32 - 1), capabilities, names, st.binary(min_size=20, max_size=20))
def test_handshake_round_trip(version: str, number: int, flags: Capability, plugin: str, salt: bytes) -> None:
    greeting = Handshake(
        server_version=version,
        connection_id=number,
        capabilities=flags | Capability.SECURE_CONNECTION | Capability.PLUGIN_AUTH,
        auth_plugin=plugin,
        salt=salt,
    )
    written = mysql_server.handshake(greeting)
    assert mysql.decode_greeting(written) == (greeting, len(written))


@given(st.integers(0, 255), st.integers(0, 65535), names)
def test_err_round_trip(sequence: int, code: int, message: str) -> None:
    error = Err(sequence=sequence, code=code, sqlstate="28000", message=message)
    written = mysql_server.err(error)
    assert mysql.decode_reply(written) == (error, len(written))
    assert mysql.decode_greeting(written) == (error, len(written))


@given(st.integers(0, len(GREETING) - 1))
def test_a_beginning_asks_for_more(cut: int) -> None:
    assert mysql.decode_greeting(GREETING[:cut]) is None


@pytest.mark.parametrize(
    "malformed",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00\x00\x00\x00",
        b"\x01\x00\x01",
        b"\x05\x00\x00\x00\n8.0.",
        b"\x02\x00\x00\x00\xff\x15",
        b"\x01\x00\x00\x00\x09",
        mysql.packet(0, b"\n8.0\0\x01\0\0\0saltsalt\0"),
        mysql.packet(0, b"\n8.0\0\x01\0\0\0saltsalt\0\xff\xff\x21"),
    ],
)
def test_malformed_greetings(malformed: bytes) -> None:
    with pytest.raises(MalformedError):
        mysql.decode_greeting(malformed)


@pytest.mark.parametrize("payload", [b"\x07", b"\xfeplugin without its end", b"\xff\x15"])
def test_malformed_replies(payload: bytes) -> None:
    with pytest.raises(MalformedError):
        mysql.decode_reply(mysql.packet(2, payload))


framed = st.builds(mysql.packet, st.integers(0, 255), st.binary(min_size=1, max_size=200))
nearly = st.builds(
    lambda whole, at, put: whole[: at % len(whole)] + put + whole[at % len(whole) + len(put) :],
    st.sampled_from([GREETING, DENIED, mysql.login("a", "b"), mysql.ssl_request()]),
    st.integers(0, 200),
    st.binary(min_size=1, max_size=3),
)


@given(st.one_of(st.binary(), framed, nearly))
def test_any_bytes_parse_ask_for_more_or_are_malformed(buffer: bytes) -> None:
    for decode in (mysql.decode_greeting, mysql.decode_reply, mysql_server.decode_response):
        try:
            decoded = decode(buffer)
        except MalformedError:
            continue
        assert decoded is None or 0 < decoded[1] <= len(buffer)


def test_recorded_conversations() -> None:
    if not FLOWS.exists():
        not_run(f"recorded MySQL conversations not read: {FLOWS} is absent")
    greetings, answers, replies = 0, 0, []
    with gzip.open(FLOWS, "rt") as lines:
        for line in lines:
            flow = json.loads(line)
            if "/mysql" not in flow["id"] or len(flow["turns"]) < 3 or flow["turns"][0][0] != "S":
                continue
            first, second, third = (base64.b64decode(data) for _, data in flow["turns"][:3])
            greeting = mysql.decode_greeting(first)
            assert greeting is not None
            assert isinstance(greeting[0], Handshake)
            assert greeting[0].server_version[0].isdigit()
            assert len(greeting[0].salt) == 20
            greetings += 1
            answer = mysql_server.decode_response(second)
            assert answer is not None
            answers += 1
            wants_tls = isinstance(answer[0], mysql_server.SslRequest)
            assert wants_tls == (third[0] == 0x16 and third[1] == 3)
            if not wants_tls:
                reply = mysql.decode_reply(third)
                assert reply is not None
                replies.append(type(reply[0]))
    assert greetings == answers > 10
    assert {Ok, AuthSwitchRequest, AuthMoreData} <= set(replies)
