"""What SMTP greetings, EHLO and RSET say about logins before TLS."""

import pytest

from scanner.model import FailureKind
from tests.hostile import Peer, Talk, serving
from tests.protocols.talk import converse, converse_failure, upgrade

GREETING = b"220 mail.example.test ESMTP\r\n"
PLAIN = b"250-mail.example.test\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 8BITMIME\r\n"
WITH_AUTH = b"250-mail.example.test\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n"


def server(
    greeting: bytes = GREETING, ehlo: bytes = PLAIN, rset: bytes = b"250 OK\r\n", starttls: bytes = b"220 go\r\n"
) -> Talk:
    """Answers in these words."""
    answers = {b"EHLO": ehlo, b"RSET": rset, b"STARTTLS": starttls, b"QUIT": b"221 bye\r\n"}

    def talk(peer: Peer) -> None:
        peer.send(greeting)
        while line := peer.line():
            command = line.split()[0]
            peer.send(answers.get(command, b"500 what?\r\n"))
            if command == b"QUIT":
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


async def test_sends_nobodys_name_and_no_credential() -> None:
    with serving(server(ehlo=WITH_AUTH)) as (port, counters):
        await converse("smtp", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert counters.everything == b"EHLO tlsassay.invalid\r\nRSET\r\nQUIT\r\n"


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
