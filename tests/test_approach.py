"""How a question gets to an endpoint; what becomes of the answers is in test_interview.py."""

import pytest

from scanner.model import AskFailedError
from scanner.net.dial import Connection
from scanner.wire.tls_names import Version
from scanner.wire.tls_questions import version_hellos
from tests.hostile import Peer, hangs_up, serving
from tests.probes.tls_servers import context, interview, speaks_tls
from tests.protocols import test_imap
from tests.servers.certificates import SERVER_NAME, Pki

HELLO = version_hellos(Version.TLSv1_2)[0]


def reads(peer: Peer) -> None:
    peer.receive()
    hangs_up(peer)


async def never(_: Connection) -> None:
    raise AssertionError


async def test_an_upgrade_knows_whom_it_talks_to_whatever_is_asked_behind_it() -> None:
    """XMPP's first words bear the name (RFC 6120 §4.7.2)."""
    with serving(reads) as (port, counters):
        asking = interview(port, scheme="xmpp")
        for question in (asking.ask(HELLO), asking.inside(never)):
            with pytest.raises(AskFailedError):
                await question
        await asking.close()
        assert await counters.reach(lambda seen: seen.ended == seen.accepted)
    assert counters.received
    for words in counters.received:
        assert SERVER_NAME.encode() in words


async def test_views_share_what_was_heard_and_count_for_themselves(pki: Pki) -> None:
    with serving(speaks_tls(context(pki))) as (port, counters):
        asking = interview(port)
        one, other = asking.view(), asking.view()
        assert await one.ask(HELLO) is await other.ask(HELLO)
        assert (one.connections, other.connections, counters.accepted) == (1, 0, 1)
        assert [hello for hello, _ in other.heard()] == [HELLO]
        other.leave_out_what_is_watched()
        assert (asking.plain, one.plain) == (True, True)  # of the endpoint, not of the view
        await asking.close()


async def test_nothing_is_sent_that_the_upgrade_did_not_lead_to() -> None:
    with serving(test_imap.server(b"* OK hello", starttls=b"NO not here")) as (port, counters):
        asking = interview(port, scheme="imap")
        with pytest.raises(AskFailedError):
            await asking.ask(HELLO)
        assert not asking.was_sent(HELLO)
        await asking.close()
        assert await counters.reach(lambda seen: seen.ended == seen.accepted)
    assert b"\x16\x03" not in counters.everything
