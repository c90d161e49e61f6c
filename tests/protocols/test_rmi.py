"""A registry in the clear: the handshake, and TLS where none was declared."""

import pytest

from scanner.model import FailureKind, ReachTls
from scanner.protocols import protocol
from tests.hostile import GARBAGE, HANDSHAKE_FAILURE, hangs_up, says, serving
from tests.protocols.talk import converse, converse_failure
from tests.wire.recorded_jrmp import ACK


def test_port() -> None:
    assert (protocol("rmi").port, protocol("rmi").reach_tls) == (1099, ReachTls.NEVER)


@pytest.mark.parametrize("scheme", ["rmi", "jmx"])
async def test_handshake(scheme: str) -> None:
    with serving(says(ACK)) as (port, counters):
        said = await converse(scheme, port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.banner) == ("rmi", "ProtocolAck: 127.0.0.1:59744")
    assert (said.tls_offered, said.credentials) == (None, "none")
    assert counters.everything == b"JRMI\0\2\x4b\0\x09127.0.0.1\0\0\0\0"


async def test_the_host_it_sees_is_shown_safely() -> None:
    with serving(says(b"N\0\4\x1b[2J\0\0\0\1")) as (port, _):
        assert (await converse("rmi", port)).banner == "ProtocolAck: \\x1b[2J:1"


async def test_tls() -> None:
    with serving(says(HANDSHAKE_FAILURE, then=hangs_up)) as (port, _):
        said = await converse("rmi", port)
    assert (said.speaks, said.banner) == ("tls", "")


@pytest.mark.parametrize("words", [GARBAGE, b"\x4f", b"\x15\x03\x07\0\2\2\x28", b"\x15\x03\x03\0\2\1\x28"])
async def test_anything_else_is_malformed(words: bytes) -> None:
    with serving(says(words)) as (port, _):
        assert (await converse_failure("rmi", port)).kind is FailureKind.MALFORMED
