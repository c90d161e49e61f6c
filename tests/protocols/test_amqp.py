"""Which mechanisms AMQP servers list for a login in the clear."""

import pytest

from scanner.model import FailureKind
from scanner.wire.amqp import Header
from tests.hostile import Peer, Talk, hangs_up, in_turn, serving
from tests.protocols.talk import converse, converse_failure
from tests.wire.test_amqp import PRODUCT, PROTON_ANONYMOUS, PROTON_NONE, VERSION, sasl, start

PLAIN = sasl(b"\xc0\x08\x01\xa3\x05PLAIN")
PROTON_0_9_1 = Header.AMQP_1_0 + bytes.fromhex("00000010020000000053 10c00301a100")
"""How Qpid Proton begins its answer to the header of 0-9-1: an empty open behind its own."""


def server(answer: bytes) -> Talk:
    """Answers the first eight bytes so, and closes."""

    def talk(peer: Peer) -> None:
        if len(peer.receive(8)) == 8:
            peer.send(answer)
            hangs_up(peer)

    return talk


@pytest.mark.parametrize(
    ("mechanisms", "credentials", "words"),
    [
        (b"PLAIN AMQPLAIN", "accepted", "sends the password"),
        (b"AMQPLAIN", "accepted", "sends the password"),
        (b"ANONYMOUS PLAIN", "accepted", "without any credentials"),
        (b"SCRAM-SHA-256", "accepted", "SCRAM-SHA-256"),
        (b"EXTERNAL", "refused", "nothing else"),
        (b"", "refused", "no SASL mechanism"),
    ],
)
async def test_credentials(mechanisms: bytes, credentials: str, words: str) -> None:
    with serving(server(start(PRODUCT + VERSION, mechanisms))) as (port, counters):
        said = await converse("amqp", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.credentials, said.tls_offered) == ("amqp", credentials, None)
    assert words in said.how
    assert said.banner == "AMQP 0-9-1, Example 1.0"
    assert said.capabilities == tuple(mechanisms.decode().split())
    assert counters.everything == Header.AMQP_0_9_1


@pytest.mark.parametrize("other", [Header.SASL, Header.AMQP_1_0, PROTON_0_9_1])
@pytest.mark.parametrize(
    ("answer", "credentials", "listed"),
    [
        (PLAIN, "accepted", ("PLAIN",)),
        (PROTON_ANONYMOUS, "accepted", ("ANONYMOUS",)),
        (PROTON_NONE, "refused", ()),
        (Header.AMQP_1_0, "accepted", ()),
        (Header.TLS, "refused", ()),
    ],
)
async def test_version_1(other: bytes, answer: bytes, credentials: str, listed: tuple[str, ...]) -> None:
    with serving(in_turn(server(other), server(answer))) as (port, counters):
        said = await converse("amqp", port)
        assert await counters.reach(lambda seen: seen.ended == 2)
    assert (said.speaks, said.credentials, said.capabilities) == ("amqp", credentials, listed)
    assert said.banner.startswith("AMQP 1.0")
    assert said.how
    assert counters.received == [Header.AMQP_0_9_1, Header.SASL]


async def test_a_server_that_wants_tls_first() -> None:
    with serving(server(Header.TLS)) as (port, _):
        said = await converse("amqp", port)
    assert (said.credentials, said.capabilities) == ("refused", ())
    assert "TLS" in said.how


async def test_what_is_listed_is_printable() -> None:
    with serving(server(start(PRODUCT.replace(b"Example", b"\x1b[2Jabc"), b"\x1b[2J"))) as (port, _):
        said = await converse("amqp", port)
    assert said.capabilities == (r"\x1b[2J",)
    assert said.banner.isprintable()
    assert said.how.isprintable()


@pytest.mark.parametrize("answer", [b"AMQP\1\1\0\x0a", b"HTTP/1.1 400 Bad Request\r\n", b"\x15\x03\x01\0\2\2\x28"])
async def test_what_is_another_protocol_is_malformed(answer: bytes) -> None:
    with serving(server(answer)) as (port, _):
        assert (await converse_failure("amqp", port)).kind is FailureKind.MALFORMED


async def test_two_answers_that_contradict_each_other_are_malformed() -> None:
    with serving(in_turn(server(Header.SASL), server(Header.AMQP_0_9_1))) as (port, _):
        assert (await converse_failure("amqp", port)).kind is FailureKind.MALFORMED


async def test_a_close_is_no_answer() -> None:
    with serving(hangs_up) as (port, _):
        assert (await converse_failure("amqp", port)).kind is FailureKind.CLOSED_EARLY
