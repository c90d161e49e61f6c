"""What is said before TLS, and what answers where TLS has to come first."""

import pytest

from scanner.model import AskFailedError, FailureKind
from scanner.observations.tls_versions import TlsVersions
from scanner.probes.cleartext import probe, recognise
from tests.hostile import GARBAGE, HANDSHAKE_FAILURE, SSH_BANNER, Peer, hangs_up, says, serving
from tests.probes.tls_servers import context, interview, run_in_shell, tls_server
from tests.protocols import test_imap
from tests.servers.certificates import Pki


async def test_tls_first(pki: Pki) -> None:
    with tls_server(context(pki)) as (port, _):
        asking = interview(port)
        assert (await probe(asking, None)).speaks == "tls"
        await asking.close()


async def test_known_versions_are_tls_without_a_question() -> None:
    asking = interview(1)
    assert (await probe(asking, TlsVersions(versions={"TLSv1.2": "accepted"}))).speaks == "tls"
    assert asking.connections == 0


async def test_an_alert_is_tls() -> None:
    with serving(says(HANDSHAKE_FAILURE, then=hangs_up)) as (port, _):
        asking = interview(port)
        assert (await probe(asking, None)).speaks == "tls"
        await asking.close()


@pytest.mark.parametrize(
    ("words", "spoken"),
    [
        (b"* OK IMAP4rev1 ready\r\n", "imap"),
        (b"220 mail.example.test ESMTP\r\n", "smtp"),
        (b"+OK POP3 ready\r\n", "pop3"),
        (b'"IMPLEMENTATION" "Dovecot Pigeonhole"\r\n', "sieve"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "http"),
        (SSH_BANNER, "ssh"),
    ],
)
async def test_plaintext_where_tls_was_declared(words: bytes, spoken: str) -> None:
    with serving(says(words)) as (port, counters):
        asking = interview(port)
        seen = await probe(asking, None)
        await asking.close()
    assert (seen.speaks, seen.credentials, seen.tls_offered) == (spoken, "unknown", None)
    assert seen.how
    assert counters.accepted <= 2
    assert asking.take_evidence()[0].about == "cleartext"


@pytest.mark.parametrize("words", [b"SSH?\r\n", GARBAGE])
async def test_what_nobody_knows_is_malformed(words: bytes) -> None:
    with serving(says(words)) as (port, _):
        asking = interview(port)
        with pytest.raises(AskFailedError) as caught:
            await probe(asking, None)
        await asking.close()
    assert caught.value.failure.kind is FailureKind.MALFORMED
    assert caught.value.failure.detail.isprintable()


def test_recognise() -> None:
    assert recognise(b"* BYE busy") == "imap"
    assert recognise(b"220-first line") == "smtp"
    assert recognise(b"") is None
    assert recognise(b"\x15\x03\x01\x00\x02\x02\x28") is None


async def test_a_conversation_is_cited_and_reproduces() -> None:
    talk = test_imap.server(b"* OK hello", b"IMAP4rev1 STARTTLS LOGINDISABLED")
    with serving(talk) as (port, _):
        asking = interview(port, scheme="imap")
        seen = await probe(asking, None)
        await asking.close()
    (line,) = asking.take_evidence()
    assert seen.credentials == "refused"
    assert line.answered.startswith("'* OK hello'; TLS offered; credentials refused (LOGINDISABLED")
    login = "c2 LOGIN tlsassay-unused-name tlsassay-unused-password"
    assert line.reproduce == rf"printf 'c1 CAPABILITY\r\n{login}\r\nc3 LOGOUT\r\n' | nc 127.0.0.1 {port}"


async def test_a_conversation_that_fails_is_cited_too() -> None:
    with serving(Peer.reset) as (port, _):
        asking = interview(port, scheme="imap")
        with pytest.raises(AskFailedError):
            await probe(asking, None)
        await asking.close()
    assert asking.take_evidence()[0].answered.startswith("reset")


async def test_http_reproduces() -> None:
    with serving(says(b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 0\r\n\r\n", then=hangs_up)) as (port, _):
        asking = interview(port, scheme="http")
        await probe(asking, None)
        await asking.close()
        (line,) = asking.take_evidence()
        assert run_in_shell(line.reproduce).startswith("HTTP/1.1 200 OK")
