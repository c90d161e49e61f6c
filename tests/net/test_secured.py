"""A conversation inside TLS with OpenSSL at the other end, and with whoever is none."""

import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from scanner.model import AskFailedError, FailureKind
from scanner.net.dial import ANSWER_LIMIT, dial
from scanner.net.secured import Secured
from scanner.wire.lines import decode_line
from tests.hostile import GARBAGE, HANDSHAKE_FAILURE, Peer, Talk, hangs_up, says, serving
from tests.probes.tls_servers import context
from tests.servers.certificates import SERVER_NAME, Pki


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


def answers(server: ssl.SSLContext, words: bytes) -> Talk:
    """Shakes hands, reads what comes, says these words, and ends TLS in good order."""

    def talk(peer: Peer) -> None:
        with suppress(ssl.SSLError), server.wrap_socket(peer.socket.dup(), server_side=True) as tls:
            tls.recv(100)
            tls.sendall(words)
            tls.unwrap()

    return talk


async def inside(port: int, work: Callable[[Secured], Awaitable[bytes]]) -> bytes:
    line = await dial("127.0.0.1", port, connect=5.0, seconds=5.0, budget=1 << 20)
    try:
        return await work(await Secured(line, SERVER_NAME).shake_hands())
    finally:
        line.close()


async def ask(line: Secured) -> bytes:
    line.send(b"hello\r\n")
    return await line.read(decode_line)


@pytest.mark.parametrize("newest", ["TLSv1_2", "TLSv1_3"])
async def test_words_pass_through(pki: Pki, newest: str) -> None:
    async def twice(line: Secured) -> bytes:
        return await ask(line) + await line.read(decode_line)

    with serving(answers(context(pki, newest=newest), b"one\r\ntwo\r\n")) as (port, _):
        assert await inside(port, twice) == b"onetwo"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (b"", FailureKind.CLOSED_EARLY),
        (b"no end", FailureKind.CLOSED_EARLY),
        (b"x" * 2 * ANSWER_LIMIT, FailureKind.MALFORMED),
    ],
)
async def test_no_answer(pki: Pki, words: bytes, kind: FailureKind) -> None:
    with serving(answers(context(pki), words)) as (port, _), pytest.raises(AskFailedError) as caught:
        await inside(port, ask)
    assert caught.value.failure.kind is kind


async def test_an_answer_without_an_end_is_malformed(pki: Pki) -> None:
    async def never(line: Secured) -> bytes:
        line.send(b"hello")
        return await line.read(lambda _: None)

    endless = answers(context(pki), b"x" * 2 * ANSWER_LIMIT)
    with serving(endless) as (port, _), pytest.raises(AskFailedError) as caught:
        await inside(port, never)
    assert caught.value.failure.kind is FailureKind.MALFORMED
    assert str(ANSWER_LIMIT) in caught.value.failure.detail


@pytest.mark.parametrize(
    ("talk", "kind"),
    [
        (says(HANDSHAKE_FAILURE, then=hangs_up), FailureKind.UPGRADE_REFUSED),
        (says(GARBAGE), FailureKind.MALFORMED),
        (hangs_up, FailureKind.CLOSED_EARLY),
    ],
)
async def test_no_handshake(talk: Talk, kind: FailureKind) -> None:
    with serving(talk) as (port, _), pytest.raises(AskFailedError) as caught:
        await inside(port, ask)
    assert caught.value.failure.kind is kind
    assert caught.value.failure.detail.isprintable()
