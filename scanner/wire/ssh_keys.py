"""SSH host keys: what they are, their fingerprint, whether a signature is theirs, without I/O.

Sources: RFC 4253 §6.6 (RSA, DSA), RFC 8332 (RSA with SHA-2), RFC 5656 §3.1 (ECDSA), RFC 8709 (EdDSA).
"""

import warnings
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from scanner.wire.errors import MalformedError
from scanner.wire.reader import Reader

KINDS = {
    "ed25519": ("ssh-ed25519",),
    "ecdsa-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-nistp384": ("ecdsa-sha2-nistp384",),
    "ecdsa-nistp521": ("ecdsa-sha2-nistp521",),
    "ed448": ("ssh-ed448",),
    "rsa": ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"),
    "dsa": ("ssh-dss",),
}
"""Kind of key → its host key algorithms, the best first. Of each kind a server has one key."""

_EC: dict[str, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    "ecdsa-nistp256": (ec.SECP256R1(), hashes.SHA256()),
    "ecdsa-nistp384": (ec.SECP384R1(), hashes.SHA384()),
    "ecdsa-nistp521": (ec.SECP521R1(), hashes.SHA512()),
}
_SHA1 = hashes.SHA1()  # noqa: S303 - as old servers sign
_RSA: dict[str, hashes.HashAlgorithm] = {
    "ssh-rsa": _SHA1,
    "rsa-sha2-256": hashes.SHA256(),
    "rsa-sha2-512": hashes.SHA512(),
}
MAX_BITS = 16_384
"""Of an RSA or DSA key, as OpenSSH."""

Key = rsa.RSAPublicKey | dsa.DSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey


@dataclass(frozen=True)
class HostKey:
    """A public key as the server sends it."""

    blob: bytes
    kind: str
    bits: int
    key: Key = field(repr=False, compare=False)

    @property
    def fingerprint(self) -> str:
        """`SHA256:…`, as `ssh-keygen -l` prints it."""
        return "SHA256:" + b64encode(sha256(self.blob).digest()).decode("ascii").rstrip("=")

    @property
    def line(self) -> str:
        """`ssh-ed25519 AAAA…`, as it stands in `known_hosts` behind the host."""
        return f"{Reader(self.blob).vector(4).decode('ascii')} {b64encode(self.blob).decode('ascii')}"


def kind_of(algorithm: str) -> str | None:
    """The kind of key of a host key algorithm; None for certificates, and for what is not known."""
    return next((kind for kind, names in KINDS.items() if algorithm in names), None)


def decode_host_key(blob: bytes) -> HostKey:
    """Read a host key. Raises MalformedError."""
    reader = Reader(blob)
    name = reader.vector(4)
    kind = kind_of(name.decode("ascii", "replace"))
    try:
        key, bits = _key(kind, reader)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MalformedError(f"a host key of kind {kind} that is none: {error}") from error
    reader.end()
    assert kind is not None  # noqa: S101 - or there would be no key
    return HostKey(blob, kind, bits, key)


def _key(kind: str | None, reader: Reader) -> tuple[Key, int]:
    """Raises ValueError, MalformedError and UnsupportedAlgorithm, all for what is no key that can be checked."""
    if kind == "ed25519":
        return ed25519.Ed25519PublicKey.from_public_bytes(reader.vector(4)), 256
    if kind == "ed448":
        return ed448.Ed448PublicKey.from_public_bytes(reader.vector(4)), 456
    if kind in _EC:
        curve = _EC[kind][0]
        if reader.vector(4) != kind.removeprefix("ecdsa-").encode():
            raise MalformedError("an ECDSA host key of another curve")
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, reader.vector(4)), curve.key_size
    if kind == "rsa":
        e, n = _number(reader), _number(reader)
        return rsa.RSAPublicNumbers(e, n).public_key(), n.bit_length()
    if kind == "dsa":
        p, q, g, y = (_number(reader) for _ in range(4))
        group = dsa.DSAParameterNumbers(p, q, g)
        return dsa.DSAPublicNumbers(y, group).public_key(), p.bit_length()
    raise MalformedError("a host key of a kind that was not asked for")


def _number(reader: Reader) -> int:
    number = int.from_bytes(reader.vector(4), signed=True)
    if not 0 < number.bit_length() <= MAX_BITS or number < 0:
        raise MalformedError(f"a host key with a number of {number.bit_length()} bits")
    return number


def proves(host_key: HostKey, algorithm: str, signature: bytes, content: bytes) -> bool:
    """Whether the key signed `content` by this algorithm. Never raises."""
    try:
        reader = Reader(signature)
        name, value = reader.vector(4), reader.vector(4)
        reader.end()
        if name != algorithm.encode() or algorithm not in KINDS[host_key.kind]:
            return False
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _verify(host_key, algorithm, value, content)
    except (InvalidSignature, MalformedError):
        return False
    return True


def _verify(host_key: HostKey, algorithm: str, value: bytes, content: bytes) -> None:
    """Raises InvalidSignature and MalformedError."""
    match host_key.key:
        case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey() as key:
            key.verify(value, content)
        case ec.EllipticCurvePublicKey() as key:
            reader = Reader(value)
            r, s = _number(reader), _number(reader)
            reader.end()
            key.verify(encode_dss_signature(r, s), content, ec.ECDSA(_EC[host_key.kind][1]))
        case rsa.RSAPublicKey() as key:
            full = value.rjust((host_key.bits + 7) // 8, b"\0")  # some leave out the zeros it begins with
            key.verify(full, content, padding.PKCS1v15(), _RSA[algorithm])
        case dsa.DSAPublicKey() as key:
            if len(value) != 40:
                raise MalformedError("a DSA signature that has not 40 bytes")  # RFC 4253 §6.6
            encoded = encode_dss_signature(int.from_bytes(value[:20]), int.from_bytes(value[20:]))
            key.verify(encoded, content, _SHA1)
