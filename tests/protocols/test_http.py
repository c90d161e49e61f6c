"""What port 80 answers."""

import pytest

from scanner.model import FailureKind
from scanner.protocols import protocol
from tests.hostile import Peer, Talk, hangs_up, serving
from tests.protocols.talk import converse, converse_failure


def server(*lines: bytes, body: bytes = b"") -> Talk:
    """Answers one request so."""

    def talk(peer: Peer) -> None:
        while peer.line().strip():
            pass
        peer.send(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        hangs_up(peer)

    return talk


@pytest.mark.parametrize(
    ("location", "redirect"),
    [
        (b"https://mail.example.test/", "https://mail.example.test/"),
        (b"https://mail.example.test:8443/x?y=z", "https://mail.example.test:8443/x?y=z"),
        (b"https://elsewhere.example.org/", "https://elsewhere.example.org/"),
        (b"http://mail.example.test/login", "http://mail.example.test/login"),
        (b"//elsewhere.example.org/", "http://elsewhere.example.org/"),
        (b"javascript:alert(1)", "javascript:alert(1)"),
        (b"https://[::1", "https://[::1"),
        (b"https://a\x1b[2J.test/", r"https://a\x1b[2J.test/"),
    ],
)
async def test_redirect(location: bytes, redirect: str) -> None:
    with serving(server(b"HTTP/1.1 301 Moved", b"Location: " + location, b"Content-Length: 0")) as (port, _):
        said = await converse("http", port)
    assert (said.speaks, said.status, said.redirect, said.credentials) == ("http", 301, redirect, "none")


async def test_relative_redirect_stays_here() -> None:
    with serving(server(b"HTTP/1.1 302 Found", b"Location: /login", b"Content-Length: 0")) as (port, _):
        said = await converse("http", port)
        assert said.redirect == f"http://mail.example.test:{port}/login"


@pytest.mark.parametrize(
    "lines",
    [
        (b"HTTP/1.1 200 OK", b"Location: https://mail.example.test/", b"Content-Length: 0"),  # means nothing here
        (b"HTTP/1.1 301 Moved", b"Content-Length: 0"),
        (b"HTTP/1.0 404 Not Found",),
    ],
)
async def test_no_redirect(lines: tuple[bytes, ...]) -> None:
    with serving(server(*lines)) as (port, _):
        assert (await converse("http", port)).redirect is None


@pytest.mark.parametrize(
    ("challenge", "credentials"),
    [
        (b'Basic realm="intern"', "accepted"),
        (b'Negotiate, bAsIc realm="intern"', "accepted"),
        (b"Negotiate", "none"),
        (b'Digest realm="basic training"', "none"),
    ],
)
async def test_a_basic_challenge_asks_for_a_password(challenge: bytes, credentials: str) -> None:
    lines = (b"HTTP/1.1 401 Unauthorized", b"WWW-Authenticate: " + challenge, b"Content-Length: 0")
    with serving(server(*lines)) as (port, _):
        assert (await converse("http", port)).credentials == credentials


async def test_asks_for_the_declared_name_and_sends_nothing_else() -> None:
    with serving(server(b"HTTP/1.1 200 OK", b"Server: nginx", b"Content-Length: 2", body=b"ok")) as (port, counters):
        said = await converse("http", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    head = counters.everything.decode().lower()
    assert head.startswith("get / http/1.1\r\n")
    assert f"\r\nhost: mail.example.test:{port}\r\n" in head
    assert "authorization" not in head
    assert "cookie" not in head
    assert said.banner == "HTTP/1.1 200 OK, nginx"
    assert said.tls_offered is None


async def test_a_body_without_an_end_is_not_read() -> None:
    def talk(peer: Peer) -> None:
        server(b"HTTP/1.1 200 OK", b"Transfer-Encoding: chunked")(peer)

    with serving(talk) as (port, _):
        assert (await converse("http", port)).status == 200


@pytest.mark.parametrize(
    ("talk", "kind"),
    [
        (server(b"SSH-2.0-OpenSSH_9.2p1"), FailureKind.MALFORMED),
        (server(b"HTTP/1.1 200 OK", b"no colon here"), FailureKind.MALFORMED),
        (server(b"HTTP/1.1 999999 What"), FailureKind.MALFORMED),
        (hangs_up, FailureKind.CLOSED_EARLY),
        (Peer.reset, FailureKind.RESET),
    ],
)
async def test_no_http(talk: Talk, kind: FailureKind) -> None:
    with serving(talk) as (port, _):
        assert (await converse_failure("http", port)).kind is kind


def test_is_known_by_its_first_words() -> None:
    speaks = protocol("http").speaks
    assert speaks is not None
    assert speaks.match(b"HTTP/1.1 400 Bad Request")
    assert not speaks.match(b"\x15\x03\x01")
