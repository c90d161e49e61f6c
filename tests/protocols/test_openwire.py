"""What a broker says to a login in the clear as nobody."""

import pytest

from scanner.model import FailureKind, ReachTls
from scanner.protocols import protocol
from scanner.wire import openwire
from tests.hostile import HANDSHAKE_FAILURE, Peer, Talk, hangs_up, says, serving
from tests.protocols.talk import converse, converse_failure
from tests.wire.test_openwire import OFFER, exception, offer

DONE = openwire.frame(openwire.RESPONSE, bytes(9))
KEEP_ALIVE = openwire.frame(10, bytes(5))
DENIED = exception("java.lang.SecurityException", "User name [tlsassay-unused-name] or password is invalid.")


def server(*answers: bytes, first: bytes = OFFER) -> Talk:
    """Offers, and answers a login."""

    def talk(peer: Peer) -> None:
        peer.send(first)
        heard = b""
        while b"tlsassay-unused-name" not in heard:
            if not (data := peer.receive()):
                return
            heard += data
        for answer in answers:
            peer.send(answer)
        peer.drain()

    return talk


def test_port() -> None:
    assert (protocol("openwire").port, protocol("openwire").reach_tls) == (61616, ReachTls.NEVER)


@pytest.mark.parametrize(
    ("answers", "credentials", "words"),
    [
        ((DONE,), "accepted", "was taken"),
        ((DENIED,), "accepted", "was looked at"),
        ((KEEP_ALIVE, KEEP_ALIVE, DENIED), "accepted", "was looked at"),
        ((exception("java.io.IOException", "\x1b[2J"),), "unknown", "java.io.IOException: \\x1b[2J"),
        ((exception("java.io.IOException", "", openwire.CONNECTION_ERROR),), "unknown", "java.io.IOException"),
        ((KEEP_ALIVE,) * 20, "unknown", "16 other commands"),
    ],
)
async def test_credentials(answers: tuple[bytes, ...], credentials: str, words: str) -> None:
    with serving(server(*answers)) as (port, counters):
        said = await converse("openwire", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.credentials, said.tls_offered) == ("openwire", credentials, None)
    assert said.banner == "WireFormatInfo version 12: ActiveMQ, 5.17.2, Java"
    assert words in said.how
    sent = counters.everything
    assert openwire.connection_info("tlsassay-unused-name", "tlsassay-unused-name") in sent  # and no password


async def test_passive_does_not_log_in() -> None:
    with serving(server(DENIED)) as (port, counters):
        said = await converse("openwire", port, passive=True)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert said.credentials == "unknown"
    assert "--passive" in said.how
    assert counters.everything == openwire.wire_format_info()


@pytest.mark.parametrize(("version", "spoken"), [(1, 1), (12, 12), (99, 12)])
async def test_the_older_version_is_spoken(version: int, spoken: int) -> None:
    with serving(server(DENIED, first=offer(b"", 0, version))) as (port, counters):
        said = await converse("openwire", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert said.banner == f"WireFormatInfo version {version}"
    login = openwire.connection_info("tlsassay-unused-name", "tlsassay-unused-name", spoken)
    assert counters.everything.startswith(openwire.wire_format_info() + login)


@pytest.mark.parametrize("answer", [openwire.frame(31, b""), b"\xff" * 8])
async def test_garbage_for_an_answer(answer: bytes) -> None:
    with serving(server(answer)) as (port, _):
        assert (await converse_failure("openwire", port)).kind is FailureKind.MALFORMED


async def test_tls() -> None:
    with serving(says(HANDSHAKE_FAILURE, then=hangs_up)) as (port, _):
        assert (await converse("openwire", port)).speaks == "tls"


async def test_another_protocol() -> None:
    with serving(says(b"220 mail.example.test ESMTP\r\n")) as (port, _):
        assert (await converse_failure("openwire", port)).kind is FailureKind.MALFORMED


async def test_the_end_is_no_refusal() -> None:
    with serving(says(OFFER, then=hangs_up)) as (port, _):
        assert (await converse_failure("openwire", port)).kind is FailureKind.CLOSED_EARLY
