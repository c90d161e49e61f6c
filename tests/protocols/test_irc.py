"""What IRC servers list, and say to a registration, before TLS."""

import re

import pytest

from scanner.model import FailureKind
from scanner.protocols import protocol
from scanner.protocols.irc import MAX_MESSAGES
from tests.hostile import Peer, Talk, hangs_up, serving
from tests.protocols.talk import converse, converse_failure, upgrade

NOTICE = b":irc.example.test NOTICE * :*** Looking up your host name\r\n"
LISTED = b":irc.example.test CAP * LS :multi-prefix tls sts=port=6697\r\n"
WELCOME = b":irc.example.test 001 tls :Welcome\r\n"
BEGIN = b":irc.example.test 670 * :STARTTLS successful\r\n"
NO_COMMAND = b":irc.example.test 421 * CAP :Unknown command\r\n"


def server(listed: bytes = LISTED, user: bytes = WELCOME, starttls: bytes = BEGIN, greeting: bytes = NOTICE) -> Talk:
    """Answers in these words; hangs up after an empty one."""
    answers = {b"CAP LS 302": listed, b"CAP END": user, b"STARTTLS": starttls, b"QUIT": b""}

    def talk(peer: Peer) -> None:
        peer.send(greeting)
        while line := peer.line():
            answer = answers.get(line.strip())
            if answer is not None:
                peer.send(answer)
            if answer == b"":
                return

    return talk


@pytest.mark.parametrize(
    ("user", "credentials"),
    [
        (WELCOME, "accepted"),
        (NOTICE + b":irc.example.test 464 tls :Password incorrect\r\n", "accepted"),
        (b"ERROR :Access denied: Bad password?\r\n", "accepted"),  # ngIRCd
        (b"ERROR :Closing Link: Insecure connection. Please reconnect using SSL/TLS.\r\n", "refused"),  # UnrealIRCd
        (b":irc.example.test 465 tls :TLS is required here\r\n", "refused"),
        (b"ERROR :Closing link: [Access denied by configuration]\r\n", "unknown"),  # InspIRCd
        # the names of hosts, the scanner's among them, are no words
        (b"ERROR :Closing Link: tls-scanner.corp.example (Registration timed out)\r\n", "unknown"),
        (b"ERROR :Closing Link: x[ssl.example.org] (Throttled: Reconnecting too fast)\r\n", "unknown"),
        (b"ERROR :Closing Link: password.example.org (Too many connections)\r\n", "unknown"),
        (b":irc.example.test 465 tls :You are banned: see https://secure.example.org/ban\r\n", "unknown"),
        (b":irc.example.test 465 tls :You are banned\r\n", "unknown"),
        (b":irc.example.test 433 * tls :Nickname is already in use\r\n", "unknown"),
        (b"", "unknown"),
    ],
)
async def test_credentials(user: bytes, credentials: str) -> None:
    with serving(server(user=user)) as (port, _):
        said = await converse("irc", port)
    assert (said.speaks, said.credentials, said.tls_offered) == ("irc", credentials, True)
    assert said.how
    assert said.banner == NOTICE.decode().strip()
    assert said.capabilities == ("multi-prefix", "tls", "sts=port=6697")


@pytest.mark.parametrize("passive", [False, True])
@pytest.mark.parametrize("offer", [b"sasl=PLAIN", b"sasl=EXTERNAL,PLAIN", b"sasl=plain"])
async def test_sasl_that_sends_the_password(offer: bytes, passive: bool) -> None:
    with serving(server(b":x CAP * LS :a " + offer + b"\r\n")) as (port, counters):
        said = await converse("irc", port, passive=passive)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.credentials, said.tls_offered) == ("accepted", False)
    assert counters.everything == b"CAP LS 302\r\nQUIT\r\n"


@pytest.mark.parametrize("offer", [b"sasl", b"sasl=EXTERNAL", b"sasl=SCRAM-SHA-256,PLAIN-OR-NOT", b"nosasl=PLAIN"])
async def test_other_sasl_says_nothing(offer: bytes) -> None:
    with serving(server(b":x CAP * LS :a " + offer + b"\r\n")) as (port, _):
        assert (await converse("irc", port, passive=True)).credentials == "unknown"


async def test_a_list_of_several_lines() -> None:
    with serving(server(b":x CAP * LS * :a b\r\n" + NOTICE + b":x CAP * LS :c tls\r\n")) as (port, _):
        said = await converse("irc", port)
    assert said.capabilities == ("a", "b", "c", "tls")
    assert said.tls_offered


@pytest.mark.parametrize("answer", [NO_COMMAND, b":x 451 * :You have not registered\r\n"])
async def test_no_list_is_no_answer_on_tls(answer: bytes) -> None:
    with serving(server(answer)) as (port, _):
        said = await converse("irc", port)
        assert await upgrade("irc", port) is None
    assert (said.credentials, said.tls_offered, said.capabilities) == ("accepted", None, ())


async def test_sends_nobodys_name() -> None:
    with serving(server()) as (port, counters):
        await converse("irc", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert re.fullmatch(
        rb"CAP LS 302\r\nPASS tlsassay-unused-name\r\nNICK tls[0-9a-f]{6}\r\n"
        rb"USER tlsassay 0 \* :tlsassay-unused-name\r\nCAP END\r\nQUIT\r\n",
        counters.everything,
    )


async def test_each_node_of_a_network_gets_its_own_nick() -> None:
    with serving(server()) as (one, first), serving(server()) as (other, second):
        for port in (one, one, other):
            await converse("irc", port)
    nicks = [re.findall(rb"NICK (\w+)", seen) for seen in (*first.received, *second.received)]
    assert nicks[0] == nicks[1]
    assert nicks[0] != nicks[2]


async def test_passive_registers_nobody() -> None:
    with serving(server()) as (port, counters):
        said = await converse("irc", port, passive=True)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert counters.everything == b"CAP LS 302\r\nQUIT\r\n"
    assert (said.credentials, said.tls_offered) == ("unknown", True)
    assert "--passive" in said.how


async def test_pings_are_answered() -> None:
    def talk(peer: Peer) -> None:
        peer.line()
        peer.send(LISTED + b"PING :cookie 42\r\n")
        while (line := peer.line()) != b"PONG :cookie 42\r\n":
            assert line
        peer.send(WELCOME)
        peer.drain()

    with serving(talk) as (port, _):
        assert (await converse("irc", port)).credentials == "accepted"


async def test_endless_notices_end() -> None:
    with serving(server(greeting=NOTICE * (MAX_MESSAGES + 1))) as (port, _):
        assert (await converse_failure("irc", port)).kind is FailureKind.MALFORMED
    with serving(server(user=NOTICE * (MAX_MESSAGES + 1))) as (port, _):
        said = await converse("irc", port)
    assert said.credentials == "unknown"
    assert str(MAX_MESSAGES) in said.how


async def test_what_it_shows_is_printable() -> None:
    talk = server(b":x CAP * LS :\x1b]0;x tls\r\n", b":x 001 y :\x07\r\n", greeting=b":\x1b[2J NOTICE * :x\r\n")
    with serving(talk) as (port, _):
        said = await converse("irc", port)
    assert all(one.isprintable() for one in (said.banner, said.how, *said.capabilities))


async def test_a_server_that_will_not_talk_is_no_answer() -> None:
    def talk(peer: Peer) -> None:
        peer.line()
        peer.send(b"ERROR :Trying to reconnect too fast.\r\n")
        hangs_up(peer)

    with serving(talk) as (port, _):
        for failure in (await converse_failure("irc", port), await upgrade("irc", port)):
            assert failure is not None
            assert failure.kind is FailureKind.CLOSED_EARLY
            assert "too fast" in failure.detail


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (BEGIN, None),
        (NOTICE + BEGIN, None),
        (b":x 691 * :STARTTLS failure\r\n", FailureKind.UPGRADE_REFUSED),
        (b":x 421 * STARTTLS :Unknown command\r\n", FailureKind.UPGRADE_REFUSED),
        (b":x 451 * :You have not registered\r\n", FailureKind.UPGRADE_REFUSED),
        (b"ERROR :no\r\n", FailureKind.CLOSED_EARLY),  # for whatever reason
        (b"?\r\n", FailureKind.MALFORMED),
        (b"", FailureKind.CLOSED_EARLY),
    ],
)
async def test_starttls(answer: bytes, kind: FailureKind | None) -> None:
    with serving(server(starttls=answer)) as (port, _):
        failure = await upgrade("irc", port)
    assert (failure.kind if failure else None) is kind


async def test_what_is_not_listed_is_not_asked_for() -> None:
    with serving(server(b":x CAP * LS :multi-prefix\r\n")) as (port, counters):
        failure = await upgrade("irc", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert failure is not None
    assert failure.kind is FailureKind.UPGRADE_REFUSED
    assert counters.everything == b"CAP LS 302\r\n"


@pytest.mark.parametrize("words", [NOTICE, b"NOTICE AUTH :*** hello\r\n", b"ERROR :bye\r\n", NO_COMMAND])
def test_is_recognised(words: bytes) -> None:
    speaks = protocol("irc").speaks
    assert speaks is not None
    assert speaks.match(words)
    assert not speaks.match(b"ERROR\r\n")  # of memcached
