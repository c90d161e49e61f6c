"""Servers that go to TLS when asked, and do this or that with what was sent behind the question."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from scanner.wire import ldap, ldap_server
from tests.hostile import Peer, Talk, hangs_up
from tests.probes.inside import TlsPeer

Leftover = Literal["kept", "dropped", "closed", "reset", "refused", "given to TLS", "answered in the clear", "ignored"]
"""What is done with commands behind the upgrade. `kept`: carried out inside TLS. `ignored`: all of it, for ever."""


@dataclass(frozen=True)
class Dialect:
    """As much of a protocol as it takes to get to TLS and to be asked inside."""

    scheme: str
    greeting: bytes
    split: Callable[[bytes], tuple[bytes, bytes] | None]
    """The first message of what was received, and the rest."""
    asks: Callable[[bytes], bool]
    """Whether a message asks for TLS."""
    answer: Callable[[bytes, bool], bytes]
    """To a message, in the clear or inside TLS."""
    go_ahead: bytes
    no: bytes


def upgrading(dialect: Dialect, context: ssl.SSLContext, leftover: Leftover = "dropped") -> Talk:
    """Talks in the clear until TLS is asked for, then inside."""

    def talk(peer: Peer) -> None:
        peer.send(dialect.greeting)
        behind = converse(peer, dialect, b"", inside=False)
        if behind is None or (behind and not deal_with(peer, dialect, behind, leftover)):
            return
        peer.send(dialect.go_ahead)
        tls = TlsPeer(peer, context, behind if leftover == "given to TLS" else b"")
        converse(tls, dialect, behind if leftover == "kept" else b"", inside=True)

    return talk


def deal_with(peer: Peer, dialect: Dialect, behind: bytes, leftover: Leftover) -> bool:
    """Whether TLS follows all the same."""
    match leftover:
        case "closed":
            hangs_up(peer)
        case "reset":
            peer.reset()
        case "refused":
            peer.send(dialect.no)
            hangs_up(peer)
        case "ignored":
            peer.drain()
        case "answered in the clear":
            peer.send(dialect.go_ahead + dialect.answer(behind, False))
            peer.drain()
        case _:
            return True
    return False


def converse(peer: Peer | TlsPeer, dialect: Dialect, buffer: bytes, *, inside: bool) -> bytes | None:
    """Answer until TLS is asked for; what was received behind that. None: the client left."""
    while True:
        while (parts := dialect.split(buffer)) is None:
            if not (more := peer.receive()):
                return None
            buffer += more
        message, buffer = parts
        if dialect.asks(message) and not inside:
            return buffer
        peer.send(dialect.answer(message, inside))


def first_line(buffer: bytes) -> tuple[bytes, bytes] | None:
    line, end, rest = buffer.partition(b"\n")
    return (line.strip(), rest) if end else None


def imap(before: bytes = b"IMAP4rev1 STARTTLS LOGINDISABLED", inside: bytes = b"IMAP4rev1 AUTH=PLAIN") -> Dialect:
    """IMAP with these capabilities."""

    def answer(line: bytes, encrypted: bool) -> bytes:
        tag, command = line.split()[:2]
        listed = b"* CAPABILITY " + (inside if encrypted else before) + b"\r\n"
        return listed * (command == b"CAPABILITY") + tag + b" OK " + command + b"\r\n"

    def asks(line: bytes) -> bool:
        return line.endswith(b" STARTTLS")

    return Dialect("imap", b"* OK ready\r\n", first_line, asks, answer, b"t1 OK begin\r\n", b"t1 BAD pipelining\r\n")


def smtp(before: bytes = b"STARTTLS", inside: bytes = b"AUTH PLAIN XOAUTH2", noop: bytes = b"250 ok") -> Dialect:
    """SMTP with one extension."""

    def answer(line: bytes, encrypted: bool) -> bytes:
        match line[:4]:
            case b"EHLO":
                return b"250-mail.example.test\r\n250-PIPELINING\r\n250 " + (inside if encrypted else before) + b"\r\n"
            case b"QUIT":
                return b"221 bye\r\n"
        return noop + b"\r\n"

    def asks(line: bytes) -> bool:
        return line == b"STARTTLS"

    ready, no = b"220 mail.example.test ESMTP\r\n", b"554 5.5.0 pipelining\r\n"
    return Dialect("smtp", ready, first_line, asks, answer, b"220 go ahead\r\n", no)


def directory(again: int = 1) -> Dialect:
    """LDAP, whose answer to StartTLS inside TLS has this result code."""

    def split(buffer: bytes) -> tuple[bytes, bytes] | None:
        decoded = ldap.decode(buffer)
        return (buffer[: decoded[1]], buffer[decoded[1] :]) if decoded else None

    def asks(message: bytes) -> bool:
        return ldap.START_TLS.encode() in message

    def answer(message: bytes, encrypted: bool) -> bytes:
        decoded = ldap.decode(message)
        assert decoded is not None
        number = decoded[0].message_id
        if decoded[0].kind == "extended request":
            return ldap_server.extended_response(number, again, "as told")
        names = {"supportedSASLMechanisms": [b"PLAIN"] if encrypted else [], "supportedExtension": [b"1.2.3"]}
        return ldap_server.search_entry(number, "", names) + ldap_server.search_done(number, 0)

    answers = [ldap_server.extended_response(1, code) for code in (0, 1)]
    return Dialect("ldap", b"", split, asks, answer, *answers)
