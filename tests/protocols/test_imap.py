"""What IMAP greetings and capabilities say about logins before TLS."""

from typing import Any

import pytest

from scanner.model import FailureKind
from scanner.protocols._login import UNUSED_NAME, UNUSED_PASSWORD
from tests.hostile import Peer, Talk, serving
from tests.protocols.talk import converse, converse_failure, upgrade

NEEDED = b"NO [PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) connections."
FAILED = b"NO [AUTHENTICATIONFAILED] Authentication failed."
LOGIN = f"c2 LOGIN {UNUSED_NAME} {UNUSED_PASSWORD}\r\n".encode()


def server(
    greeting: bytes,
    capability: bytes | None = None,
    starttls: bytes = b"OK begin TLS",
    login: bytes | None = b"BAD what?",
) -> Talk:
    """Answers CAPABILITY with this list (or `BAD`), STARTTLS and LOGIN with this condition; None hangs up."""

    def talk(peer: Peer) -> None:
        peer.send(greeting + b"\r\n")
        while line := peer.line():
            tag, command = line.split()[:2]
            if command == b"CAPABILITY" and capability is not None:
                peer.send(b"* CAPABILITY " + capability + b"\r\n" + tag + b" OK done\r\n")
            elif command == b"STARTTLS":
                peer.send(tag + b" " + starttls + b"\r\n")
            elif command == b"LOGIN" and login is None:
                return
            elif command == b"LOGIN" and login is not None:
                peer.send(b"* BAD [ALERT] in the clear?\r\n" + tag + b" " + login + b"\r\n")
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


HIDDEN = b"IMAP4rev1 STARTTLS LOGINDISABLED"


@pytest.mark.parametrize(
    ("capability", "login", "credentials", "passive"),
    [
        (HIDDEN, NEEDED, "refused", "refused"),
        (HIDDEN, FAILED, "accepted", "refused"),  # LOGINDISABLED is not true
        (HIDDEN, b"NO [authorizationfailed]", "accepted", "refused"),
        (HIDDEN, b"NO [EXPIRED] since yesterday", "accepted", "refused"),
        (HIDDEN, b"OK welcome", "accepted", "refused"),
        (HIDDEN, b"NO Login only available under a layer", "refused", "refused"),
        (HIDDEN, b"NO Login failed", "refused", "refused"),  # no code: it may have been refused for any reason
        (HIDDEN, b"NO [UNAVAILABLE] later", "refused", "refused"),
        (HIDDEN, b"NO see [AUTHENTICATIONFAILED]", "refused", "refused"),
        (HIDDEN, None, "refused", "refused"),
        (b"IMAP4rev1 STARTTLS", NEEDED, "refused", "accepted"),
        (b"IMAP4rev1 STARTTLS", FAILED, "accepted", "accepted"),
        (b"IMAP4rev1 STARTTLS", None, "accepted", "accepted"),
        (b"IMAP4rev1 STARTTLS AUTH=PLAIN", NEEDED, "accepted", "accepted"),
        (b"IMAP4rev1 STARTTLS LOGINDISABLED AUTH=XOAUTH2", NEEDED, "accepted", "accepted"),
        (None, NEEDED, "refused", "unknown"),
        (None, FAILED, "accepted", "unknown"),
        (None, None, "unknown", "unknown"),
    ],
)
async def test_a_login_proves_what_is_listed(
    capability: bytes | None, login: bytes | None, credentials: str, passive: str
) -> None:
    with serving(server(b"* OK hello", capability, login=login)) as (port, _):
        said = await converse("imap", port)
        silent = await converse("imap", port, passive=True)
    assert (said.credentials, silent.credentials) == (credentials, passive)
    assert (said.tls_offered, said.capabilities) == (silent.tls_offered, silent.capabilities)
    assert ("--passive" in silent.how) == (passive == "unknown")


async def test_says_what_was_listed_and_what_was_answered() -> None:
    with serving(server(b"* OK hello", HIDDEN, login=FAILED + b"\x1b[2J")) as (port, _):
        how = (await converse("imap", port)).how
    assert how.startswith("LOGINDISABLED, and no plaintext SASL mechanism; LOGIN as an unused name was answered with ")
    assert how.endswith(r"'NO [AUTHENTICATIONFAILED] Authentication failed.\x1b[2J'")


@pytest.mark.parametrize(
    ("greeting", "capability", "passive", "sent"),
    [
        (b"* OK hello", b"IMAP4rev1 AUTH=PLAIN", False, b""),  # proven: not asked
        (b"* PREAUTH hello", b"IMAP4rev1 LOGINDISABLED", False, b""),
        (b"* OK hello", HIDDEN, True, b""),
        (b"* OK hello", None, True, b""),
        (b"* OK hello", HIDDEN, False, LOGIN),
        (b"* OK hello", b"IMAP4rev1", False, LOGIN),
    ],
)
async def test_sends_nobodys_name_and_no_more_than_it_takes(
    greeting: bytes, capability: bytes | None, passive: bool, sent: bytes
) -> None:
    with serving(server(greeting, capability)) as (port, counters):
        await converse("imap", port, passive=passive)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert counters.everything == b"c1 CAPABILITY\r\n" + sent + b"c3 LOGOUT\r\n"


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
