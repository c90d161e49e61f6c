"""What ManageSieve greetings and AUTHENTICATE say about logins before TLS."""

import pytest

from scanner.model import FailureKind
from scanner.protocols._login import PLAIN_RESPONSE
from tests.hostile import Peer, Talk, serving
from tests.protocols.talk import converse, converse_failure, upgrade

NEEDED = b'NO (ENCRYPT-NEEDED) "Authentication not allowed until SSL/TLS is enabled."'
FAILED = b'NO "Authentication failed."'


def server(
    sasl: bytes = b'"SASL" ""\r\n',
    authenticate: bytes | None = NEEDED,
    starttls: bytes = b'OK "begin"',
    ready: bytes = b"OK ready",
    capabilities: bytes = b'"IMPLEMENTATION" "a fake"\r\n"STARTTLS"\r\n',
) -> Talk:
    """Lists these capabilities; hangs up at AUTHENTICATE where that has no answer."""
    answers = {b"AUTHENTICATE": authenticate, b"STARTTLS": starttls, b"LOGOUT": b"OK"}

    def talk(peer: Peer) -> None:
        peer.send(capabilities + sasl + ready.replace(b"ready", b'"ready"') + b"\r\n")
        while line := peer.line():
            if (answer := answers[line.split()[0]]) is None:
                return
            peer.send(answer + b"\r\n")
            if line.startswith(b"LOGOUT"):
                return

    return talk


@pytest.mark.parametrize(
    ("talk", "credentials", "passive"),
    [
        (server(), "refused", "refused"),
        (server(authenticate=b"NO"), "refused", "refused"),
        (server(authenticate=FAILED), "refused", "refused"),  # no code: it may have been refused for any reason
        (server(authenticate=None), "refused", "refused"),
        (server(b'"SASL" "SCRAM-SHA-256 GSSAPI"\r\n'), "refused", "refused"),
        (server(b'"SASL" "SCRAM-SHA-256 PLAIN"\r\n'), "accepted", "accepted"),
        (server(b'"sasl" {5}\r\nlogin\r\n'), "accepted", "accepted"),
        (server(b'"SASL" "OAUTHBEARER"\r\n'), "accepted", "accepted"),
        (server(authenticate=b"OK"), "accepted", "refused"),
        (server(authenticate=b'""'), "accepted", "refused"),
        (server(authenticate=b"NO (TRANSITION-NEEDED)"), "accepted", "refused"),
        (server(authenticate=b"BYE"), "refused", "refused"),
        (server(b""), "refused", "unknown"),
        (server(b"", FAILED), "unknown", "unknown"),
        (server(b"", None), "unknown", "unknown"),
    ],
)
async def test_credentials(talk: Talk, credentials: str, passive: str) -> None:
    with serving(talk) as (port, _):
        said = await converse("sieve", port)
        silent = await converse("sieve", port, passive=True)
    assert (said.speaks, said.banner, said.credentials, said.tls_offered) == ("sieve", "a fake", credentials, True)
    assert silent.credentials == passive
    assert said.how
    assert ("--passive" in silent.how) == (passive == "unknown")


@pytest.mark.parametrize(("capabilities", "offered"), [(b'"VERSION" "1.0"\r\n', False), (b"", None)])
async def test_starttls_is_offered_or_not_or_not_known(capabilities: bytes, offered: bool | None) -> None:
    with serving(server(b"", capabilities=capabilities)) as (port, _):
        said = await converse("sieve", port)
    assert (said.tls_offered, said.banner) == (offered, "OK ready")


async def test_says_what_it_saw() -> None:
    with serving(server(b'"SASL" ""\r\n"X\x1b[2J" "y" "z"\r\n', NEEDED[:-1] + b'\x1b[2J"')) as (port, _):
        said = await converse("sieve", port)
    assert said.capabilities == ("IMPLEMENTATION a fake", "STARTTLS", "SASL ", r"X\x1b[2J y z")
    assert "no plaintext SASL mechanism" in said.how
    assert r"NO (ENCRYPT-NEEDED) Authentication not allowed until SSL/TLS is enabled.\x1b[2J" in said.how


@pytest.mark.parametrize(
    ("talk", "passive", "asked"),
    [
        (server(b'"SASL" "PLAIN"\r\n'), False, False),  # proven: not asked
        (server(), True, False),
        (server(b""), True, False),
        (server(), False, True),
    ],
)
async def test_sends_nobodys_name_and_no_more_than_it_takes(talk: Talk, passive: bool, asked: bool) -> None:
    with serving(talk) as (port, counters):
        await converse("sieve", port, passive=passive)
        assert await counters.reach(lambda seen: seen.ended == 1)
    sent = f'AUTHENTICATE "PLAIN" "{PLAIN_RESPONSE}"\r\n'.encode() if asked else b""
    assert counters.everything == sent + b"LOGOUT\r\n"


@pytest.mark.parametrize("ready", [b"BYE ready", b"NO ready", b"bye (TRYLATER) ready"])
async def test_a_server_that_will_not_talk_is_no_answer(ready: bytes) -> None:
    with serving(server(ready=ready)) as (port, counters):
        for failure in (await converse_failure("sieve", port), await upgrade("sieve", port)):
            assert failure is not None
            assert failure.kind is FailureKind.CLOSED_EARLY
            assert ready.decode().partition(" ")[0].upper() in failure.detail
    assert counters.everything == b""


async def test_what_is_not_sieve_is_malformed() -> None:
    with serving(server(capabilities=b"+OK POP3\r\n")) as (port, _):
        assert (await converse_failure("sieve", port)).kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b'OK "begin"', None),
        (b"ok", None),
        (b'NO "not here"', FailureKind.UPGRADE_REFUSED),
        (b"BYE", FailureKind.UPGRADE_REFUSED),
        (b"MAYBE", FailureKind.MALFORMED),
    ],
)
async def test_starttls(answer: bytes, kind: FailureKind | None) -> None:
    with serving(server(starttls=answer)) as (port, _):
        failure = await upgrade("sieve", port)
    assert (failure.kind if failure else None) is kind


async def test_a_close_is_no_refusal_of_starttls() -> None:
    def talk(peer: Peer) -> None:
        peer.send(b"OK\r\n")
        peer.line()

    with serving(talk) as (port, _):
        failure = await upgrade("sieve", port)
    assert failure is not None
    assert failure.kind is FailureKind.CLOSED_EARLY
