"""LMTP is SMTP that says LHLO."""

import pytest

from scanner.model import FailureKind
from scanner.protocols import protocol
from scanner.protocols._login import PLAIN_RESPONSE
from tests.hostile import Peer, Talk, serving
from tests.protocols.talk import converse, upgrade

AUTH = f"AUTH PLAIN {PLAIN_RESPONSE}\r\n".encode()


def server(lhlo: bytes, auth: bytes = b"502 5.5.1 Unsupported command", rset: bytes = b"250 OK") -> Talk:
    """Knows no EHLO (RFC 2033 §4.1)."""
    answers = {b"LHLO": lhlo, b"AUTH": auth, b"RSET": rset, b"STARTTLS": b"220 go", b"QUIT": b"221 bye"}

    def talk(peer: Peer) -> None:
        peer.send(b"220 mail.example.test ready\r\n")
        while line := peer.line():
            peer.send(answers.get(line.split()[0], b"500 what?") + b"\r\n")
            if line.startswith(b"QUIT"):
                return

    return talk


@pytest.mark.parametrize(
    ("talk", "credentials", "offered"),
    [
        (server(b"250-x\r\n250 STARTTLS"), "none", True),
        (server(b"250 x"), "none", False),
        (server(b"250-x\r\n250 AUTH PLAIN"), "accepted", False),
        (server(b"250-x\r\n250 STARTTLS", b"535 no such user"), "accepted", True),
        (server(b"250-x\r\n250 STARTTLS", b"538 encryption required"), "refused", True),
        (server(b"250-x\r\n250 STARTTLS", b"530 STARTTLS first", b"530 STARTTLS first"), "refused", True),
        (server(b"502 what?"), "unknown", None),
    ],
)
async def test_credentials(talk: Talk, credentials: str, offered: bool | None) -> None:
    with serving(talk) as (port, _):
        said = await converse("lmtp", port)
    assert (said.speaks, said.credentials, said.tls_offered) == ("lmtp", credentials, offered)
    assert said.banner == "220 mail.example.test ready"


@pytest.mark.parametrize("passive", [False, True])
async def test_says_lhlo(passive: bool) -> None:
    with serving(server(b"250-x\r\n250 STARTTLS")) as (port, counters):
        await converse("lmtp", port, passive=passive)
        assert await upgrade("lmtp", port) is None
        assert await counters.reach(lambda seen: seen.ended == 2)
    asked, upgraded = counters.received
    assert asked == b"LHLO tlsassay.invalid\r\nRSET\r\n" + (b"" if passive else AUTH) + b"QUIT\r\n"
    assert upgraded == b"LHLO tlsassay.invalid\r\nSTARTTLS\r\n"


async def test_smtp_is_not_lmtp() -> None:
    with serving(server(b"502 what?")) as (port, _):
        assert "LHLO was answered with '502 what?'" in (await converse("lmtp", port)).how


async def test_a_refused_upgrade() -> None:
    def talk(peer: Peer) -> None:
        peer.send(b"220 x\r\n")
        for answer in (b"250 x\r\n", b"502 5.5.1 TLS support is not enabled.\r\n"):
            peer.line()
            peer.send(answer)
        peer.drain()

    with serving(talk) as (port, _):
        failure = await upgrade("lmtp", port)
    assert failure is not None
    assert failure.kind is FailureKind.UPGRADE_REFUSED


def test_leaves_a_foreign_220_to_smtp() -> None:
    assert (protocol("lmtp").speaks, protocol("lmtp").port, protocol("lmtp").starttls) == (None, 24, "lmtp")
    assert "LHLO" in protocol("lmtp").reproduce
