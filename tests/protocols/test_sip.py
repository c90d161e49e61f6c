"""What a SIP server answers in the clear to OPTIONS, and to a REGISTER of nobody that binds nothing."""

import re

import pytest

from scanner.model import FailureKind
from scanner.probes.cleartext import recognise
from scanner.protocols.sip import MAX_PROVISIONAL
from tests.hostile import Peer, Talk, serving
from tests.protocols.talk import converse, converse_failure

OPTIONS = b"SIP/2.0 200 OK\r\nServer: example (1.0)\r\nAllow: INVITE, ACK\r\nContent-Length: 0\r\n\r\n"
DIGEST = b'WWW-Authenticate: Digest realm="a", nonce="b"\r\n'


def answer(status: bytes, *headers: bytes) -> bytes:
    return b"SIP/2.0 " + status + b"\r\n" + b"".join(headers) + b"Content-Length: 0\r\n\r\n"


def server(*answers: bytes) -> Talk:
    """Answers each request with the next."""

    def talk(peer: Peer) -> None:
        for one in answers:
            while (line := peer.line()) != b"\r\n":
                if not line:
                    return
            peer.send(one)
        peer.drain()

    return talk


@pytest.mark.parametrize(
    ("registered", "credentials", "words"),
    [
        (answer(b"401 Unauthorized", DIGEST), "accepted", "Digest credentials are asked for"),
        (
            answer(b"407 Proxy Authentication Required", DIGEST.replace(b"WWW", b"Proxy")),
            "accepted",
            "Digest credentials are asked for",
        ),
        (answer(b"100 Trying") + answer(b"401 Unauthorized", DIGEST), "accepted", "Digest credentials are asked for"),
        (answer(b"401 Unauthorized"), "unknown", "does not tell"),
        (answer(b"200 OK"), "accepted", "no authentication"),
        (answer(b"404 Not Found"), "unknown", "does not tell"),
        (answer(b"403 TLS required"), "refused", "TLS required"),
        (answer(b"403 Forbidden"), "unknown", "does not tell"),
        (answer(b"494 Security Agreement Required"), "refused", "494"),
        (answer(b"302 Moved", b"Contact: <sips:a@b>\r\n"), "refused", "302"),
        (answer(b"302 Moved", b"Contact: <sip:a@b>\r\n"), "unknown", "does not tell"),
        (answer(b"405 Method Not Allowed"), "unknown", "does not tell"),
        (answer(b"501 Not Implemented"), "unknown", "does not tell"),
        (answer(b"503 \x1b[2J"), "unknown", r"\x1b[2J"),
    ],
)
async def test_credentials(registered: bytes, credentials: str, words: str) -> None:
    with serving(server(OPTIONS, registered)) as (port, _):
        said = await converse("sip", port)
    assert (said.speaks, said.credentials, said.tls_offered) == ("sip", credentials, None)
    assert words in said.how
    assert said.banner == "SIP/2.0 200 OK, example (1.0)"
    assert said.capabilities == ("INVITE", "ACK")


@pytest.mark.parametrize("passive", [False, True])
async def test_a_server_that_asks_for_credentials_at_once_needs_no_second_question(passive: bool) -> None:
    with serving(server(answer(b"401 Unauthorized", DIGEST))) as (port, counters):
        said = await converse("sip", port, passive=passive)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.credentials, said.how) == ("accepted", "Digest credentials are asked for already for OPTIONS")
    assert b"REGISTER" not in counters.everything


async def test_nothing_is_bound_and_no_credential_sent() -> None:
    with serving(server(OPTIONS, answer(b"401 Unauthorized", DIGEST))) as (port, counters):
        await converse("sip", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    sent = counters.everything
    assert re.findall(rb"^(\w+) sip:mail\.example\.test SIP/2\.0\r$", sent, re.MULTILINE) == [b"OPTIONS", b"REGISTER"]
    assert b"To: <sip:tlsassay-unused-name@mail.example.test>\r\n" in sent
    assert not re.search(rb"^(Contact|Authorization|Proxy-Authorization)", sent, re.MULTILINE | re.IGNORECASE)
    branches = re.findall(rb"branch=(\S+?);", sent)
    assert len(set(branches)) == 2


async def test_passive_does_not_register() -> None:
    with serving(server(OPTIONS, answer(b"200 OK"))) as (port, counters):
        said = await converse("sip", port, passive=True)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.credentials) == ("sip", "unknown")
    assert "--passive" in said.how
    assert b"REGISTER" not in counters.everything


@pytest.mark.parametrize("count", [MAX_PROVISIONAL - 1, MAX_PROVISIONAL])
async def test_provisional_responses_are_bounded(count: int) -> None:
    with serving(server(answer(b"100 Trying") * count + OPTIONS, answer(b"200 OK"))) as (port, _):
        if count < MAX_PROVISIONAL:
            assert (await converse("sip", port)).credentials == "accepted"
        else:
            assert (await converse_failure("sip", port)).kind is FailureKind.MALFORMED


async def test_a_close_at_a_register_is_no_answer() -> None:
    def talk(peer: Peer) -> None:
        for said in (OPTIONS, b""):
            peer.receive()
            peer.send(said)

    with serving(talk) as (port, _):
        assert (await converse_failure("sip", port)).kind is FailureKind.CLOSED_EARLY


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x01\0\2\2\x28", b"SIP/2.0 OK\r\n\r\n"]
)
async def test_what_is_not_sip_is_malformed(said: bytes) -> None:
    with serving(server(said)) as (port, _):
        assert (await converse_failure("sip", port)).kind is FailureKind.MALFORMED


def test_a_response_is_recognised() -> None:
    assert recognise(b"SIP/2.0 400 Bad Request\r\n") == "sip"
