"""The same over TCP, where each message follows its length."""

import pytest

from scanner.model import FailureKind
from scanner.protocols import protocol
from scanner.wire.kerberos import framed
from tests.hostile import Peer, Talk, hangs_up, says, serving
from tests.protocols.talk import converse, converse_failure
from tests.wire.kerberos_peers import kdc_error, requested

ANSWER = framed(kdc_error(6))


def test_what_it_is() -> None:
    assert (protocol("kerberos-tcp").port, protocol("kerberos-tcp").transport) == (88, "tcp")


@pytest.mark.parametrize("words", [(ANSWER,), (ANSWER[:3], ANSWER[3:40], ANSWER[40:])])
async def test_an_unused_name_is_asked_for(words: tuple[bytes, ...]) -> None:
    with serving(says(*words)) as (port, counters):
        said = await converse("kerberos-tcp", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.credentials) == ("kerberos", "none")
    asked = counters.everything
    assert int.from_bytes(asked[:4], "big") == len(asked) - 4
    assert requested(asked[4:])[1] == ("tlsassay-unused-name",)


@pytest.mark.parametrize(
    ("talk", "kind"),
    [
        (says(kdc_error(6), then=hangs_up), FailureKind.MALFORMED),
        (says(ANSWER[:-1], then=hangs_up), FailureKind.CLOSED_EARLY),
        (Peer.reset, FailureKind.RESET),
    ],
)
async def test_what_is_no_answer(talk: Talk, kind: FailureKind) -> None:
    with serving(talk) as (port, _):
        assert (await converse_failure("kerberos-tcp", port)).kind is kind
