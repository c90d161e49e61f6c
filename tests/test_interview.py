"""One endpoint's questions: asked once, tried twice, given up in time, and nothing left open."""

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from scanner.interview import Interview
from scanner.memory import DECLINES
from scanner.model import AskFailedError, Failure, FailureKind
from scanner.net.dial import Connection
from scanner.net.limits import Gate, Limits
from scanner.wire.lines import decode_line
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import Alert, Version
from scanner.wire.tls_questions import offering, version_hellos
from tests.hostile import LONG_RECORD, Counters, Peer, Talk, drips, floods, hangs_up, in_turn, says, serving
from tests.probes.inside import TlsPeer
from tests.probes.tls_servers import LIMITS, context, interview, peeked, run_in_shell, speaks_tls
from tests.protocols import test_imap
from tests.servers.certificates import SERVER_NAME, CertificateSpec, Pki

QUICK = Limits(connect=5.0, connection=0.5, endpoint=20.0, rate=100_000, per_address_rate=100_000)
HELLOS = [version_hellos(version)[0] for version in (Version.TLSv1_2, Version.TLSv1_3, Version.TLSv1_1)]

SHARES = replace(HELLOS[1], key_shares=(29,), groups=(29,))
"""A hello for a whole handshake, with a share for x25519."""


def places(asking: Interview) -> int:
    """Places of the gate that nobody holds."""
    gate: Gate = asking._caller._gate
    return gate._places._value


async def failure(asking: Interview, hello: Hello) -> FailureKind:
    with pytest.raises(AskFailedError) as caught:
        await asking.ask(hello)
    return caught.value.failure.kind


async def all_left(counters: Counters) -> bool:
    return await counters.reach(lambda seen: seen.accepted == seen.ended)


async def test_a_question_is_asked_once(pki: Pki) -> None:
    with serving(speaks_tls(context(pki))) as (port, counters):
        asking = interview(port, name=None)
        first = await asking.ask(HELLOS[0])
        together = await asyncio.gather(*(asking.ask(hello) for hello in (*HELLOS, *HELLOS)))
        assert counters.accepted == asking.connections == 3
        assert together[0] is first is together[3]
        hands = [await asking.shake_hands(SHARES) for _ in range(3)]
        assert counters.accepted == 4
        assert hands[0] is hands[1] is hands[2] is not None
        finished = await asking.shake_hands(SHARES, finish=True)
        assert finished.tickets
        assert await asking.shake_hands(SHARES) is finished  # it shows all that the other does
        sessions = [await asking.establish(tickets=True) for _ in range(2)]
        assert counters.accepted == 6
        assert sessions[0] is sessions[1]
        assert await all_left(counters)


async def test_the_connection_that_showed_the_open_port_is_used(pki: Pki) -> None:
    with serving(speaks_tls(context(pki))) as (port, counters):
        asking = interview(port)
        await asking.reach()
        assert places(asking) == LIMITS.places() - 1
        await asking.ask(HELLOS[0])
        assert (counters.accepted, asking.connections) == (1, 1)
        await asking.reach()
        assert counters.accepted == 1
        assert places(asking) == LIMITS.places()


async def test_a_spare_connection_that_has_ended_is_not_used(pki: Pki) -> None:
    with serving(in_turn(Peer.reset, speaks_tls(context(pki)))) as (port, counters):
        asking = interview(port)
        with suppress(AskFailedError):  # a reset may come so soon that it shows in the connect
            await asking.reach()
        assert await all_left(counters)
        assert (await asking.ask(HELLOS[0])).accepted
        assert counters.accepted == 2
        assert places(asking) == LIMITS.places()


async def test_nobody_used_the_spare_connection() -> None:
    with serving(Peer.drain) as (port, counters):
        asking = interview(port)
        await asking.reach()
        await asking.close()
        assert await all_left(counters)
        assert places(asking) == LIMITS.places()
        await asking.close()


@pytest.mark.parametrize("first", [Peer.reset, hangs_up, says(b"busy\r\n", then=hangs_up), Peer.drain])
async def test_what_is_no_answer_is_tried_once_more(first: Talk, pki: Pki) -> None:
    with serving(in_turn(first, speaks_tls(context(pki)))) as (port, counters):
        asking = interview(port, limits=QUICK)
        assert (await asking.ask(HELLOS[0])).accepted
        assert counters.accepted == asking.connections == 2
        assert places(asking) == QUICK.places()


@pytest.mark.parametrize(
    ("talk", "kind", "connections"),
    [
        (Peer.drain, FailureKind.TIMED_OUT, 2),
        (drips(LONG_RECORD, b"\0"), FailureKind.DEADLINE, 2),
        (says(b"SSH-2.0-x\r\n"), FailureKind.MALFORMED, 2),
        (floods(b"", bytes.fromhex("15030300020170")), FailureKind.FLOODED, 1),
        (hangs_up, FailureKind.CLOSED_EARLY, 4),
        (Peer.reset, FailureKind.RESET, 4),
    ],
)
async def test_giving_up(talk: Talk, kind: FailureKind, connections: int) -> None:
    """Two connections for one that keeps its client waiting; one that ends them is asked a second question."""
    limits = Limits(connect=5.0, connection=0.5, endpoint=20.0, budget=10_000, rate=100_000, per_address_rate=100_000)
    with serving(talk) as (port, counters):
        asking = interview(port, limits=limits)
        for hello in HELLOS:
            assert await failure(asking, hello) is kind
            assert await failure(asking, hello) is kind
        with pytest.raises(AskFailedError) as caught:
            await asking.shake_hands(SHARES)
        assert caught.value.failure.kind is kind
        assert counters.accepted == asking.connections == connections
        assert await all_left(counters)
    assert places(asking) == limits.places()


async def test_one_answer_keeps_the_other_questions_alive(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that resets whatever follows its first answer is still asked everything, and once more after a pause."""
    monkeypatch.setattr("scanner.asking.PAUSE", 0)
    steady = speaks_tls(context(pki))

    def talk(peer: Peer) -> None:
        (Peer.reset if peer.number else steady)(peer)

    with serving(talk) as (port, counters):
        asking = interview(port)
        assert (await asking.ask(HELLOS[0])).accepted
        for hello in HELLOS[1:]:
            assert await failure(asking, hello) is FailureKind.RESET
        assert counters.accepted == 1 + 2 * 3


async def test_an_upgrade_that_is_refused_is_not_tried_again() -> None:
    talk = test_imap.server(b"* OK hello", b"IMAP4rev1", starttls=b"NO not here")
    with serving(talk) as (port, counters):
        asking = interview(port, scheme="imap")
        assert (await asking.converse()).tls_offered is False
        for hello in HELLOS:
            assert await failure(asking, hello) is FailureKind.UPGRADE_REFUSED
        assert counters.accepted == asking.connections == 2


async def test_a_closed_port_is_not_called_again() -> None:
    with serving(Peer.drain) as (port, _):
        pass
    asking = interview(port)
    for _ in range(3):
        with pytest.raises(AskFailedError) as caught:
            await asking.reach()
        assert caught.value.failure.kind is FailureKind.REFUSED
        assert await failure(asking, HELLOS[0]) is FailureKind.REFUSED
    assert asking.connections == 1
    assert places(asking) == LIMITS.places()


async def test_a_server_that_stops_listening(pki: Pki) -> None:
    with serving(speaks_tls(context(pki)), connections=1) as (port, counters):
        asking = interview(port)
        assert (await asking.ask(HELLOS[0])).accepted
        assert await counters.reach(lambda seen: seen.listening is False)
        assert await failure(asking, HELLOS[1]) is FailureKind.REFUSED
        assert (await asking.ask(HELLOS[0])).accepted


async def test_the_endpoints_deadline_ends_all_questions(pki: Pki) -> None:
    limits = Limits(connect=5.0, connection=5.0, endpoint=0.3, rate=100_000, per_address_rate=100_000)
    loop = asyncio.get_running_loop()
    with serving(in_turn(speaks_tls(context(pki)), Peer.drain)) as (port, counters):
        asking = interview(port, limits=limits)
        assert (await asking.ask(HELLOS[0])).accepted
        before = loop.time()
        assert await failure(asking, HELLOS[1]) in {FailureKind.TIMED_OUT, FailureKind.DEADLINE}
        assert await failure(asking, HELLOS[2]) is FailureKind.DEADLINE
        assert loop.time() - before < 5
        assert (await asking.ask(HELLOS[0])).accepted  # remembered
        assert await all_left(counters)
    assert places(asking) == limits.places()


async def test_a_full_gate_costs_the_deadline_too(pki: Pki) -> None:
    limits = Limits(endpoint=0.2, per_address=1, rate=100_000, per_address_rate=100_000)
    with serving(speaks_tls(context(pki))) as (port, _):
        asking = interview(port, limits=limits)
        assert (await asking.ask(HELLOS[0])).accepted
        async with asking._caller._gate.connection("127.0.0.1"), asyncio.timeout(5):
            assert await failure(asking, HELLOS[1]) is FailureKind.DEADLINE
        assert places(asking) == limits.places()


async def test_cancelling_closes_the_connection() -> None:
    with serving(Peer.drain) as (port, counters):
        asking = interview(port)
        task: asyncio.Task[Any] = asyncio.create_task(asking.ask(HELLOS[0]))
        assert await counters.reach(lambda seen: seen.everything != b"")
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert await all_left(counters)
    assert places(asking) == LIMITS.places()


async def test_commands_name_what_was_asked(pki: Pki) -> None:
    with serving(speaks_tls(context(pki))) as (port, _):
        named = interview(port).s_client("-tls1_2")
        bare = interview(port, name=None).s_client("-tls1_2")
        assert "-servername mail.example.test" in named
        assert "-noservername" in bare
        for command in (named, bare):
            shown = run_in_shell(command)
            assert "BEGIN CERTIFICATE" in shown
            assert "TLSv1.2" in shown


async def test_commands_cannot_be_escaped_from() -> None:
    command = interview(443, scheme="imap", name="$(touch /tmp/x);'\"").s_client()
    assert "'$(touch /tmp/x);'\"'\"'\"'" in command
    assert "-starttls imap" in command


async def test_ipv6_stands_in_brackets(pki: Pki) -> None:
    with serving(speaks_tls(context(pki)), host="::1") as (port, _):
        asking = interview(port, address="::1")
        assert (await asking.ask(HELLOS[0])).accepted
        assert f"-connect '[::1]':{port} " in asking.s_client()
        assert "BEGIN CERTIFICATE" in run_in_shell(asking.s_client())


async def test_evidence_is_taken_once_and_harmless() -> None:
    asking = interview(1)
    asking.cite("TLSv1.2", "a hello", "said \x1b[2J")
    (line,) = asking.take_evidence()
    assert line.answered == r"said \x1b[2J"
    assert not asking.take_evidence()


@pytest.mark.parametrize("key_type", ["rsa", "ecdsa"])
async def test_a_handshake_shows_the_chain(pki: Pki, key_type: Any) -> None:
    spec = CertificateSpec(key_type=key_type)
    with serving(speaks_tls(context(pki, spec, oldest="TLSv1_3"))) as (port, _):
        asking = interview(port)
        shown = await asking.shake_hands(SHARES)
        assert shown.finished
        assert shown.proven
        assert [hashlib.sha256(der).hexdigest() for der in shown.certificates] == list(pki.issue(spec).chain)
        other = replace(SHARES, schemes=(0x0403,) if key_type == "rsa" else (0x0804,))
        declined = await asking.shake_hands(other)
        assert not declined.finished
        assert declined.alert is not None
        assert [hello for hello, _ in asking.handshakes()] == [SHARES]


# offers


async def offered(asking: Interview, hello: Hello) -> Failure:
    with pytest.raises(AskFailedError) as caught:
        await asking.offer(hello)
    return caught.value.failure


async def test_an_offer_is_accepted_or_declined(pki: Pki) -> None:
    with serving(speaks_tls(context(pki, newest="TLSv1_2"))) as (port, _):
        asking = interview(port)
        reply = await asking.offer(HELLOS[0])
        assert reply.accepted is not None
        assert reply.accepted.version == Version.TLSv1_2
        assert reply.how == str(reply.flight)
        reply = await asking.offer(HELLOS[1])
        assert (reply.accepted, reply.how) == (None, "alert protocol_version (70)")
        assert [hello for hello, _ in asking.heard()] == [HELLOS[0]]
        assert asking.answers == 2


@pytest.mark.parametrize("description", sorted(DECLINES))
async def test_alerts_that_decline(description: Alert) -> None:
    with serving(says(bytes([21, 3, 3, 0, 2, 2, description]))) as (port, _):
        assert (await interview(port).offer(HELLOS[0])).accepted is None


@pytest.mark.parametrize("description", [*sorted(set(Alert) - DECLINES - {Alert.CLOSE_NOTIFY}), 200])
async def test_alerts_that_tell_nothing(description: int) -> None:
    with serving(says(bytes([21, 3, 3, 0, 2, 2, description]))) as (port, _):
        failed = await offered(interview(port), HELLOS[0])
    assert failed.kind is FailureKind.MALFORMED
    assert "not about what was offered" in failed.detail


def server_hello(suite: int, version: int = 0x0303) -> bytes:
    body = version.to_bytes(2) + b"r" * 32 + b"\0" + suite.to_bytes(2) + b"\0"
    message = b"\x02" + len(body).to_bytes(3) + body + b"\x0e\0\0\0"
    return b"\x16\x03\x03" + len(message).to_bytes(2) + message


async def test_what_was_not_offered_is_no_acceptance_and_a_deviation() -> None:
    with serving(says(server_hello(0xC02F))) as (port, _):
        asking = interview(port)
        assert (await asking.offer(offering(Version.TLSv1_2, (0xC02F,)))).accepted
        assert not asking.deviations
        refused = offering(Version.TLSv1_2, (0xC030,))
        failed = await offered(asking, refused)
        assert "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, which was not offered" in failed.detail
        assert list(asking.deviations.values()) == [str(refused)]
        assert [hello.suites[0] for hello, _ in asking.heard()] == [0xC02F]


async def test_closing_declines_only_where_another_hello_is_accepted(pki: Pki) -> None:
    """The hello is closed on each time, and another is accepted before and after: more often the first time."""
    steady = speaks_tls(context(pki))

    def talk(peer: Peer) -> None:
        (steady if 0xC02F in peeked(peer)[0] else hangs_up)(peer)

    declined = offering(Version.TLSv1_2, (0xC030,))
    with serving(talk) as (port, counters):
        asking = interview(port)
        assert (await offered(asking, declined)).kind is FailureKind.CLOSED_EARLY  # nothing to compare with
        assert counters.accepted == 2
        assert (await asking.offer(HELLOS[0])).accepted
        reply = await asking.offer(declined)
        assert reply.accepted is None
        assert reply.how.startswith("closed each time without an alert")
        assert counters.accepted == asking.connections == 2 + 1 + (1 + 4 + 1)


@pytest.mark.parametrize("trouble", [Peer.reset, says(b"busy\r\n", then=hangs_up)])
async def test_closing_says_nothing_of_an_unsteady_server(
    pki: Pki, trouble: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.asking.PAUSE", 0)
    steady = speaks_tls(context(pki))

    def talk(peer: Peer) -> None:
        if peer.number == 0:
            trouble(peer)
        else:
            (steady if 0xC02F in peeked(peer)[0] else hangs_up)(peer)

    with serving(talk) as (port, counters):
        asking = interview(port)
        assert (await asking.offer(HELLOS[0])).accepted
        assert (await offered(asking, offering(Version.TLSv1_2, (0xC030,)))).kind is FailureKind.CLOSED_EARLY
        assert counters.accepted == 2 + 3


async def test_a_control_that_is_closed_as_well_says_nothing(pki: Pki) -> None:
    steady = speaks_tls(context(pki))
    with serving(lambda peer: (hangs_up if peer.number else steady)(peer)) as (port, _):
        asking = interview(port)
        assert (await asking.offer(HELLOS[0])).accepted
        assert (await offered(asking, HELLOS[1])).kind is FailureKind.CLOSED_EARLY


# other names


async def test_other_names_are_other_questions(pki: Pki) -> None:
    asked: list[str | None] = []
    server = context(pki)
    server.sni_callback = lambda _, name, __: asked.append(name)
    with serving(speaks_tls(server)) as (port, _):
        asking = interview(port)
        for name in (None, "other.example.test"):
            assert (await asking.ask(HELLOS[0], name)).accepted
        assert not list(asking.heard())  # of the endpoint's own name nothing was asked yet
        assert not asking.was_sent(HELLOS[0])
        assert (await asking.ask(HELLOS[0])).accepted
        assert asking.was_sent(HELLOS[0])
        assert (await asking.shake_hands(SHARES, server_name=None)).finished
    assert asked == [None, "other.example.test", SERVER_NAME, None]


# one try


async def test_one_try_leaves_nothing_behind(pki: Pki) -> None:
    with serving(in_turn(Peer.reset, speaks_tls(context(pki)))) as (port, counters):
        asking = interview(port)
        assert await asking.try_once(HELLOS[0]) is None
        assert (counters.accepted, asking.answers) == (1, 0)
        flight = await asking.try_once(HELLOS[0])
        assert flight is not None
        assert await asking.ask(HELLOS[0]) is flight
        assert counters.accepted == asking.connections == 2


# views


async def test_a_view_has_its_own_evidence_and_counts(pki: Pki) -> None:
    with serving(speaks_tls(context(pki))) as (port, counters):
        whole = interview(port)
        one, other = whole.view(), whole.view()
        flight = await one.ask(HELLOS[0])
        assert await other.ask(HELLOS[0]) is flight
        await other.ask(HELLOS[1])
        one.cite("a", "b", "c")
        assert not other.take_evidence()
        assert len(one.take_evidence()) == 1
        assert (one.connections, other.connections, counters.accepted) == (1, 1, 2)
        assert other.answers == one.answers == 2


async def test_application_protocols_that_were_declined(pki: Pki) -> None:
    server = context(pki)
    server.set_alpn_protocols(["h2"])
    names = ("h2", "http/1.1")
    with serving(speaks_tls(server)) as (port, _):
        asking = interview(port)
        assert (await asking.offer(replace(HELLOS[0], alpn=names))).accepted
        assert not asking.declined_alpn(frozenset(names))  # one of them was selected
        await asking.ask(replace(HELLOS[0], alpn=("http/1.1",)))
        assert asking.declined_alpn(frozenset({"http/1.1"}))
        assert not asking.declined_alpn(frozenset({"http/1.1", "imap"}))


# inside TLS


async def test_what_is_said_inside_tls_is_counted_and_not_remembered(pki: Pki) -> None:
    def talk(peer: Peer) -> None:
        tls = TlsPeer(peer, context(pki))
        while words := tls.receive():
            tls.send(words)

    async def echo(line: Connection) -> bytes:
        line.send(b"hello\r\n")
        return await line.read(decode_line)

    with serving(in_turn(talk, Peer.reset, talk)) as (port, counters):
        asking = interview(port)
        assert await asking.inside(echo) == b"hello"
        assert await asking.inside(echo) == b"hello"  # tried once more
        assert counters.accepted == asking.connections == 3
        assert places(asking) == LIMITS.places()
        assert await all_left(counters)


@pytest.mark.parametrize(("talk", "kind"), [(Peer.drain, FailureKind.TIMED_OUT), (Peer.reset, FailureKind.RESET)])
async def test_nobody_inside_tls_is_a_failure(talk: Talk, kind: FailureKind) -> None:
    async def listen(line: Connection) -> None:
        await line.more()

    with serving(talk) as (port, counters):
        asking = interview(port, limits=QUICK)
        for _ in range(3):
            with pytest.raises(AskFailedError) as caught:
                await asking.inside(listen)
            assert caught.value.failure.kind is kind
        assert counters.accepted <= 4  # and then left alone
        assert places(asking) == QUICK.places()


async def test_an_upgrade_that_is_refused_leads_nowhere() -> None:
    async def never(_: Connection) -> None:
        raise AssertionError

    with serving(test_imap.server(b"* OK hello", starttls=b"NO not here")) as (port, counters):
        asking = interview(port, scheme="imap")
        with pytest.raises(AskFailedError) as caught:
            await asking.inside(never)
        assert caught.value.failure.kind is FailureKind.UPGRADE_REFUSED
        assert counters.accepted == 1


async def test_a_talk_on_another_port_shares_the_count_the_places_and_the_deadline() -> None:
    limits = replace(QUICK, connection=5.0, endpoint=0.6)
    with serving(says(b"one")) as (port, first), serving(Peer.drain) as (silent, second):
        asking = interview(port, limits=limits)
        free = places(asking)

        async def three(line: Connection) -> bytes:
            return await line.read(lambda words: (words, 3) if len(words) == 3 else None)

        assert await asking.talk("a", three) == await asking.talk("a", three, port=port) == b"one"
        with pytest.raises(AskFailedError) as caught:
            await asking.talk("a", three, port=silent)
        assert await all_left(first)
        assert await all_left(second)
        assert asking.connections == first.accepted + second.accepted
        assert places(asking) == free
        await asking.close()
    assert caught.value.failure.kind is FailureKind.DEADLINE


async def test_nobody_on_another_port_says_nothing_of_the_endpoint() -> None:
    with serving(hangs_up) as (gone, _):
        pass
    with serving(says(b"one")) as (port, _):
        asking = interview(port)
        await asking.reach()
        with pytest.raises(AskFailedError) as caught:
            await asking.talk("a", Connection.more, port=gone)
        assert caught.value.failure.kind is FailureKind.REFUSED
        await asking.talk("a", Connection.more)
        await asking.close()
