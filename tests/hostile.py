"""Servers that misbehave, each in one way, on loopback in threads.

Every one is a context manager of `(port, counters)`. Its loops are bounded: they end when the client leaves, after
MAX_ROUNDS, or with the context, which wakes and joins every thread.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

MAX_ROUNDS = 100_000
IDLE_SECONDS = 20.0
"""No client of a test waits longer."""

GARBAGE = bytes(range(255, 127, -1)) * 4
SSH_BANNER = b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"
HTTP_ANSWER = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
HANDSHAKE_FAILURE = bytes.fromhex("15030300020228")
"""A fatal alert 40 in a record of its own."""
LONG_RECORD = bytes.fromhex("1603034000020038000303") + b"\0" * 16000
"""The beginning of a TLS record whose handshake message would have 14 KB."""


@dataclass
class Counters:
    """What a server saw."""

    accepted: int = 0
    open: int = 0
    most_open: int = 0
    listening: bool = True
    ended: int = 0
    """Conversations whose client left, or was left."""
    received: list[bytes] = field(default_factory=list)
    """All that each client sent, in the order of the connections."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def everything(self) -> bytes:
        """All that all clients sent."""
        return b"".join(self.received)

    async def reach(self, state: Callable[["Counters"], bool], seconds: float = 5.0) -> bool:
        """Wait for a state, at most so long, while the event loop goes on; whether it was reached."""

        def wait() -> bool:
            with self.changed:
                return self.changed.wait_for(lambda: state(self), seconds)

        return await asyncio.to_thread(wait)


class Peer:
    """The server's side of one connection."""

    def __init__(self, connection: socket.socket, number: int, counters: Counters, stop: threading.Event) -> None:
        self.socket = connection
        self.number = number
        """Of the connection, from 0."""
        self.stop = stop
        self._counters = counters
        connection.settimeout(IDLE_SECONDS)

    def receive(self, size: int = 65536) -> bytes:
        """What comes next; nothing at the end."""
        data = self.socket.recv(size)
        with self._counters.changed:
            self._counters.received[self.number] += data
            self._counters.changed.notify_all()
        return data

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def line(self) -> bytes:
        """One line of the client with its end; whatever there was at the end of the connection."""
        line = b""
        while not line.endswith(b"\n") and (byte := self.receive(1)):
            line += byte
        return line

    def drain(self) -> None:
        """Listen until the client leaves."""
        while self.receive():
            pass

    def reset(self) -> None:
        """Close with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


Talk = Callable[[Peer], None]
Serving = Iterator[tuple[int, Counters]]


@contextmanager
def serving(talk: Talk, *, host: str = "127.0.0.1", port: int = 0, connections: int | None = None) -> Serving:
    """A server that talks so to each client; after so many `connections` nobody listens any more."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=512)
    listener.settimeout(0.05)
    bound: int = listener.getsockname()[1]
    counters, stop, peers, threads = Counters(), threading.Event(), list[Peer](), list[threading.Thread]()

    def converse(peer: Peer) -> None:
        with suppress(OSError):
            talk(peer)
        with counters.changed:
            counters.open -= 1
            counters.ended += 1
            counters.changed.notify_all()
        peer.socket.close()

    def accept() -> None:
        while not stop.is_set() and counters.accepted != connections:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with counters.changed:
                peer = Peer(connection, counters.accepted, counters, stop)
                counters.accepted += 1
                counters.open += 1
                counters.most_open = max(counters.most_open, counters.open)
                counters.received.append(b"")
                counters.changed.notify_all()
            peers.append(peer)
            threads.append(threading.Thread(target=converse, args=(peer,), daemon=True))
            threads[-1].start()
        listener.close()
        with counters.changed:
            counters.listening = False
            counters.changed.notify_all()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield bound, counters
    finally:
        stop.set()
        accepting.join()
        for peer in peers:
            with suppress(OSError):
                peer.socket.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()


def says(*words: bytes, then: Talk = Peer.drain) -> Talk:
    """Say this at once, then listen."""

    def talk(peer: Peer) -> None:
        for word in words:
            peer.send(word)
        then(peer)

    return talk


def drips(words: bytes, filler: bytes = b"x", every: float = 0.003) -> Talk:
    """These words and then the filler for ever, one byte at a time."""

    def talk(peer: Peer) -> None:
        for at in range(MAX_ROUNDS):
            if peer.stop.wait(every):
                return
            peer.send(words[at : at + 1] or filler)

    return talk


def floods(words: bytes, filler: bytes) -> Talk:
    """These words, and then the filler without a pause."""

    def talk(peer: Peer) -> None:
        peer.send(words)
        many = filler * (65536 // len(filler) + 1)
        for _ in range(1000):
            if peer.stop.is_set():
                return
            peer.send(many)

    return talk


def in_turn(*talks: Talk) -> Talk:
    """The first connection gets the first talk, and so on, round and round."""
    return lambda peer: talks[peer.number % len(talks)](peer)


def hangs_up(peer: Peer) -> None:
    """End in good order without a word; what the client has sent is read first, so that no reset overtakes the end."""
    peer.socket.shutdown(socket.SHUT_WR)
    peer.drain()


@contextmanager
def answering(answer: Callable[[bytes], Iterable[bytes]], *, host: str = "127.0.0.1") -> Serving:
    """A UDP server: each datagram is answered with these. Its counters know of what was received alone."""
    counters, stop = Counters(), threading.Event()
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.bind((host, 0))
        here.settimeout(0.05)

        def serve() -> None:
            while not stop.is_set():
                with suppress(OSError):  # a timeout, or a client that has gone
                    asked, client = here.recvfrom(65536)
                    with counters.changed:
                        counters.accepted += 1
                        counters.received.append(asked)
                        counters.changed.notify_all()
                    for one in answer(asked):
                        here.sendto(one, client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield here.getsockname()[1], counters
        finally:
            stop.set()
            thread.join()


Server = Callable[[], AbstractContextManager[tuple[int, Counters]]]

HOSTILE: dict[str, Server] = {
    "silent": lambda: serving(Peer.drain),
    "drips": lambda: serving(drips(LONG_RECORD, b"\0")),
    "floods": lambda: serving(floods(LONG_RECORD, b"\0")),
    "hangs up at once": lambda: serving(hangs_up),
    "resets at once": lambda: serving(Peer.reset),
    "garbage": lambda: serving(says(GARBAGE)),
    "ssh": lambda: serving(says(SSH_BANNER)),
    "http": lambda: serving(says(HTTP_ANSWER, then=hangs_up)),
    "alert": lambda: serving(says(HANDSHAKE_FAILURE, then=hangs_up)),
    "unknown alert": lambda: serving(says(bytes.fromhex("150303000202c8"), then=hangs_up)),
    "endless warnings": lambda: serving(floods(b"", bytes.fromhex("15030300020170"))),
    "endless empty lines": lambda: serving(floods(b"", b"\r\n")),
    "resets in the middle": lambda: serving(says(LONG_RECORD[:100], then=Peer.reset)),
    "hangs up in the middle": lambda: serving(says(LONG_RECORD[:100], then=hangs_up)),
}
"""Whatever the protocol."""

# ProtocolAck, and the answer to a call: a text of 64 KB
_JRMP = (
    b"N\0\x0bexample.com\0\0\x01\x00" + bytes.fromhex("51aced0005770f01") + bytes(14) + b"\x7c" + bytes(6) + b"\xff\xff"
)
GREETINGS: dict[str, tuple[bytes, bytes]] = {
    "imap": (b"* OK ready\r\n", b"* OK still here\r\n"),
    "smtp": (b"220 mail.example.test ESMTP\r\n", b"250-still here\r\n"),
    "submission": (b"220 mail.example.test ESMTP\r\n", b"250-still here\r\n"),
    "ftp": (b"220 ready\r\n", b"211-still here\r\n"),
    "nntp": (b"200 ready\r\n", b"101 still here\r\n"),
    "irc": (b":irc.example.test NOTICE * :looking\r\n", b":irc.example.test NOTICE * :still looking\r\n"),
    "lmtp": (b"220 mail.example.test ready\r\n", b"250-still here\r\n"),
    "pop3": (b"+OK ready\r\n", b"+OK still here\r\n"),
    "sieve": (b'"IMPLEMENTATION" "ready"\r\n', b'"STILL" "here"\r\n'),
    "ldap": (bytes.fromhex("3009020101640404003000"), bytes.fromhex("3009020101640404003000")),
    "mysql": (b"\x49\0\0\0\x0a", b"8"),
    "xmpp": (b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' version='1.0'><a\n", b"<b>"),
    "xmpp-server": (b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>\r\n", b"<b/>"),
    "sip": (b"SIP/2.0 200 OK\r\n", b"X-More: of it\r\n"),
    "amqp": (bytes.fromhex("0100000000 1000000a000a0009000008000161"), b"V"),
    "mqtt": (b"\x20\xff", b"\2"),
    "postgresql": (b"E\0\0\x10\0SERROR\0", b"x"),
    "redis": (b"-NOAUTH", b"x"),
    "memcached": (b"VERSION 1", b"x"),
    "rdp": (bytes.fromhex("030000130ed0"), b"\xff"),
    "mssql": (bytes.fromhex("0401100000000100"), b"\xff"),
    "mongodb": (bytes.fromhex("001000000700000001000000dd070000"), b"\xff"),
    "rmi": (_JRMP, b"x"),
    "jmx": (_JRMP, b"x"),
    "hazelcast": (b"HZ", b"H"),
    "hazelcast-client": (b"\xff\x7f\0\0\0\xc0", b"\0"),
    "openwire": (b"\0\0\x40\0\1ActiveMQ\0\0\0\x0c\1", b"\0"),
    "http": (b"HTTP/1.1 200 OK\r\n", b"X-More: of it\r\n"),
    "ssh": (SSH_BANNER, b"\0\0\0\x0c\x0a\x02" + bytes(10)),
    "kerberos": (bytes.fromhex("7e81fd3081faa003020105a10302011e"), b"\0"),
    "kerberos-tcp": (bytes.fromhex("000001007e81fd3081faa003020105a10302011e"), b"\0"),
}
"""Protocol → the believable beginning of a conversation in the clear, and what may follow without an end."""


def hostile_to(scheme: str) -> dict[str, Server]:
    """The servers that know just enough of a protocol to keep its client waiting."""
    first, more = GREETINGS.get(scheme, (LONG_RECORD, b"\0"))
    return {
        "greets, then silent": lambda: serving(says(first)),
        "greets, then resets": lambda: serving(says(first, then=Peer.reset)),
        "greets, then garbage": lambda: serving(says(first, GARBAGE)),
        "greets, then drips": lambda: serving(drips(first, more[:1])),
        "endless greeting": lambda: serving(floods(first, more)),
        "endless line": lambda: serving(floods(first[:-2] if first.endswith(b"\n") else first, b"a")),
    }


def hostile_over_udp(scheme: str) -> dict[str, Server]:
    """The same over UDP, where a server can neither reset nor hang up, and may say things that nobody asked."""
    first, more = GREETINGS.get(scheme, (LONG_RECORD, b"\0"))
    return {
        "silent": lambda: answering(lambda _: ()),
        "empty": lambda: answering(lambda _: (b"",)),
        "echo": lambda: answering(lambda asked: (asked,)),
        "garbage": lambda: answering(lambda _: (GARBAGE,)),
        "alert": lambda: answering(lambda _: (HANDSHAKE_FAILURE,)),
        "floods": lambda: answering(lambda _: [bytes(60_000)] * 100),
        "half a message": lambda: answering(lambda _: (first,)),
        "a message in pieces": lambda: answering(lambda _: (first, *[more] * 300)),
        "a message too long": lambda: answering(lambda _: (first + more * 300,)),
    }


@contextmanager
def all_of(servers: dict[str, Server]) -> Iterator[dict[str, int]]:
    """Start them all; their ports by name."""
    with ExitStack() as started:
        yield {name: started.enter_context(server())[0] for name, server in servers.items()}
