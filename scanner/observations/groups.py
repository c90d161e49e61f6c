"""Which key exchange groups a server accepts, and its Diffie-Hellman parameters."""

from msgspec import Struct, field

from scanner.model import Observation
from scanner.observations.cipher_suites import Asked


class DhParameters(Struct, frozen=True, kw_only=True):
    """Finite-field Diffie-Hellman of a suite up to TLS 1.2."""

    bits: int
    """Length of the prime."""
    prime: str
    """`ffdhe2048`, `RFC 3526 group 14`, … where it is a published one; else `unknown`."""
    sha256: str
    """Of the prime, big-endian."""


class Groups(Observation, frozen=True, kw_only=True):
    """Accepted groups by their IANA names. What is in `asked` and neither in `groups` nor in `open` was refused."""

    groups: dict[str, tuple[str, ...]]
    """By version; TLS 1.2's are elliptic curves and, where the server negotiates them, RFC 7919's."""
    dh: tuple[DhParameters, ...] = ()
    dh_bits: int | None = None
    """Of the shortest prime; None where no suite with Diffie-Hellman over a finite field was accepted."""
    rsa_export_bits: int | None = None
    """Of a temporary RSA key (RFC 2246 §7.4.3), where a suite uses one."""
    asked: dict[str, Asked] = field(default_factory=dict)
    open: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By version: groups that could not be isolated, because the server selects the curve of its key (RFC 8422 §5.1)
    whenever it is offered, as it has to be. Whether or not it has them, they are negotiated with no client."""
    reasons: dict[str, str] = field(default_factory=dict)
    """By version: why groups are open, or why the question could not be answered to the end."""
