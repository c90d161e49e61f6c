"""What SSH says before it encrypts, and that nothing but an identification string is sent for it."""

import pytest

from scanner.model import FailureKind
from tests.hostile import GARBAGE, HTTP_ANSWER, SSH_BANNER, Talk, hangs_up, says, serving
from tests.protocols.talk import converse, converse_failure


@pytest.mark.parametrize("passive", [False, True])
async def test_identification_strings_are_exchanged(passive: bool) -> None:
    with serving(says(SSH_BANNER)) as (port, counters):
        said = await converse("ssh", port, passive=passive)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.banner) == ("ssh", "SSH-2.0-OpenSSH_9.2p1 Debian-2")
    assert (said.credentials, said.tls_offered) == ("none", None)
    assert said.how
    assert counters.everything == b"SSH-2.0-tlsassay\r\n"


async def test_banner_is_made_safe() -> None:
    with serving(says(b"a text first\r\nSSH-2.0-x \x1b[2J\x07\r\n")) as (port, _):
        assert (await converse("ssh", port)).banner == r"SSH-2.0-x \x1b[2J\x07"


@pytest.mark.parametrize(
    ("talk", "kind"),
    [
        (says(GARBAGE), FailureKind.MALFORMED),
        (says(b"SSH-2.0\r\n"), FailureKind.MALFORMED),
        (says(HTTP_ANSWER, then=hangs_up), FailureKind.CLOSED_EARLY),
        (hangs_up, FailureKind.CLOSED_EARLY),
    ],
)
async def test_what_is_no_ssh(talk: Talk, kind: FailureKind) -> None:
    with serving(talk) as (port, _):
        assert (await converse_failure("ssh", port)).kind is kind
