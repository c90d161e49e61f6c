"""A faithful fake of an SSH server, up to the key exchange's reply: for what OpenSSH no longer does, or never did."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import new
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scanner.wire import ssh_exchange
from scanner.wire.ssh import (
    Identification,
    KexInit,
    decode_identification,
    decode_kexinit,
    decode_packet,
    encode_kexinit,
    encode_packet,
    mpint,
    string,
)
from scanner.wire.ssh_keys import KINDS
from tests.hostile import Peer, Talk

Decode = Callable[[bytes], tuple[Any, int] | None]
STRICT = "kex-strict-s-v00@openssh.com"
OFFER = KexInit(
    key_exchange=("curve25519-sha256", "diffie-hellman-group14-sha256", STRICT),
    host_keys=("rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"),
    ciphers_to_server=("chacha20-poly1305@openssh.com", "aes128-ctr"),
    ciphers_to_client=("aes128-ctr", "chacha20-poly1305@openssh.com"),
    macs_to_server=("hmac-sha2-256-etm@openssh.com",),
    macs_to_client=("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512"),
    compression_to_server=("none",),
    compression_to_client=("none", "zlib@openssh.com"),
)
_CURVES = {"nistp256": ec.SECP256R1(), "nistp384": ec.SECP384R1(), "nistp521": ec.SECP521R1()}
_HASHES = {"nistp256": hashes.SHA256(), "nistp384": hashes.SHA384(), "nistp521": hashes.SHA512()}
SHA1 = hashes.SHA1()  # noqa: S303 - as old servers sign
_RSA = {"ssh-rsa": SHA1, "rsa-sha2-256": hashes.SHA256(), "rsa-sha2-512": hashes.SHA512()}


@cache
def private_key(kind: str) -> Any:
    """A key of this kind, the same for all tests of a session; RSA keys are small to be made quickly."""
    match kind.split("-"):
        case ["ed25519"]:
            return ed25519.Ed25519PrivateKey.generate()
        case ["ed448"]:
            return ed448.Ed448PrivateKey.generate()
        case ["ecdsa", curve]:
            return ec.generate_private_key(_CURVES[curve])
        case ["dsa"]:
            return dsa.generate_private_key(1024)  # noqa: S505 - as RFC 4253 §6.6 has it
    return rsa.generate_private_key(65537, 1024)  # noqa: S505 - made quickly


def public_blob(kind: str) -> bytes:
    """The key as a server sends it."""
    public = private_key(kind).public_key()
    match kind.split("-"):
        case ["ed25519" | "ed448"]:
            parts = [f"ssh-{kind}".encode(), public.public_bytes_raw()]
        case ["ecdsa", curve]:
            point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            parts = [f"ecdsa-sha2-{curve}".encode(), curve.encode(), point]
        case ["dsa"]:
            numbers = public.public_numbers()
            group = numbers.parameter_numbers
            parts = [b"ssh-dss", *map(mpint, (group.p, group.q, group.g, numbers.y))]
        case _:
            parts = [b"ssh-rsa", mpint(public.public_numbers().e), mpint(public.public_numbers().n)]
    return b"".join(map(string, parts))


def signature(algorithm: str, content: bytes) -> bytes:
    """Of the kind of key that the algorithm takes."""
    kind = next(kind for kind, names in KINDS.items() if algorithm in names)
    key = private_key(kind)
    match kind.split("-"):
        case ["ed25519" | "ed448"]:
            value = key.sign(content)
        case ["ecdsa", curve]:
            value = b"".join(
                string(mpint(n)) for n in decode_dss_signature(key.sign(content, ec.ECDSA(_HASHES[curve])))
            )
        case ["dsa"]:
            value = b"".join(n.to_bytes(20) for n in decode_dss_signature(key.sign(content, SHA1)))
        case _:
            value = key.sign(content, padding.PKCS1v15(), _RSA[algorithm])
    return string(algorithm.encode()) + string(value)


@dataclass(frozen=True, kw_only=True)
class Fake:
    """What it says, and how it lies."""

    offer: KexInit = OFFER
    line: bytes = b"SSH-2.0-fake_1.0 a comment"
    before: bytes = b""
    """Text before the identification string."""
    asides: Sequence[bytes] = ()
    """Payloads before the reply."""
    shows: str = ""
    """Kind of key that it shows, whatever was agreed on."""
    spoils: Callable[[bytes], bytes] = field(default=lambda content: content)
    """What it does to the exchange hash before it signs it."""
    then: Talk = Peer.drain

    def with_offer(self, **changes: tuple[str, ...]) -> "Fake":
        """The same with other lists."""
        return replace(self, offer=replace(self.offer, **changes))

    def __call__(self, peer: Peer) -> None:
        """Talk to one client."""
        peer.send(self.before + self.line + b"\r\n")
        buffer = bytearray()
        theirs: Identification = _read(peer, buffer, decode_identification)
        ours = encode_kexinit(self.offer, bytes(range(16)))
        peer.send(encode_packet(ours))
        payload: bytes = _read(peer, buffer, decode_packet)
        asked = decode_kexinit(payload)
        method = next((name for name in asked.key_exchange if name in self.offer.key_exchange), None)
        algorithm = next((name for name in asked.host_keys if name in self.offer.host_keys), None)
        if method in ssh_exchange.METHODS and algorithm:
            for aside in self.asides:
                peer.send(encode_packet(aside))
            request: bytes = _read(peer, buffer, decode_packet)
            said = (theirs.line, self.line, payload, ours)
            peer.send(encode_packet(self._reply(method, algorithm, request[5:], said)))
        self.then(peer)

    def _reply(self, method: str, algorithm: str, public: bytes, said: tuple[bytes, ...]) -> bytes:
        kind = self.shows or next(kind for kind, names in KINDS.items() if algorithm in names)
        share, blob = ssh_exchange.begin(method), public_blob(kind)
        secret = mpint(share._agree(public))
        parts = (*said, blob, public, share.public, secret)
        content = new(ssh_exchange.hash_of(method), b"".join(len(one).to_bytes(4) + one for one in parts)).digest()
        signed = signature(algorithm, self.spoils(content))
        return b"\x1f" + string(blob) + string(share.public) + string(signed)


def _read(peer: Peer, buffer: bytearray, decode: Decode) -> Any:
    while (found := decode(bytes(buffer))) is None:
        data = peer.receive()
        if not data:
            raise ConnectionError
        buffer += data
    value, consumed = found
    del buffer[:consumed]
    return value
