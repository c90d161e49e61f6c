"""What NNTP servers list, and say to AUTHINFO USER, before TLS."""

import pytest

from scanner.model import FailureKind
from scanner.protocols import protocol
from tests.hostile import Peer, Talk, serving
from tests.protocols.talk import converse, converse_failure, upgrade

GREETING = b"200 news.example.test InterNetNews NNRP server INN 2.7.1 ready (no posting)\r\n"
LISTED = b"101 Capability list:\r\nVERSION 2\r\nREADER\r\nAUTHINFO SASL\r\nSASL SCRAM-SHA-256\r\nSTARTTLS\r\n.\r\n"
REFUSED = b"483 Encryption required\r\n"
UNKNOWN = b"500 What?\r\n"


def listing(*lines: bytes) -> bytes:
    return b"".join(line + b"\r\n" for line in (b"101 list", b"VERSION 2", *lines, b"."))


def server(
    greeting: bytes = GREETING,
    listed: bytes = LISTED,
    user: bytes = REFUSED,
    starttls: bytes = b"382 Begin\r\n",
    before_reader: dict[bytes, bytes] | None = None,
) -> Talk:
    """Answers in these words, until MODE READER in those of `before_reader`; hangs up after an empty one."""
    answers = {b"CAPABILITIES": listed, b"AUTHINFO": user, b"STARTTLS": starttls, b"QUIT": b""}

    def talk(peer: Peer) -> None:
        first = dict(before_reader or {})
        peer.send(greeting)
        while line := peer.line():
            command = line.split()[0]
            if command == b"MODE" and first:
                answer = first[command]
                first.clear()
            else:
                answer = first.get(command, answers.get(command, UNKNOWN))
            peer.send(answer)
            if not answer:
                return

    return talk


@pytest.mark.parametrize(
    ("user", "credentials"),
    [
        (REFUSED, "refused"),
        (b"381 Enter password\r\n", "accepted"),
        (b"281 Welcome\r\n", "accepted"),
        (UNKNOWN, "none"),
        (b"480 Authentication required\r\n", "unknown"),
        (b"482 Out of sequence\r\n", "unknown"),
        (b"502 Not available\r\n", "unknown"),
        (b"400 Later\r\n", "unknown"),
    ],
)
async def test_credentials(user: bytes, credentials: str) -> None:
    with serving(server(user=user)) as (port, _):
        said = await converse("nntp", port)
    assert (said.speaks, said.credentials, said.tls_offered) == ("nntp", credentials, True)
    assert user[:3].decode() in said.how
    assert said.banner == GREETING.decode().strip()
    assert said.capabilities[-1] == "STARTTLS"


@pytest.mark.parametrize("passive", [False, True])
@pytest.mark.parametrize("line", [b"AUTHINFO USER SASL", b"authinfo user", b"SASL CRAM-MD5 PLAIN", b"SASL LOGIN"])
async def test_what_sends_a_password_is_listed(line: bytes, passive: bool) -> None:
    with serving(server(listed=listing(line))) as (port, counters):
        said = await converse("nntp", port, passive=passive)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.credentials, said.tls_offered) == ("accepted", False)
    assert line.decode().upper() in said.how
    assert b"AUTHINFO" not in counters.everything


async def test_no_list_is_no_answer_on_tls() -> None:
    with serving(server(listed=UNKNOWN, user=b"381 Password?\r\n")) as (port, _):
        said = await converse("nntp", port)
    assert (said.credentials, said.tls_offered, said.capabilities) == ("accepted", None, ())


async def test_sends_nobodys_name_and_no_password() -> None:
    with serving(server(user=b"381 Password?\r\n")) as (port, counters):
        await converse("nntp", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert counters.everything == b"CAPABILITIES\r\nAUTHINFO USER tlsassay-unused-name\r\nQUIT\r\n"


async def test_passive_sends_no_name() -> None:
    with serving(server()) as (port, counters):
        said = await converse("nntp", port, passive=True)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert counters.everything == b"CAPABILITIES\r\nQUIT\r\n"
    assert (said.credentials, said.tls_offered) == ("unknown", True)
    assert "--passive" in said.how


async def test_a_server_for_peers_is_asked_for_its_readers() -> None:
    first = {b"CAPABILITIES": listing(b"IHAVE", b"MODE-READER"), b"MODE": b"201 no posting\r\n"}
    with serving(server(before_reader=first | {b"AUTHINFO": b"381 a peer?\r\n"})) as (port, _):
        said = await converse("nntp", port)
    assert (said.credentials, said.tls_offered) == ("refused", True)
    for code in (b"401 MODE-READER", b"500", b"502", b"503"):
        with serving(server(before_reader=first | {b"STARTTLS": code + b" no\r\n"})) as (port, _):
            assert await upgrade("nntp", port) is None


async def test_a_server_that_serves_no_readers() -> None:
    first = {b"CAPABILITIES": listing(b"MODE-READER"), b"MODE": b"502 no readers\r\n", b"STARTTLS": UNKNOWN}
    with serving(server(before_reader=first, listed=UNKNOWN)) as (port, _):
        said = await converse("nntp", port)
        assert said.tls_offered is False
        failure = await upgrade("nntp", port)
    assert failure is not None
    assert failure.kind is FailureKind.UPGRADE_REFUSED


async def test_a_command_that_is_not_known_before_mode_reader_may_be_known_after() -> None:
    with serving(server(listed=UNKNOWN, user=UNKNOWN)) as (port, _):
        said = await converse("nntp", port)
    assert (said.credentials, said.tls_offered) == ("unknown", None)


@pytest.mark.parametrize("mechanism", [b"OAUTHBEARER", b"PLAIN", b"LOGIN"])
async def test_what_is_as_good_as_a_password_is_one(mechanism: bytes) -> None:
    with serving(server(listed=listing(b"SASL " + mechanism))) as (port, _):
        assert (await converse("nntp", port)).credentials == "accepted"


async def test_no_answer_is_no_refusal() -> None:
    with serving(server(user=b"")) as (port, _):
        assert (await converse_failure("nntp", port)).kind is FailureKind.CLOSED_EARLY


async def test_what_it_shows_is_printable() -> None:
    talk = server(b"200 \x1b[2J\r\n", listing(b"X\x1b]0;x", b"AUTHINFO USER \x07"))
    with serving(talk) as (port, _):
        said = await converse("nntp", port)
    assert all(one.isprintable() for one in (said.banner, said.how, *said.capabilities))


@pytest.mark.parametrize("greeting", [b"400 NNTP server unavailable.\r\n", b"502 not you\r\n"])
async def test_a_server_that_will_not_talk_is_no_answer(greeting: bytes) -> None:
    with serving(server(greeting)) as (port, counters):
        for failure in (await converse_failure("nntp", port), await upgrade("nntp", port)):
            assert failure is not None
            assert failure.kind is FailureKind.CLOSED_EARLY
            assert greeting[:3].decode() in failure.detail
    assert counters.everything == b""


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"382 Begin TLS negotiation now\r\n", None),
        (b"580 Can not initiate TLS negotiation\r\n", FailureKind.UPGRADE_REFUSED),
        (UNKNOWN, FailureKind.UPGRADE_REFUSED),
        (b"?\r\n", FailureKind.MALFORMED),
        (b"", FailureKind.CLOSED_EARLY),
    ],
)
async def test_starttls(answer: bytes, kind: FailureKind | None) -> None:
    with serving(server(starttls=answer)) as (port, _):
        failure = await upgrade("nntp", port)
    assert (failure.kind if failure else None) is kind


def test_is_recognised() -> None:
    speaks = protocol("nntp").speaks
    assert speaks is not None
    assert speaks.match(GREETING)
    assert not speaks.match(b"200 OK\r\n")
