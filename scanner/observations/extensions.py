"""What a server answers to the extensions it is offered."""

from msgspec import Struct, field

from scanner.model import Observation


class OcspStaple(Struct, frozen=True, kw_only=True):
    """An OCSP response that came with a certificate (RFC 6066 §8); whether it is signed rightly is not looked at."""

    status: str
    """`good`, `revoked`, `unknown`, the response's own error, or `malformed`."""
    this_update: str = ""
    """RFC 3339, UTC."""
    next_update: str = ""
    serial: str = ""
    """Of the certificate it is about, hexadecimal."""


class Extensions(Observation, frozen=True, kw_only=True):
    """True or false as seen; None where no answer could have shown it, with the reason in `reasons`."""

    alpn: tuple[str, ...] = ()
    """Application protocols selected (RFC 7301)."""
    extended_master_secret: bool | None = None
    """RFC 7627, up to TLS 1.2."""
    encrypt_then_mac: bool | None = None
    """RFC 7366; only an answer with a CBC suite shows it."""
    secure_renegotiation: bool | None = None
    """RFC 5746, up to TLS 1.2."""
    session_tickets: bool | None = None
    """RFC 5077, up to TLS 1.2."""
    heartbeat: bool | None = None
    """RFC 6520."""
    compression: bool | None = None
    """Whether DEFLATE (RFC 3749) was selected."""
    ocsp_staple: OcspStaple | None = None
    stapled: bool | None = None
    """Whether any answer had an OCSP response."""
    scts: int | None = None
    """Signed certificate timestamps sent by TLS (RFC 6962 §3.3.1), not counting those inside certificates."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Field → why it is None, or unfinished."""
