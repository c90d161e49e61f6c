"""What is said and heard inside TLS, and how it ends."""

import asyncio
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest

from scanner.model import AskFailedError, FailureKind
from scanner.net.dial import Connection, dial
from scanner.net.http import OneConnection
from scanner.net.tls import Behind, DeclinedError, Tls, begin_tls
from scanner.wire.lines import decode_line
from tests.hostile import HTTP_ANSWER, SSH_BANNER, Peer, Talk, says, serving
from tests.probes.inside import TlsPeer
from tests.probes.tls_servers import context
from tests.servers.certificates import SERVER_NAME, Pki


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


async def connect(port: int, *, seconds: float = 5.0, budget: int = 1 << 20) -> Connection:
    return await dial("127.0.0.1", port, connect=5.0, seconds=seconds, budget=budget)


def inside(server: ssl.SSLContext, talk: Callable[[TlsPeer], object]) -> Talk:
    return lambda peer: void(talk(TlsPeer(peer, server)))


def void(_: object) -> None:
    """A talk returns nothing."""


def echoes(peer: TlsPeer) -> None:
    while words := peer.receive():
        peer.send(words)


async def failing(port: int, **limits: Any) -> AskFailedError:
    """Begin TLS, say something, and listen to the end."""
    line = await connect(port, **limits)
    try:
        await begin_tls(line, SERVER_NAME)
        line.send(b"hello\r\n")
        while True:
            await line.more()
    except AskFailedError as error:
        return error
    finally:
        line.close()


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3"])
async def test_words_go_there_and_back(pki: Pki, version: str) -> None:
    server = context(pki, oldest=version, newest=version, ciphers="ALL:@SECLEVEL=0")
    with serving(inside(server, echoes)) as (port, counters):
        line = await connect(port)
        await begin_tls(line, SERVER_NAME)
        assert isinstance(line.layer, Tls)
        for words in (b"one\r\n", b"two\r\n", b"x" * 4000 + b"\r\n"):
            line.send(words)
            assert await line.read(decode_line) == words.removesuffix(b"\r\n")
        line.send(b"much" * 20000)  # more than a record, and than a segment
        while len(line.buffer) < 80000:
            await line.more()
        assert bytes(line.buffer) == b"much" * 20000
        line.close()
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert b"two" not in counters.everything


async def test_the_server_hears_a_goodbye(pki: Pki) -> None:
    heard: list[bytes] = []

    def talk(peer: TlsPeer) -> None:
        heard.append(peer.receive())
        peer.send(b"hi\r\n")
        heard.append(peer.receive())  # which would raise if the connection just ended

    with serving(inside(context(pki), talk)) as (port, counters):
        line = await connect(port)
        await begin_tls(line, SERVER_NAME)
        line.send(b"hello")
        assert await line.read(decode_line) == b"hi"
        line.close()
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert heard == [b"hello", b""]


async def test_what_comes_with_the_end_of_the_handshake(pki: Pki) -> None:
    """In TLS 1.2 a server's first words may come in one segment with its Finished."""
    with serving(inside(context(pki, newest="TLSv1_2"), lambda peer: peer.send(b"* OK ready\r\n"))) as (port, _):
        line = await connect(port)
        await begin_tls(line, SERVER_NAME)
        assert await line.read(decode_line) == b"* OK ready"


async def test_words_before_the_end_are_read(pki: Pki) -> None:
    def talk(peer: TlsPeer) -> None:
        peer.receive()
        peer.send(b"bye\r\n")
        peer.goodbye()
        peer.peer.drain()

    with serving(inside(context(pki), talk)) as (port, _):
        line = await connect(port)
        await begin_tls(line, SERVER_NAME)
        line.send(b"hello")
        assert await line.read(decode_line) == b"bye"
        with pytest.raises(AskFailedError, match="as TLS has it") as caught:
            await line.more()
    assert caught.value.failure.kind is FailureKind.CLOSED_EARLY


async def test_an_alert_is_an_answer(pki: Pki) -> None:
    server = context(pki)
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(pki.root)
    server.maximum_version = ssl.TLSVersion.TLSv1_2

    def talk(peer: Peer) -> None:
        try:
            TlsPeer(peer, server)
        except ssl.SSLError:
            peer.drain()

    with serving(talk) as (port, _):
        error = await failing(port)
    assert isinstance(error, DeclinedError)
    assert error.failure.kind is FailureKind.UPGRADE_REFUSED
    assert "alert" in str(error)


async def test_an_alert_of_no_known_level_is_garbage() -> None:
    with serving(says(bytes.fromhex("15030300020528"))) as (port, _):
        error = await failing(port)
    assert not isinstance(error, DeclinedError)
    assert error.failure.kind is FailureKind.MALFORMED


async def test_a_certificate_that_is_missed_after_the_handshake(pki: Pki) -> None:
    """In TLS 1.3 the alert comes with the first read."""
    server = context(pki, oldest="TLSv1_3")
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(pki.root)

    def talk(peer: Peer) -> None:
        try:
            TlsPeer(peer, server)
        except ssl.SSLError:
            peer.drain()

    with serving(talk) as (port, _):
        error = await failing(port)
    assert error.failure.kind is FailureKind.UPGRADE_REFUSED
    assert "certificate required" in str(error)


@pytest.mark.parametrize("words", [SSH_BANNER, HTTP_ANSWER, b"i1 OK NOOP\r\n"])
async def test_what_is_no_tls_is_shown(words: bytes) -> None:
    with serving(says(words)) as (port, _):
        error = await failing(port)
    assert error.failure.kind is FailureKind.MALFORMED
    assert error.received == words
    assert words.split()[0].decode() in str(error)


@pytest.mark.parametrize(
    ("talk", "kind"),
    [
        (Peer.drain, FailureKind.TIMED_OUT),
        (Peer.reset, FailureKind.RESET),
        (says(b"\x16\x03\x03", then=Peer.drain), FailureKind.DEADLINE),
        (says(b"\x16\x03\x03\0\x04\x02\0\0\0", then=Peer.drain), FailureKind.MALFORMED),
        (says(b"\x16" * 4000, then=Peer.drain), FailureKind.MALFORMED),
    ],
)
async def test_a_handshake_that_does_not_end(talk: Talk, kind: FailureKind) -> None:
    with serving(talk) as (port, _):
        error = await failing(port, seconds=0.4)
    assert error.failure.kind is kind


def silent(peer: TlsPeer) -> None:
    peer.receive()
    peer.peer.drain()


def breaks(peer: TlsPeer) -> None:
    peer.peer.send(b"\x17\x03\x03\0\x20" + b"?" * 32)
    peer.peer.drain()


def floods(peer: TlsPeer) -> None:
    peer.receive()
    for _ in range(100):
        peer.send(b"a" * 16000)


@pytest.mark.parametrize(
    ("talk", "kind"),
    [
        (silent, FailureKind.DEADLINE),
        (breaks, FailureKind.MALFORMED),
        (floods, FailureKind.FLOODED),
        (lambda peer: peer.receive(), FailureKind.CLOSED_EARLY),
        (lambda peer: peer.peer.reset(), FailureKind.RESET),
    ],
)
async def test_a_conversation_that_does_not_end(pki: Pki, talk: Any, kind: FailureKind) -> None:
    with serving(inside(context(pki), talk)) as (port, _):
        error = await failing(port, seconds=1.0, budget=1 << 17)
    assert error.failure.kind is kind


async def test_the_deadline_holds_inside(pki: Pki) -> None:
    def drips(peer: TlsPeer) -> None:
        for _ in range(10_000):
            if peer.peer.stop.wait(0.01):
                return
            peer.send(b"x")

    async with asyncio.timeout(3):
        with serving(inside(context(pki), drips)) as (port, _):
            error = await failing(port, seconds=0.5)
    assert error.failure.kind is FailureKind.DEADLINE


async def test_https(pki: Pki) -> None:
    server = context(pki)
    server.set_alpn_protocols(["h2", "http/1.1"])
    asked: list[bytes] = []

    def talk(peer: TlsPeer) -> None:
        asked.append(peer.receive())
        asked.append((peer.tls.selected_alpn_protocol() or "").encode())
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=b; Secure\r\n\r\nhi")

    with serving(inside(server, talk)) as (port, _):
        line = await connect(port)
        await begin_tls(line, SERVER_NAME, ["http/1.1"])
        request = httpx.Request("GET", f"https://{SERVER_NAME}:{port}/path")
        answer = await OneConnection(line).handle_async_request(request)
        assert (answer.status_code, await answer.aread()) == (200, b"hi")
        line.close()
    assert asked[0].startswith(b"GET /path HTTP/1.1\r\n")
    assert asked[1] == b"http/1.1"


async def test_https_is_not_asked_for_in_the_clear() -> None:
    with serving(Peer.drain) as (port, counters):
        line = await connect(port)
        with pytest.raises(AskFailedError, match="in the clear"):
            await OneConnection(line).handle_async_request(httpx.Request("GET", f"https://127.0.0.1:{port}/"))
        line.close()
    assert counters.everything == b""


@pytest.mark.parametrize(
    ("said", "sent"),
    [(b"t1 STARTTLS\r\n", b"t1 STARTTLS\r\nNOOP\r\n"), (b"EHLO a\r\n", b"EHLO a\r\n"), (b"", b"")],
)
def test_a_command_behind_another(said: bytes, sent: bytes) -> None:
    layer = Behind(b"STARTTLS\r\n", b"NOOP\r\n")
    assert layer.sealed(said) == sent
    assert list(layer.opened(b"words")) == [b"words"]
    assert layer.farewell() == b""


async def test_both_go_out_in_one_segment() -> None:
    with serving(partial(Peer.drain)) as (port, counters):
        line = await connect(port)
        line.put_on(Behind(b"STARTTLS\r\n", b"NOOP\r\n"))
        line.send(b"STARTTLS\r\n")
        assert await counters.reach(lambda seen: b"NOOP\r\n" in seen.everything)
        line.close()
