"""What MySQL and MariaDB answer to a login in the clear as nobody."""

import pytest

from scanner.model import FailureKind
from scanner.wire import mysql
from scanner.wire.mysql import Capability, Err, Handshake
from scanner.wire.mysql_server import Login, SslRequest, decode_response, err, handshake
from tests.hostile import Peer, Talk, serving
from tests.protocols.talk import converse, converse_failure, upgrade

MYSQL, MARIADB = "8.0.36", "5.5.5-10.11.6-MariaDB"
TLS = Capability.SSL | Capability.PROTOCOL_41
OK = bytes.fromhex("0700000200000002000000")
MORE = mysql.packet(2, b"\x01\x04")


def refusal(code: int, sequence: int = 2) -> bytes:
    return err(Err(sequence=sequence, code=code, sqlstate="28000", message="as told"))


def greeting(version: str = MYSQL, capabilities: Capability = TLS, plugin: str = "mysql_native_password") -> bytes:
    return handshake(
        Handshake(
            server_version=version, connection_id=7, capabilities=capabilities, auth_plugin=plugin, salt=b"s" * 20
        )
    )


def server(first: bytes, *replies: bytes) -> Talk:
    """Greets, and answers each packet of the client with the next reply."""

    def talk(peer: Peer) -> None:
        peer.send(first)
        for reply in replies:
            if not peer.receive():
                return
            peer.send(reply)
        peer.drain()

    return talk


def login_of(received: bytes) -> Login | SslRequest:
    decoded = decode_response(received)
    assert decoded is not None
    return decoded[0]


@pytest.mark.parametrize(
    ("version", "reply", "credentials"),
    [
        (MYSQL, refusal(3159), "refused"),
        (MYSQL, refusal(1045), "accepted"),
        (MYSQL, refusal(1040), "unknown"),
        (MYSQL, OK, "accepted"),
        (MYSQL, MORE, "accepted"),
        (MARIADB, refusal(3159), "refused"),
        (MARIADB, refusal(1045), "unknown"),
        (MARIADB, OK, "accepted"),
    ],
)
async def test_credentials(version: str, reply: bytes, credentials: str) -> None:
    with serving(server(greeting(version), reply)) as (port, counters):
        said = await converse("mysql", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.banner, said.credentials, said.tls_offered) == ("mysql", version, credentials, True)
    assert said.how
    login = login_of(counters.everything)
    assert isinstance(login, Login)
    assert login.user == "tlsassay-unused-name"


async def test_mariadb_says_why_it_stays_unknown() -> None:
    with serving(server(greeting(MARIADB), refusal(1045))) as (port, _):
        assert "whether or not it requires TLS" in (await converse("mysql", port)).how


@pytest.mark.parametrize(
    ("after", "credentials"),
    [(refusal(1045, 4), "accepted"), (refusal(3159, 4), "refused"), (mysql.packet(4, b"\xfeother\0"), "unknown")],
)
async def test_another_plugin(after: bytes, credentials: str) -> None:
    switch = mysql.packet(2, b"\xfemysql_clear_password\0")
    with serving(server(greeting(), switch, after)) as (port, _):
        assert (await converse("mysql", port)).credentials == credentials


async def test_passive_does_not_log_in() -> None:
    with serving(server(greeting(), refusal(1045))) as (port, counters):
        said = await converse("mysql", port, passive=True)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.credentials, said.tls_offered) == ("unknown", True)
    assert "--passive" in said.how
    assert counters.everything == b""


async def test_without_tls() -> None:
    with serving(server(greeting(capabilities=Capability.PROTOCOL_41), refusal(1045))) as (port, counters):
        failure = await upgrade("mysql", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
        assert counters.everything == b""
        said = await converse("mysql", port)
    assert said.tls_offered is False
    assert failure is not None
    assert failure.kind is FailureKind.UPGRADE_REFUSED


async def test_upgrade_asks_for_tls() -> None:
    with serving(server(greeting())) as (port, counters):
        assert await upgrade("mysql", port) is None
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert isinstance(login_of(counters.everything), SslRequest)


async def test_a_host_that_may_not_talk_gets_no_answer() -> None:
    words = err(Err(code=1130, message="Host '10.0.0.9' is not allowed to connect to this MariaDB server"))
    with serving(server(words)) as (port, _):
        for failure in (await converse_failure("mysql", port), await upgrade("mysql", port)):
            assert failure is not None
            assert failure.kind is FailureKind.UPGRADE_REFUSED
            assert "1130" in failure.detail
            assert "10.0.0.9" in failure.detail


@pytest.mark.parametrize("plugin", [b"\xff" * 20000, b"\x1b[2J"])
async def test_a_strange_plugin(plugin: bytes) -> None:
    first = greeting(plugin="x" * len(plugin)).replace(b"x" * len(plugin), plugin)
    with serving(server(first, refusal(1045))) as (port, _):
        said = await converse("mysql", port)
    assert said.credentials == "accepted"
    assert all(word.isprintable() and len(word) <= 64 for word in said.capabilities)


async def test_an_old_protocol_is_malformed() -> None:
    with serving(server(mysql.packet(0, b"\x093.20.1\0"))) as (port, _):
        assert (await converse_failure("mysql", port)).kind is FailureKind.MALFORMED
