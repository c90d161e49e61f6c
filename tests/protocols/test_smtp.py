"""What SMTP greetings, EHLO and RSET say about logins before TLS."""

from base64 import b64decode

import pytest

from scanner.model import FailureKind
from scanner.protocols._login import PLAIN_RESPONSE
from tests.hostile import Peer, Talk, serving
from tests.protocols.talk import converse, converse_failure, upgrade

GREETING = b"220 mail.example.test ESMTP\r\n"
PLAIN = b"250-mail.example.test\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 8BITMIME\r\n"
WITH_AUTH = b"250-mail.example.test\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n"


def server(
    greeting: bytes = GREETING,
    ehlo: bytes = PLAIN,
    rset: bytes = b"250 OK\r\n",
    starttls: bytes = b"220 go\r\n",
    auth: bytes = b"503 5.5.1 Error: authentication not enabled\r\n",
) -> Talk:
    """Answers in these words; hangs up where there are none."""
    answers = {b"EHLO": ehlo, b"RSET": rset, b"STARTTLS": starttls, b"AUTH": auth, b"QUIT": b"221 bye\r\n"}

    def talk(peer: Peer) -> None:
        peer.send(greeting)
        while line := peer.line():
            command = line.split()[0]
            peer.send(answers.get(command, b"500 what?\r\n"))
            if command == b"QUIT" or not answers.get(command, b"?"):
                return

    return talk


@pytest.mark.parametrize(
    ("talk", "credentials", "offered"),
    [
        (server(rset=b"530 5.7.0 Must issue a STARTTLS command first\r\n"), "refused", True),
        (server(ehlo=WITH_AUTH, rset=b"530 5.7.0 Must issue a STARTTLS command first\r\n"), "refused", True),
        (server(ehlo=WITH_AUTH), "accepted", True),
        (server(ehlo=b"250-mail.example.test\r\n250 AUTH=LOGIN\r\n"), "accepted", False),
        (server(ehlo=b"250-mail.example.test\r\n250 auth plain\r\n"), "accepted", False),
        (server(), "none", True),
        (server(ehlo=b"250 mail.example.test\r\n"), "none", False),
        (server(ehlo=b"250-mail.example.test\r\n250 AUTHENTIC\r\n"), "none", False),
        (server(ehlo=b"250-mail.example.test\r\n250 AUTH\r\n"), "none", False),
        (server(ehlo=b"250-mail.example.test\r\n250 AUTH CRAM-MD5\r\n"), "accepted", False),
        (server(ehlo=b"502 command not implemented\r\n"), "unknown", None),
        (server(ehlo=b"550 go away\r\n"), "unknown", None),
    ],
)
@pytest.mark.parametrize("scheme", ["smtp", "submission"])
async def test_credentials(scheme: str, talk: Talk, credentials: str, offered: bool | None) -> None:
    with serving(talk) as (port, _):
        said = await converse(scheme, port)
    assert (said.speaks, said.credentials, said.tls_offered) == (scheme, credentials, offered)
    assert said.banner == "220 mail.example.test ESMTP"
    assert said.how


NO_MECHANISM = b"250-mail.example.test\r\n250-AUTH \r\n250 STARTTLS\r\n"
STARTTLS_FIRST = b"530 5.7.0 Must issue a STARTTLS command first\r\n"


@pytest.mark.parametrize(
    ("ehlo", "rset", "auth", "credentials", "passive"),
    [
        (PLAIN, b"250 OK\r\n", STARTTLS_FIRST, "refused", "none"),
        (PLAIN, b"250 OK\r\n", b"538 5.7.0 Encryption required\r\n", "refused", "none"),
        (PLAIN, b"250 OK\r\n", b"524 5.7.11 Encryption required\r\n", "refused", "none"),
        (NO_MECHANISM, b"250 OK\r\n", b"523 5.7.10 Plaintext authentication disabled.\r\n", "refused", "none"),
        (PLAIN, b"250 OK\r\n", b"535 5.7.8 authentication failed\r\n", "accepted", "none"),  # hidden, and yet there
        (PLAIN, b"250 OK\r\n", b"334 \r\n", "accepted", "none"),
        (PLAIN, b"250 OK\r\n", b"235 welcome\r\n", "accepted", "none"),
        (PLAIN, b"250 OK\r\n", b"504 5.7.4 Unrecognized authentication type\r\n", "none", "none"),
        (PLAIN, b"250 OK\r\n", b"454 4.7.0 later\r\n", "none", "none"),
        (PLAIN, b"250 OK\r\n", b"", "none", "none"),
        (PLAIN, b"250 OK\r\n", b"?\r\n", "none", "none"),
        (WITH_AUTH, b"250 OK\r\n", STARTTLS_FIRST, "accepted", "accepted"),
        (PLAIN, STARTTLS_FIRST, STARTTLS_FIRST, "refused", "refused"),
        (PLAIN, STARTTLS_FIRST, b"535 5.7.8 authentication failed\r\n", "accepted", "refused"),
        (PLAIN, STARTTLS_FIRST, b"", "refused", "refused"),
        (b"502 what?\r\n", b"250 OK\r\n", b"538 5.7.0 Encryption required\r\n", "refused", "unknown"),
        (b"502 what?\r\n", b"250 OK\r\n", b"", "unknown", "unknown"),
    ],
)
async def test_a_login_proves_what_is_offered(
    ehlo: bytes, rset: bytes, auth: bytes, credentials: str, passive: str
) -> None:
    with serving(server(ehlo=ehlo, rset=rset, auth=auth)) as (port, _):
        said = await converse("submission", port)
        silent = await converse("submission", port, passive=True)
    assert (said.credentials, silent.credentials) == (credentials, passive)
    assert (said.tls_offered, said.capabilities) == (silent.tls_offered, silent.capabilities)
    assert ("--passive" in silent.how) == (passive == "unknown")


async def test_says_what_was_offered_and_what_was_answered() -> None:
    with serving(server(auth=b"535 5.7.8 no such user\x1b[2J\r\n")) as (port, _):
        how = (await converse("smtp", port)).how
    assert how.startswith("no AUTH mechanism offered before TLS; AUTH as an unused name was answered with ")
    assert how.endswith(r"'535 5.7.8 no such user\x1b[2J'")


@pytest.mark.parametrize(
    ("ehlo", "passive", "asked"), [(WITH_AUTH, False, False), (PLAIN, True, False), (PLAIN, False, True)]
)
async def test_sends_nobodys_name_and_no_more_than_it_takes(ehlo: bytes, passive: bool, asked: bool) -> None:
    with serving(server(ehlo=ehlo)) as (port, counters):
        await converse("smtp", port, passive=passive)
        assert await counters.reach(lambda seen: seen.ended == 1)
    auth = f"AUTH PLAIN {PLAIN_RESPONSE}\r\n".encode() if asked else b""
    assert counters.everything == b"EHLO tlsassay.invalid\r\nRSET\r\n" + auth + b"QUIT\r\n"


def test_the_response_is_nobodys() -> None:
    assert b64decode(PLAIN_RESPONSE) == b"\0tlsassay-unused-name\0tlsassay-unused-password"


@pytest.mark.parametrize("greeting", [b"421 too busy\r\n", b"554 no SMTP service here\r\n", b"421-too\r\n421 busy\r\n"])
async def test_a_server_that_will_not_talk_is_no_answer(greeting: bytes) -> None:
    with serving(server(greeting)) as (port, counters):
        for failure in (await converse_failure("smtp", port), await upgrade("smtp", port)):
            assert failure is not None
            assert failure.kind is FailureKind.CLOSED_EARLY
            assert greeting[:3].decode() in failure.detail
    assert counters.everything == b""


async def test_a_greeting_of_several_lines() -> None:
    with serving(server(b"220-first\r\n220-second\r\n220 last\r\n")) as (port, _):
        said = await converse("smtp", port)
    assert (said.banner, said.tls_offered) == ("220 first", True)


async def test_what_is_not_smtp_is_malformed() -> None:
    with serving(server(b"* OK IMAP\r\n")) as (port, _):
        assert (await converse_failure("smtp", port)).kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"220 2.0.0 Ready to start TLS\r\n", None),
        (b"454 4.7.0 TLS not available due to local problem\r\n", FailureKind.UPGRADE_REFUSED),
        (b"502 5.5.1 not implemented\r\n", FailureKind.UPGRADE_REFUSED),
        (b"?\r\n", FailureKind.MALFORMED),
    ],
)
async def test_starttls(answer: bytes, kind: FailureKind | None) -> None:
    with serving(server(starttls=answer)) as (port, _):
        failure = await upgrade("smtp", port)
    assert (failure.kind if failure else None) is kind
