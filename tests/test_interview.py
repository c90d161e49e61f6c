"""One endpoint's questions: asked once, tried twice, given up in time, and nothing left open."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from scanner.interview import Interview
from scanner.model import AskFailedError, FailureKind
from scanner.net.limits import Gate, Limits
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import Version
from scanner.wire.tls_questions import version_hellos
from tests.hostile import LONG_RECORD, Counters, Peer, Talk, drips, floods, hangs_up, in_turn, says, serving
from tests.probes.tls_servers import LIMITS, context, interview, run_in_shell, speaks_tls
from tests.protocols import test_imap
from tests.servers.certificates import CertificateSpec, Pki

QUICK = Limits(connect=5.0, connection=0.5, endpoint=20.0, rate=100_000, per_address_rate=100_000)
HELLOS = [version_hellos(version, None)[0] for version in (Version.TLSv1_2, Version.TLSv1_3, Version.TLSv1_1)]


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


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
        hands = [await asking.shake_hands("rsa") for _ in range(3)]
        assert counters.accepted == 4
        assert hands[0] is hands[1] is hands[2] is not None
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
            await asking.shake_hands("rsa")
        assert caught.value.failure.kind is kind
        assert counters.accepted == asking.connections == connections
        assert await all_left(counters)
    assert places(asking) == limits.places()


async def test_one_answer_keeps_the_other_questions_alive(pki: Pki) -> None:
    """A server that resets whatever follows its first answer is still asked everything."""
    steady = speaks_tls(context(pki))

    def talk(peer: Peer) -> None:
        (Peer.reset if peer.number else steady)(peer)

    with serving(talk) as (port, counters):
        asking = interview(port)
        assert (await asking.ask(HELLOS[0])).accepted
        for hello in HELLOS[1:]:
            assert await failure(asking, hello) is FailureKind.RESET
        assert counters.accepted == 5


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
        assert f"-connect '[::1]:{port}'" in asking.s_client()
        assert "BEGIN CERTIFICATE" in run_in_shell(asking.s_client())


async def test_evidence_is_taken_once_and_harmless() -> None:
    asking = interview(1)
    asking.cite("TLSv1.2", "a hello", "said \x1b[2J")
    (line,) = asking.take_evidence()
    assert line.answered == r"said \x1b[2J"
    assert not asking.take_evidence()


@pytest.mark.parametrize("key_type", ["rsa", "ecdsa"])
async def test_an_authenticated_handshake_shows_the_chain(pki: Pki, key_type: Any) -> None:
    spec = CertificateSpec(key_type=key_type)
    with serving(speaks_tls(context(pki, spec, oldest="TLSv1_3"))) as (port, _):
        asking = interview(port)
        shown = await asking.shake_hands(key_type)
        assert shown is not None
        assert (shown.version, len(shown.chain)) == ("TLSv1.3", 2)
        assert await asking.shake_hands("ecdsa" if key_type == "rsa" else "rsa") is None
