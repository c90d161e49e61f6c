"""TLS servers that misbehave: scripted ones, and OpenSSL's behind something that decides by the ClientHello.

Each is a `Talk` for `tests.hostile.serving`. The reader of ClientHellos is this module's own: the scanner is not to be
tested against itself.
"""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography import x509
from OpenSSL import SSL
from OpenSSL.crypto import X509

from scanner.wire.tls13_shares import SHARE_GROUPS, KeyShare
from scanner.wire.tls_flight import HELLO_RETRY
from scanner.wire.tls_names import HandshakeType, suite_name
from tests.hostile import Peer, Talk, hangs_up
from tests.wire.tls13_peers import OpenSsl, OwnServer, der, extension_block, openssl_context, vector

HANDSHAKE, ALERT = 22, 21
GROUPS, SCHEMES, ALPN, VERSIONS, SHARES = 10, 13, 16, 43, 51
RANDOM = bytes(range(32))
DHE_PRIME = (1 << 2048) - 1942289
"""Of no importance: nobody computes with it."""


@dataclass(frozen=True)
class Offered:
    """What a ClientHello offers (RFC 8446 §4.1.2)."""

    raw: bytes
    """As it came, records and all."""
    message: bytes
    session_id: bytes
    versions: tuple[int, ...]
    """Of supported_versions, or legacy_version alone."""
    suites: tuple[int, ...]
    compressions: tuple[int, ...]
    groups: tuple[int, ...]
    schemes: tuple[int, ...]
    alpn: tuple[bytes, ...]
    shares: dict[int, bytes]

    @property
    def newest(self) -> int:
        """The newest version that has no reserved value (RFC 8701)."""
        return max(version for version in self.versions if version & 0x0F0F != 0x0A0A)


def _pairs(data: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(data[at : at + 2]) for at in range(0, len(data) - 1, 2))


def _entries(data: bytes, head: int, width: int) -> list[tuple[bytes, bytes]]:
    """`head` bytes, a length of `width` bytes, and as many bytes: again and again."""
    found, at = [], 0
    while at + head + width <= len(data):
        start = at + head + width
        end = start + int.from_bytes(data[at + head : start])
        if end > len(data):
            break
        found.append((data[at : at + head], data[start:end]))
        at = end
    return found


def parse(message: bytes, raw: bytes = b"") -> Offered:
    """A ClientHello with its message header."""
    at = 4 + 2 + 32
    session_id, at = message[at + 1 : at + 1 + message[at]], at + 1 + message[at]
    size = int.from_bytes(message[at : at + 2])
    suites, at = message[at + 2 : at + 2 + size], at + 2 + size
    compressions, at = message[at + 1 : at + 1 + message[at]], at + 1 + message[at]
    listed = {int.from_bytes(code): data for code, data in _entries(message[at + 2 :], 2, 2)}
    return Offered(
        raw=raw,
        message=message,
        session_id=session_id,
        versions=_pairs(listed[VERSIONS][1:]) if VERSIONS in listed else (int.from_bytes(message[4:6]),),
        suites=_pairs(suites),
        compressions=tuple(compressions),
        groups=_pairs(listed.get(GROUPS, b"")[2:]),
        schemes=_pairs(listed.get(SCHEMES, b"")[2:]),
        alpn=tuple(name for _, name in _entries(listed.get(ALPN, b"")[2:], 0, 1)),
        shares={int.from_bytes(group): key for group, key in _entries(listed.get(SHARES, b"")[2:], 2, 2)},
    )


def hear(peer: Peer) -> Offered | None:
    """The ClientHello; None for one of SSL 2.0, and for a client that leaves before it is complete."""
    raw = b""
    for _ in range(100):
        if not (more := peer.receive()):
            return None
        raw += more
        if raw[0] > 0x7F:
            return None
        records = b"".join(fragment for _, fragment in _entries(raw, 3, 2))  # only those that are complete
        if len(records) >= 4 and len(records) >= 4 + int.from_bytes(records[1:4]):
            return parse(records, raw)
    return None


class Replayed(Peer):
    """A peer whose client said this already."""

    def __init__(self, peer: Peer, said: bytes) -> None:
        self.__dict__.update(peer.__dict__)
        self._said = said

    def receive(self, size: int = 65536) -> bytes:
        if self._said:
            said, self._said = self._said[:size], self._said[size:]
            return said
        return super().receive(size)


# --- what decides ---------------------------------------------------------------------------------------------------


def unless(troubled: Callable[[Offered], bool], trouble: Talk, talk: Talk) -> Talk:
    """A server to which some ClientHellos are trouble."""

    def choose(peer: Peer) -> None:
        offered = hear(peer)
        if offered is None:
            hangs_up(peer)
        else:
            (trouble if troubled(offered) else talk)(Replayed(peer, offered.raw))

    return choose


def every(nth: int, trouble: Talk, talk: Talk, *, first: int = 0) -> Talk:
    """Every nth connection is trouble, from `first` on."""
    return lambda peer: (trouble if peer.number >= first and peer.number % nth == nth - 1 else talk)(peer)


def some(share: float, seed: int, trouble: Talk, talk: Talk) -> Talk:
    """This share of all connections is trouble, the same ones for the same seed."""
    return lambda peer: (trouble if random.Random(seed * 100_003 + peer.number).random() < share else talk)(peer)


def after(connections: int, trouble: Talk, talk: Talk) -> Talk:
    """All is well up to this connection."""
    return lambda peer: (talk if peer.number < connections else trouble)(peer)


def one_at_a_time(talk: Talk) -> Talk:
    """Others wait for their turn, in silence."""
    alone = threading.Lock()

    def wait(peer: Peer) -> None:
        with alone:
            talk(peer)

    return wait


def limited(connections: int, seconds: float, trouble: Talk, talk: Talk) -> Talk:
    """So many connections within so many seconds, and trouble for whoever comes sooner; that one counts as well."""
    recent: deque[float] = deque(maxlen=connections)

    def admit(peer: Peer) -> None:
        now = time.monotonic()
        full = len(recent) == connections and now - recent[0] < seconds
        recent.append(now)
        (trouble if full else talk)(peer)

    return admit


def by_chance(seed: int, *talks: Talk) -> Talk:
    """Each connection gets one of them, the same one for the same seed."""
    return lambda peer: random.Random(seed * 100_003 + peer.number).choice(talks)(peer)


def late(seconds: float, talk: Talk) -> Talk:
    """Nothing is said before."""

    def wait(peer: Peer) -> None:
        if not peer.stop.wait(seconds):
            talk(peer)

    return wait


def smtp(talk: Talk, *, greets_after: float = 0.0) -> Talk:
    """Talk so after STARTTLS (RFC 3207)."""
    answers = {
        b"EHLO": b"250-mail.example.test\r\n250 STARTTLS\r\n",
        b"STARTTLS": b"220 go\r\n",
        b"QUIT": b"221 bye\r\n",
    }

    def upgrade(peer: Peer) -> None:
        if peer.stop.wait(greets_after):
            return
        peer.send(b"220 mail.example.test ESMTP\r\n")
        while words := peer.line().split():
            peer.send(answers.get(words[0], b"250 OK\r\n"))
            if words[0] == b"STARTTLS":
                talk(peer)
            if words[0] in {b"STARTTLS", b"QUIT"}:
                return

    return upgrade


# --- OpenSSL, over memory -----------------------------------------------------------------------------------------


def shakes_hands(context: SSL.Context, *, mute: bool = False) -> Talk:
    """The server of the OpenSSL that pyOpenSSL has; a `mute` one closes instead of an alert, as Dovecot 2.3 does."""

    def talk(peer: Peer) -> None:
        server = OpenSsl(context)
        while server.error is None and (data := peer.receive()):
            said = server.answer(data)
            if server.error is None or not mute:
                peer.send(said)
            if server.error is None and _said_goodbye(server.tls):
                break
        hangs_up(peer)

    return talk


def _said_goodbye(tls: SSL.Connection) -> bool:
    try:
        tls.recv(1)
    except SSL.ZeroReturnError:
        return True
    except SSL.Error:
        return False
    return False


def authenticating(
    kind: str, *, required: bool, newest: int, authorities: Sequence[x509.Certificate] = ()
) -> SSL.Context:
    """A server that wants a certificate of its clients."""
    context = openssl_context(kind)
    context.set_max_proto_version(newest)
    context.set_verify(SSL.VERIFY_PEER | (SSL.VERIFY_FAIL_IF_NO_PEER_CERT if required else 0))
    context.set_client_ca_list([X509.from_cryptography(one).get_subject() for one in authorities])
    return context


# --- what is said ---------------------------------------------------------------------------------------------------


def record(content: bytes, kind: int = HANDSHAKE) -> bytes:
    """In as many records as it takes."""
    pieces = [content[at : at + (1 << 14)] for at in range(0, len(content), 1 << 14)]
    return b"".join(bytes([kind, 3, 3]) + vector(piece, 2) for piece in pieces)


def alert(description: int) -> Talk:
    """Hear a message, answer with this alert, and end in good order."""

    def talk(peer: Peer) -> None:
        if hear(peer):
            peer.send(record(bytes([2, description]), ALERT))
        hangs_up(peer)

    return talk


declines = alert(40)
"""handshake_failure, whatever was offered."""


def answers(answer: Callable[[Offered], bytes]) -> Talk:
    """Say this to a ClientHello, and listen; nothing to say is a handshake_failure."""

    def talk(peer: Peer) -> None:
        offered = hear(peer)
        said = answer(offered) if offered else b""
        peer.send(said or record(bytes([2, 40]), ALERT))
        if not said:
            peer.socket.shutdown(1)
        peer.drain()

    return talk


def message(kind: int, body: bytes) -> bytes:
    """A handshake message."""
    return bytes([kind]) + vector(body, 3)


def server_hello(
    offered: Offered,
    suite: int,
    *,
    version: int = 0x0303,
    group: int | None = None,
    share: bytes | None = None,
    compression: int = 0,
    alpn: bytes = b"",
) -> bytes:
    """A ServerHello; of TLS 1.3 without a `share` it is a HelloRetryRequest."""
    retry = version == 0x0304 and share is None
    listed: dict[int, bytes] = {}
    if version >= 0x0304:
        listed[VERSIONS] = version.to_bytes(2)
    if group is not None:
        listed[SHARES] = group.to_bytes(2) + (b"" if share is None else vector(share, 2))
    if alpn:
        listed[ALPN] = vector(vector(alpn, 1), 2)
    body = min(version, 0x0303).to_bytes(2) + (HELLO_RETRY if retry else RANDOM) + vector(offered.session_id, 1)
    body += suite.to_bytes(2) + bytes([compression]) + (extension_block(listed) if listed else b"")
    return message(2, body)


def certificate(chain: tuple[bytes, ...]) -> bytes:
    """Up to TLS 1.2 (RFC 5246 §7.4.2)."""
    return message(11, vector(b"".join(vector(one, 3) for one in chain), 3))


def key_exchange(suite: int, group: int, scheme: int | None) -> bytes:
    """A ServerKeyExchange where the suite has one; the signature is none. `scheme`: TLS 1.2 alone has it."""
    name = suite_name(suite)
    signature = (scheme.to_bytes(2) if scheme is not None else b"") + vector(bytes(64), 2)
    if "_ECDHE_" in name or "_ECDH_anon" in name:
        body = b"\x03" + group.to_bytes(2) + vector(bytes(32), 1)
    elif "_DHE_" in name or "_DH_anon" in name:
        body = vector(DHE_PRIME.to_bytes(256), 2) + vector(b"\x02", 2) + vector(bytes(256), 2)
    else:
        return b""
    if "_PSK" in name:
        return message(12, vector(b"", 2) + body)
    return message(12, body + (b"" if "anon" in name else signature))


DONE = bytes.fromhex("0e000000")
"""ServerHelloDone."""


def flight(
    offered: Offered,
    suite: int,
    *,
    version: int = 0x0303,
    group: int | None = None,
    scheme: int | None = None,
    compression: int = 0,
    alpn: bytes = b"",
) -> bytes:
    """All that a server up to TLS 1.2 says first; group and scheme are the first offered unless told."""
    group = group or next(iter(offered.groups), 23)
    scheme = scheme or next(iter(offered.schemes), 0x0401)
    exchange = key_exchange(suite, group, scheme if version == 0x0303 else None)
    hello = server_hello(offered, suite, version=version, compression=compression, alpn=alpn)
    return record(hello + certificate((der("rsa"),)) + exchange + DONE)


def _no_secret(_: bytes) -> bytes:
    raise ValueError("of another's share only the public half is known")


def encrypted_flight(offered: Offered, suite: int, group: int, scheme: int) -> bytes:
    """All that a TLS 1.3 server says, in keys that are right and with a signature that is none."""
    server = OwnServer(offered.message, KeyShare(group, offered.shares[group], _no_secret), suite)
    said = server.say(HandshakeType.ENCRYPTED_EXTENSIONS, b"\0\0") + server.certificate(der("rsa"))
    said += server.say(HandshakeType.CERTIFICATE_VERIFY, scheme.to_bytes(2) + vector(bytes(256), 2)) + server.finished()
    return record(server.server_hello) + server.sealed(said)


def retry(offered: Offered, group: int, suite: int | None = None) -> bytes:
    """A HelloRetryRequest for this group."""
    return record(server_hello(offered, suite or offered.suites[0], version=0x0304, group=group))


def picks(which: Callable[[Sequence[int]], int]) -> Talk:
    """A server that takes whatever is offered at this place of each list, and speaks every version."""

    def anything(offered: Offered) -> bytes:
        if offered.newest < 0x0304:
            chosen = {"group": which(offered.groups or (23,)), "scheme": which(offered.schemes or (0x0401,))}
            return flight(offered, which(offered.suites), version=min(offered.newest, 0x0303), **chosen)
        usable = [group for group in offered.shares if group in SHARE_GROUPS]
        if usable:
            return encrypted_flight(offered, 0x1301, usable[0], which(offered.schemes))
        return retry(offered, which(offered.groups), which(offered.suites))

    return answers(anything)


accepts_anything = picks(lambda offered: offered[0])
