"""What memcached answers to `version` in the clear."""

import pytest

from scanner.model import FailureKind
from scanner.probes.cleartext import recognise
from scanner.wire.memcached import VERSION
from tests.hostile import serving
from tests.protocols.talk import converse, converse_failure
from tests.protocols.test_redis import server


@pytest.mark.parametrize(
    ("answer", "credentials", "how"),
    [
        (b"VERSION 1.6.18\r\n", "accepted", "no authentication at all"),
        (b"CLIENT_ERROR unauthenticated\r\n", "accepted", "asked for in the clear"),
        (b"CLIENT_ERROR line too long\r\n", "unknown", "does not tell"),
        (b"SERVER_ERROR out of memory\r\n", "unknown", "does not tell"),
        (b"ERROR\r\n", "unknown", "does not tell"),
    ],
)
@pytest.mark.parametrize("passive", [False, True])
async def test_credentials(answer: bytes, credentials: str, how: str, passive: bool) -> None:
    with serving(server(answer)) as (port, counters):
        said = await converse("memcached", port, passive=passive)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.banner) == ("memcached", answer.decode().strip())
    assert (said.credentials, said.tls_offered) == (credentials, None)
    assert how in said.how
    assert counters.everything == VERSION


async def test_what_it_says_is_harmless() -> None:
    with serving(server(b"VERSION \x1b[2J" + b"\xff" * 4000 + b"\r\n")) as (port, _):
        said = await converse("memcached", port)
    assert said.banner.isprintable()
    assert len(said.how) < 300


@pytest.mark.parametrize(
    ("answer", "kind"), [(b"\x15\x03\x01\0\x02\x02\x46", FailureKind.MALFORMED), (b"", FailureKind.CLOSED_EARLY)]
)
async def test_tls_is_no_answer(answer: bytes, kind: FailureKind) -> None:
    with serving(server(answer)) as (port, _):
        assert (await converse_failure("memcached", port)).kind is kind


def test_is_recognised() -> None:
    assert recognise(b"VERSION 1.6.18\r\n") == "memcached"
