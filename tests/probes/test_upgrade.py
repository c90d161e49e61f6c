"""What changes when TLS begins, and what becomes of a command that was sent behind the upgrade."""

from typing import Any

import pytest

from scanner.model import AskFailedError, FailureKind
from scanner.net.limits import Limits
from scanner.observations.cleartext import Cleartext
from scanner.observations.tls_versions import TlsVersions
from scanner.observations.upgrade import Upgrade
from scanner.planner import plan_for
from scanner.policy import load_policies
from scanner.probes import upgrade
from tests.hostile import Talk, hangs_up, in_turn, serving
from tests.hostile_tls import smtp as after_starttls
from tests.probes.asked import ask
from tests.probes.inside import TlsPeer
from tests.probes.tls_servers import LIMITS, context, interview, run_in_shell, tls_server
from tests.probes.upgrading import Dialect, Leftover, directory, imap, smtp, upgrading
from tests.servers.certificates import Pki

VERSIONS = TlsVersions(versions={"TLSv1.3": "accepted"})
DIALECTS = [imap(), smtp(), directory()]
QUICK_LIMITS = Limits(connect=5.0, connection=0.5, endpoint=5.0, rate=100_000, per_address_rate=100_000)


async def look(
    port: int, scheme: str, said: Cleartext | None = None, limits: Limits = LIMITS, **more: Any
) -> tuple[Upgrade, int]:
    """What is seen, and in how many connections."""
    asking = interview(port, scheme=scheme, limits=limits, **more)
    try:
        return await upgrade.probe(asking, VERSIONS, said), asking.connections
    finally:
        await asking.close()


async def injection(pki: Pki, dialect: Dialect, leftover: Leftover, **more: Any) -> tuple[str | None, str, int]:
    with serving(upgrading(dialect, context(pki), leftover)) as (port, _):
        seen, connections = await look(port, dialect.scheme, **more)
    return seen.injection, seen.how, connections


# what is offered


@pytest.mark.parametrize(
    ("dialect", "capabilities", "mechanisms"),
    [
        (imap(), ("IMAP4REV1", "AUTH=PLAIN"), ("AUTH=PLAIN",)),
        (smtp(), ("PIPELINING", "AUTH PLAIN XOAUTH2"), ("PLAIN", "XOAUTH2")),
        (directory(), ("PLAIN", "1.2.3"), ("PLAIN",)),
    ],
)
async def test_what_is_offered_inside(
    pki: Pki, dialect: Dialect, capabilities: tuple[str, ...], mechanisms: tuple[str, ...]
) -> None:
    with serving(upgrading(dialect, context(pki))) as (port, _):
        seen, connections = await look(port, dialect.scheme, Cleartext(speaks=dialect.scheme, capabilities=("A", "B")))
    assert seen.after is not None
    assert seen.after.capabilities == capabilities
    assert seen.after.mechanisms == mechanisms
    assert seen.after.tls_offered is False
    assert seen.before == ("A", "B")
    assert seen.injection == "dropped"
    assert connections == 2


@pytest.mark.parametrize("dialect", [imap(inside=b"IMAP4rev1 STARTTLS"), smtp(inside=b"starttls"), directory(again=0)])
async def test_tls_offered_again(pki: Pki, dialect: Dialect) -> None:
    with serving(upgrading(dialect, context(pki))) as (port, _):
        seen, _ = await look(port, dialect.scheme)
    assert seen.after is not None
    assert seen.after.tls_offered is True


async def test_what_the_server_does_not_say(pki: Pki) -> None:
    with serving(upgrading(directory(again=51), context(pki))) as (port, _):
        seen, _ = await look(port, "ldap")
    assert seen.after is not None
    assert seen.after.tls_offered is None
    assert "busy (51)" in seen.after.how


async def test_control_characters_are_escaped(pki: Pki) -> None:
    with serving(upgrading(imap(inside=b"IMAP4rev1 AUTH=\x1b[2J"), context(pki))) as (port, _):
        seen, _ = await look(port, "imap")
    assert seen.after is not None
    assert seen.after.mechanisms == (r"AUTH=\x1b[2J",)


# a command behind the upgrade


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.scheme)
async def test_a_server_that_keeps_its_buffer(pki: Pki, dialect: Dialect, version: str) -> None:
    server = context(pki, oldest=version, newest=version)
    with serving(upgrading(dialect, server, "kept")) as (port, counters):
        seen, connections = await look(port, dialect.scheme)
    assert seen.injection == "executed"
    assert seen.how.startswith("answered inside TLS with '")
    assert connections == 2
    assert b"LOGIN" not in counters.everything


@pytest.mark.parametrize("noop", [b"250 ok", b"503 say hello first", b"554 no"])
async def test_whatever_the_answer_is(pki: Pki, noop: bytes) -> None:
    found, how, _ = await injection(pki, smtp(noop=noop), "kept")
    assert found == "executed"
    assert noop.decode() in how


async def test_a_server_that_goes_down_has_not_executed_it(pki: Pki) -> None:
    """421 may come at any time, and in place of the answer to QUIT (RFC 5321 §3.8)."""
    dialect = smtp()

    def leaves(line: bytes, encrypted: bool) -> bytes:
        return b"421 shutting down\r\n" if line == b"QUIT" and encrypted else dialect.answer(line, encrypted)

    shutting = Dialect("smtp", dialect.greeting, dialect.split, dialect.asks, leaves, dialect.go_ahead, dialect.no)
    found, _, _ = await injection(pki, shutting, "dropped", limits=QUICK_LIMITS)
    assert found != "executed"


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.scheme)
@pytest.mark.parametrize(
    ("leftover", "how"),
    [
        ("dropped", "not answered inside TLS"),
        ("refused", "the upgrade fails with a command behind it: "),
        ("given to TLS", "the upgrade fails with a command behind it: "),
        ("closed", "the upgrade fails with a command behind it: closed"),
        ("reset", "the upgrade fails with a command behind it: reset"),
        ("answered in the clear", "answered in the clear: "),
    ],
)
async def test_a_server_that_does_not(pki: Pki, dialect: Dialect, leftover: Leftover, how: str) -> None:
    found, said, connections = await injection(pki, dialect, leftover)
    assert (found, said[: len(how)]) == ("dropped", how)
    assert connections <= 3


async def test_silence_is_no_answer(pki: Pki) -> None:
    found, how, _ = await injection(pki, imap(), "ignored", limits=QUICK_LIMITS)
    assert found == "unknown"
    assert "within" in how or "silent" in how


async def test_a_close_tells_nothing_of_a_server_that_needed_second_tries(
    pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.interview.Interview.unsteady", True)
    assert (await injection(pki, imap(), "closed"))[0] == "unknown"
    assert (await injection(pki, imap(), "refused"))[0] == "dropped"


async def test_one_node_of_two_that_closes(pki: Pki) -> None:
    """The second try reaches the other node, whose answer counts."""
    nodes = [upgrading(imap(), context(pki), leftover) for leftover in ("closed", "kept", "kept")]
    with serving(in_turn(*nodes)) as (port, _):
        seen, connections = await look(port, "imap")
    assert (seen.injection, connections) == ("executed", 3)


@pytest.mark.parametrize(("first", "second"), [("ignored", "closed"), ("refused", "closed"), ("closed", "refused")])
async def test_two_tries_that_fail_each_in_its_own_way(pki: Pki, first: Leftover, second: Leftover) -> None:
    """Neither is what the server does each time."""
    nodes = [upgrading(imap(), context(pki), leftover) for leftover in (first, "dropped", second)]
    with serving(in_turn(*nodes)) as (port, _):
        seen, connections = await look(port, "imap", limits=QUICK_LIMITS)
    assert (seen.injection, connections) == ("unknown", 3)


async def test_a_server_that_also_ends_without_the_command_is_asked_twice(pki: Pki) -> None:
    with serving(after_starttls(hangs_up)) as (port, counters), pytest.raises(AskFailedError):
        await look(port, "smtp")
    assert counters.accepted == 2


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.scheme)
async def test_a_refusal_of_the_moment_is_not_one_of_the_command(pki: Pki, dialect: Dialect) -> None:
    """As 454 is, or `busy`: the server carries the command out once it is itself again."""
    nodes = [upgrading(dialect, context(pki), leftover) for leftover in ("refused", "kept", "kept")]
    with serving(in_turn(*nodes)) as (port, _):
        seen, connections = await look(port, dialect.scheme)
    assert (seen.injection, connections) == ("executed", 3)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.scheme)
async def test_passive_sends_nothing_behind(pki: Pki, dialect: Dialect) -> None:
    with serving(upgrading(dialect, context(pki), "kept")) as (port, counters):
        seen, connections = await look(port, dialect.scheme, passive=True)
    assert seen.injection == "unknown"
    assert "--passive" in seen.how
    assert seen.after is not None
    assert (connections, counters.accepted) == (1, 1)
    assert b"NOOP" not in counters.everything


async def test_the_command_is_in_the_same_segment(pki: Pki) -> None:
    with serving(upgrading(smtp(), context(pki))) as (port, counters):
        await look(port, "smtp")
    assert b"STARTTLS\r\nNOOP\r\n" in counters.received[0]
    assert b"NOOP" not in counters.received[1]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.scheme)
async def test_the_command_reproduces(pki: Pki, dialect: Dialect) -> None:
    with serving(upgrading(dialect, context(pki), "kept")) as (port, _):
        asking = interview(port, scheme=dialect.scheme)
        await upgrade.probe(asking, VERSIONS, None)
        await asking.close()
        (line,) = (one for one in asking.take_evidence() if one.about == "injection")
        said = run_in_shell(line.reproduce)
    assert "before TLS: b'" in said
    assert "inside TLS: b'" in said


# where there is nothing to ask


async def test_https_is_not_asked(pki: Pki) -> None:
    with tls_server(context(pki)) as (port, counters):
        for scheme in ("https", "tls"):
            assert await look(port, scheme) == (Upgrade(), 0)
    assert counters.accepted == 0


@pytest.mark.parametrize("scheme", ["imaps", "smtps", "ldaps"])
async def test_tls_from_the_first_byte(pki: Pki, scheme: str) -> None:
    dialect = {"imaps": imap(inside=b"STARTTLS"), "smtps": smtp(inside=b"STARTTLS"), "ldaps": directory()}[scheme]

    def talk(peer: Any) -> None:
        tls = TlsPeer(peer, context(pki))
        tls.send(dialect.greeting)
        buffer = b""
        while True:
            while (parts := dialect.split(buffer)) is None:
                if not (more := tls.receive()):
                    return
                buffer += more
            message, buffer = parts
            tls.send(dialect.answer(message, True))

    with serving(talk) as (port, _):
        seen, connections = await look(port, scheme, Cleartext(speaks="tls"))
    assert seen.after is not None
    assert seen.after.tls_offered is (scheme != "ldaps")
    assert (seen.before, seen.injection, connections) == (None, None, 1)


async def test_no_answer_inside_is_a_failure() -> None:
    with serving(lambda peer: peer.reset()) as (port, _), pytest.raises(AskFailedError) as caught:
        await look(port, "imap")
    assert caught.value.failure.kind is FailureKind.RESET


TEMPORARY = (b"220 x\r\n", b"250 STARTTLS\r\n", b"454 4.7.0 TLS not available due to local problem\r\n")


def turn_by_turn(*words: bytes) -> Talk:
    """Says these one after the other, each but the first in answer to something."""

    def talk(peer: Any) -> None:
        for number, one in enumerate(words):
            if number and not peer.receive():
                return
            peer.send(one)
        peer.drain()

    return talk


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.scheme)
@pytest.mark.parametrize(
    "trouble",
    [
        hangs_up,
        lambda peer: peer.reset(),
        turn_by_turn(b"HTTP/1.1 503 Service Unavailable\r\n\r\n"),
        turn_by_turn(*TEMPORARY),
    ],
)
@pytest.mark.parametrize("first", [True, False])
async def test_an_upgrade_that_works_no_more_says_nothing_of_the_command(
    pki: Pki, dialect: Dialect, trouble: Talk, first: bool
) -> None:
    """A limit on connections, a ban, a fault: it would have failed without the command as well."""
    steady = upgrading(dialect, context(pki))

    def talk(peer: Any) -> None:
        (steady if first and peer.number == 0 else trouble)(peer)

    with serving(talk) as (port, _):
        if not first:
            with pytest.raises(AskFailedError):  # and the rules are unknown
                await look(port, dialect.scheme, limits=QUICK_LIMITS)
            return
        seen, _ = await look(port, dialect.scheme, limits=QUICK_LIMITS)
    assert (seen.injection, seen.how) == ("dropped", "not answered inside TLS")  # as was seen, before the trouble
    assert seen.after is not None
    assert "could not be asked" in seen.after.how


@pytest.mark.parametrize(
    ("dialect", "expected", "words"),
    [(imap(), "executed", "i1 OK"), (smtp(), "unknown", "TLS began")],  # an SMTP answer does not say to what it is
    ids=lambda one: getattr(one, "scheme", ""),
)
async def test_one_that_leaves_once_it_has_done_it_is_not_taken_for_one_that_drops_it(
    pki: Pki, dialect: Dialect, expected: str, words: str
) -> None:
    """It answers inside TLS, and closes at QUIT or LOGOUT without the answer that would end the conversation."""

    class LeftError(Exception):
        pass

    def answer(line: bytes, encrypted: bool) -> bytes:
        if encrypted and (line.startswith(b"QUIT") or line.endswith(b"LOGOUT")):
            raise LeftError
        return dialect.answer(line, encrypted)

    leaving = Dialect(
        dialect.scheme, dialect.greeting, dialect.split, dialect.asks, answer, dialect.go_ahead, dialect.no
    )  # fmt: skip

    def talk(peer: Any) -> None:
        try:
            upgrading(leaving, context(pki), "kept")(peer)
        except LeftError:
            hangs_up(peer)

    with serving(talk) as (port, _):
        seen, _ = await look(port, dialect.scheme, limits=QUICK_LIMITS)
    assert (seen.injection, words in seen.how) == (expected, True)


@pytest.mark.parametrize(
    ("dialect", "busy"),
    [(imap(), b"* BYE Too many connections\r\n"), (smtp(), b"421 4.7.0 Too many connections\r\n")],
    ids=lambda one: getattr(one, "scheme", None),
)
async def test_a_command_that_was_not_sent_was_not_dropped(pki: Pki, dialect: Dialect, busy: bytes) -> None:
    """The server is busy for as long as the injection is tried, and would carry it out."""

    def talk(peer: Any) -> None:
        if peer.number > 1:
            upgrading(dialect, context(pki), "kept")(peer)
        peer.send(busy)
        hangs_up(peer)

    with serving(talk) as (port, _):
        seen, _ = await look(port, dialect.scheme, limits=QUICK_LIMITS)
    assert (seen.injection, "not sent" in seen.how) == ("unknown", True)


async def test_an_answer_to_the_command_counts_also_where_none_to_logout_follows(pki: Pki) -> None:
    def answer(line: bytes, encrypted: bool) -> bytes:
        return b"" if encrypted and line.endswith(b"LOGOUT") else imap().answer(line, encrypted)

    mute = Dialect("imap", imap().greeting, imap().split, imap().asks, answer, imap().go_ahead, imap().no)
    found, how, _ = await injection(pki, mute, "kept", limits=QUICK_LIMITS)
    assert (found, "i1 OK" in how) == ("executed", True)


async def test_what_is_said_inside_tls_is_never_said_in_the_clear(pki: Pki) -> None:
    found, how, _ = await injection(pki, smtp(noop=b"what?"), "kept", limits=QUICK_LIMITS)
    assert found != "dropped"
    assert "in the clear" not in how


async def test_what_was_carried_over_is_reported_also_where_nothing_else_is_said(pki: Pki) -> None:
    carries = upgrading(imap(), context(pki), "kept")

    def talk(peer: Any) -> None:
        (carries if peer.number == 0 else hangs_up)(peer)

    with serving(talk) as (port, _):
        seen, _ = await look(port, "imap")
    assert seen.injection == "executed"
    assert seen.after is not None
    assert (seen.after.tls_offered, seen.before) == (None, None)
    assert "could not be asked" in seen.after.how


@pytest.mark.parametrize("depth", ["full", "quick"])
async def test_a_scan_asks_it(pki: Pki, depth: Any) -> None:
    plan = plan_for(load_policies(["site"]), depth)
    with serving(upgrading(imap(), context(pki), "kept")) as (port, _):
        asked = await ask(port, scheme="imap", plan=plan)
    seen = asked[Upgrade]
    assert seen.injection == "executed"
    assert seen.before == ("IMAP4REV1", "STARTTLS", "LOGINDISABLED")
    assert asked.attempts["upgrade"].connections == 2
