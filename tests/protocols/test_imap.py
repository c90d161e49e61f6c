"""What IMAP greetings and capabilities say about logins before TLS."""

from typing import Any

import pytest

from scanner.model import FailureKind
from tests.hostile import Peer, Talk, serving
from tests.protocols.talk import converse, converse_failure, upgrade


def server(greeting: bytes, capability: bytes | None = None, starttls: bytes = b"OK begin TLS") -> Talk:
    """Answers CAPABILITY with this list (or `BAD`), and STARTTLS with this condition."""

    def talk(peer: Peer) -> None:
        peer.send(greeting + b"\r\n")
        while line := peer.line():
            tag, command = line.split()[:2]
            if command == b"CAPABILITY" and capability is not None:
                peer.send(b"* CAPABILITY " + capability + b"\r\n" + tag + b" OK done\r\n")
            elif command == b"STARTTLS":
                peer.send(tag + b" " + starttls + b"\r\n")
            elif command == b"LOGOUT":
                peer.send(b"* BYE\r\n" + tag + b" OK\r\n")
                return
            else:
                peer.send(tag + b" BAD what?\r\n")

    return talk


@pytest.mark.parametrize(
    ("greeting", "capability", "credentials", "offered"),
    [
        (b"* OK hello", b"IMAP4rev1 STARTTLS LOGINDISABLED", "refused", True),
        (b"* OK hello", b"IMAP4rev1 starttls logindisabled", "refused", True),
        (b"* OK hello", b"IMAP4rev1 STARTTLS LOGINDISABLED AUTH=GSSAPI", "refused", True),
        (b"* OK hello", b"IMAP4rev1 STARTTLS LOGINDISABLED AUTH=PLAIN", "accepted", True),
        (b"* OK hello", b"IMAP4rev1 STARTTLS AUTH=LOGIN", "accepted", True),
        (b"* OK hello", b"IMAP4rev1 STARTTLS", "accepted", True),
        (b"* OK hello", b"IMAP4rev1 LOGINDISABLED", "refused", False),
        (b"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hello", None, "refused", True),
        (b"* PREAUTH welcome back", b"IMAP4rev1", "accepted", False),
        (b"* OK hello", None, "unknown", None),
    ],
)
async def test_credentials(greeting: bytes, capability: bytes | None, credentials: str, offered: bool | None) -> None:
    with serving(server(greeting, capability)) as (port, _):
        said = await converse("imap", port)
    assert (said.speaks, said.credentials, said.tls_offered) == ("imap", credentials, offered)
    assert said.how
    assert said.banner == greeting.decode()


async def test_lists_what_is_offered() -> None:
    with serving(server(b"* OK hello", b"IMAP4rev1 STARTTLS \x1b[2JEVIL")) as (port, _):
        said = await converse("imap", port)
    assert said.capabilities == ("IMAP4REV1", "STARTTLS", r"\x1b[2JEVIL")


async def test_sends_no_credential() -> None:
    with serving(server(b"* OK hello", b"IMAP4rev1 AUTH=PLAIN")) as (port, counters):
        await converse("imap", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert counters.everything == b"c1 CAPABILITY\r\nc2 LOGOUT\r\n"


async def test_a_busy_server_is_no_answer() -> None:
    with serving(server(b"* BYE too many connections")) as (port, _):
        failure = await converse_failure("imap", port)
    assert failure.kind is FailureKind.CLOSED_EARLY
    assert "BYE too many connections" in failure.detail


async def test_what_is_not_imap_is_malformed() -> None:
    with serving(server(b"220 smtp.example.test ESMTP")) as (port, _):
        failure = await converse_failure("imap", port)
    assert failure.kind is FailureKind.MALFORMED
    assert "220 smtp.example.test" in failure.detail


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"OK begin", None),
        (b"ok begin", None),
        (b"NO not here", FailureKind.UPGRADE_REFUSED),
        (b"BAD unknown command", FailureKind.UPGRADE_REFUSED),
        (b"MAYBE", FailureKind.MALFORMED),
    ],
)
async def test_starttls(answer: bytes, kind: FailureKind | None) -> None:
    with serving(server(b"* OK hello", starttls=answer)) as (port, _):
        failure = await upgrade("imap", port)
    assert (failure.kind if failure else None) is kind


async def test_a_close_is_no_refusal_of_starttls() -> None:
    def talk(peer: Peer) -> None:
        peer.send(b"* OK hello\r\n")
        peer.line()

    with serving(talk) as (port, _):
        failure: Any = await upgrade("imap", port)
    assert failure.kind is FailureKind.CLOSED_EARLY
