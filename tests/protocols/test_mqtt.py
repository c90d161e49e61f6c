"""What an MQTT server answers to a login in the clear as nobody."""

import pytest

from scanner.model import FailureKind
from scanner.observations.cleartext import Cleartext
from scanner.wire.mqtt import DISCONNECT, Level, connack, connect
from tests.hostile import Peer, Talk, in_turn, serving
from tests.protocols.talk import converse, converse_failure
from tests.protocols.test_failures import answers, attempts_of

CLIENT, NAME = "tlsassayUnusedName", "tlsassay-unused-name"
ASKED = connect(Level.MQTT_3_1_1, CLIENT, NAME)
ASKED_5 = connect(Level.MQTT_5, CLIENT, NAME)


def server(answer: bytes) -> Talk:
    def talk(peer: Peer) -> None:
        if peer.receive():
            peer.send(answer)
            peer.drain()

    return talk


@pytest.mark.parametrize(
    ("code", "credentials", "words"),
    [
        (0, "accepted", "no authentication"),
        (4, "accepted", "bad user name or password"),
        (5, "accepted", "not authorized"),
        (2, "unknown", "identifier rejected"),
        (3, "unknown", "server unavailable"),
        (77, "unknown", "77"),
    ],
)
async def test_credentials(code: int, credentials: str, words: str) -> None:
    with serving(server(connack(code))) as (port, counters):
        said = await converse("mqtt", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.credentials, said.tls_offered) == ("mqtt", credentials, None)
    assert words in said.how
    assert said.capabilities == ("MQTT 3.1.1",)
    assert counters.everything == ASKED + (DISCONNECT if code == 0 else b"")


@pytest.mark.parametrize("unsupported", [connack(1), connack(0x84, Level.MQTT_5)])
@pytest.mark.parametrize(
    ("code", "credentials"),
    [(0, "accepted"), (0x86, "accepted"), (0x87, "accepted"), (0x84, "unknown"), (0x85, "unknown"), (0x8A, "unknown")],
)
async def test_a_server_of_version_5_alone_is_asked_again(unsupported: bytes, code: int, credentials: str) -> None:
    with serving(in_turn(server(unsupported), server(connack(code, Level.MQTT_5)))) as (port, counters):
        said = await converse("mqtt", port)
        assert await counters.reach(lambda seen: seen.ended == 2)
    assert (said.credentials, said.capabilities) == (credentials, ("MQTT 5.0",))
    assert counters.received[0] == ASKED
    assert counters.received[1].startswith(ASKED_5)


async def test_a_scan_asks_again_on_a_fresh_connection() -> None:
    with serving(in_turn(server(connack(1)), server(connack(0x87, Level.MQTT_5)))) as (port, counters):
        found = await attempts_of({"mqtt": f"mqtt://127.0.0.1:{port}"})
    said = answers(found["mqtt"]["cleartext"])
    assert isinstance(said, Cleartext)
    assert said.credentials == "accepted"
    assert counters.accepted == 2


async def test_passive_says_nothing() -> None:
    with serving(server(connack(0))) as (port, counters):
        said = await converse("mqtt", port, passive=True)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.credentials) == ("unknown", "unknown")
    assert "--passive" in said.how
    assert counters.everything == b""


async def test_a_close_is_no_answer() -> None:
    with serving(lambda peer: peer.receive(1) and None) as (port, _):
        assert (await converse_failure("mqtt", port)).kind in {FailureKind.CLOSED_EARLY, FailureKind.RESET}


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n", b"\x15\x03\x01\0\x02\x02\x28", b"\x20\x02\x07\0"])
async def test_what_is_not_mqtt_is_malformed(said: bytes) -> None:
    with serving(server(said)) as (port, _):
        assert (await converse_failure("mqtt", port)).kind is FailureKind.MALFORMED
