"""What POP3 greetings, CAPA and USER say about logins before TLS."""

import pytest

from scanner.model import FailureKind
from scanner.protocols._login import UNUSED_NAME, UNUSED_PASSWORD
from tests.hostile import Peer, Talk, serving
from tests.protocols.talk import converse, converse_failure, upgrade

LAYER = b"-ERR [AUTH] Plaintext authentication disallowed on non-secure (SSL/TLS) connections."
USER, PASS = f"USER {UNUSED_NAME}\r\n".encode(), f"PASS {UNUSED_PASSWORD}\r\n".encode()


def server(
    capa: bytes | None,
    user: bytes | None = b"-ERR what?",
    password: bytes = b"-ERR [AUTH] Authentication failed.",
    greeting: bytes = b"+OK ready",
    stls: bytes = b"+OK begin",
) -> Talk:
    """Lists these capabilities, or knows no CAPA; hangs up at USER where that has no answer."""
    answers = {b"USER": user, b"PASS": password, b"STLS": stls, b"QUIT": b"+OK bye"}
    answers[b"CAPA"] = b"-ERR what?" if capa is None else b"+OK\r\n" + capa + b"."

    def talk(peer: Peer) -> None:
        peer.send(greeting + b"\r\n")
        while line := peer.line():
            command = line.split()[0]
            if (answer := answers.get(command, b"-ERR what?")) is None:
                return
            peer.send(answer + b"\r\n")
            if command == b"QUIT":
                return

    return talk


@pytest.mark.parametrize(
    ("talk", "credentials", "offered", "passive"),
    [
        (server(b"STLS\r\nSASL\r\n", LAYER), "refused", True, "refused"),
        (server(b"stls\r\n", b"-ERR [AUTH] USER command only available under a layer"), "refused", True, "refused"),
        (server(b"STLS\r\n", b"-ERR"), "refused", True, "refused"),
        (server(b"STLS\r\n", None), "refused", True, "refused"),
        (server(b"STLS\r\nSASL SCRAM-SHA-256\r\n", LAYER), "refused", True, "refused"),
        (server(b"STLS\r\nUSER\r\n", LAYER), "accepted", True, "accepted"),  # clients that believe it have sent all
        (server(b"SASL PLAIN\r\n", LAYER), "accepted", False, "accepted"),
        (server(b"SASL XOAUTH2\r\n", LAYER), "accepted", False, "accepted"),
        (server(b"STLS\r\n", b"+OK"), "accepted", True, "refused"),
        (server(b"STLS\r\n", b"+OK", b"+OK welcome"), "accepted", True, "refused"),
        (server(b"STLS\r\n", b"+OK", b"-ERR STLS first"), "refused", True, "refused"),
        (server(b"", b"+OK"), "accepted", False, "refused"),
        (server(None, b"-ERR TLS required"), "refused", None, "unknown"),
        # a fault of its own (RFC 3206 §4), whatever its words
        (server(None, b"-ERR [SYS/TEMP] backend: SSL handshake failed"), "unknown", None, "unknown"),
        (server(None, b"+OK", b"-ERR [sys/perm] backend: SSL handshake failed"), "accepted", None, "unknown"),
        (server(None, b"+OK"), "accepted", None, "unknown"),
        (server(None, b"-ERR never heard of tlsassay-unused-name"), "unknown", None, "unknown"),
        (server(None, None), "unknown", None, "unknown"),
    ],
)
async def test_credentials(talk: Talk, credentials: str, offered: bool | None, passive: str) -> None:
    with serving(talk) as (port, _):
        said = await converse("pop3", port)
        silent = await converse("pop3", port, passive=True)
    assert (said.speaks, said.banner, said.credentials, said.tls_offered) == ("pop3", "+OK ready", credentials, offered)
    assert (silent.credentials, silent.tls_offered) == (passive, offered)
    assert said.how
    assert ("--passive" in silent.how) == (passive == "unknown")


async def test_says_what_it_saw() -> None:
    with serving(server(b"STLS\r\nIMPLEMENTATION \x1b[2J\r\n", LAYER + b"\x1b[2J")) as (port, _):
        said = await converse("pop3", port)
    assert said.capabilities == ("STLS", r"IMPLEMENTATION \x1b[2J")
    assert "neither USER nor a plaintext SASL mechanism" in said.how
    assert r"(SSL/TLS) connections.\x1b[2J" in said.how


@pytest.mark.parametrize(
    ("talk", "passive", "sent"),
    [
        (server(b"STLS\r\nUSER\r\n"), False, b""),  # proven: not asked
        (server(b"SASL LOGIN\r\n"), False, b""),
        (server(b"STLS\r\n", LAYER), True, b""),
        (server(None), True, b""),
        (server(b"STLS\r\n", LAYER), False, USER),
        (server(None, b"+OK"), False, USER + PASS),
    ],
)
async def test_sends_nobodys_name_and_no_more_than_it_takes(talk: Talk, passive: bool, sent: bytes) -> None:
    with serving(talk) as (port, counters):
        await converse("pop3", port, passive=passive)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert counters.everything == b"CAPA\r\n" + sent + b"QUIT\r\n"


async def test_a_server_that_will_not_talk_is_no_answer() -> None:
    with serving(server(b"", greeting=b"-ERR too busy")) as (port, counters):
        for failure in (await converse_failure("pop3", port), await upgrade("pop3", port)):
            assert failure is not None
            assert failure.kind is FailureKind.CLOSED_EARLY
            assert "-ERR too busy" in failure.detail
    assert counters.everything == b""


async def test_what_is_not_pop3_is_malformed() -> None:
    with serving(server(b"", greeting=b"* OK IMAP")) as (port, _):
        assert (await converse_failure("pop3", port)).kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"+OK begin", None),
        (b"+OK", None),
        (b"-ERR not here", FailureKind.UPGRADE_REFUSED),
        (b"?", FailureKind.MALFORMED),
    ],
)
async def test_stls(answer: bytes, kind: FailureKind | None) -> None:
    with serving(server(b"", stls=answer)) as (port, _):
        failure = await upgrade("pop3", port)
    assert (failure.kind if failure else None) is kind


async def test_a_close_is_no_refusal_of_stls() -> None:
    def talk(peer: Peer) -> None:
        peer.send(b"+OK\r\n")
        peer.line()

    with serving(talk) as (port, _):
        failure = await upgrade("pop3", port)
    assert failure is not None
    assert failure.kind is FailureKind.CLOSED_EARLY
