"""Which signature schemes a server signs its handshakes with."""

from msgspec import field

from scanner.model import Observation


class SignatureSchemes(Observation, frozen=True, kw_only=True):
    """Schemes by their IANA names, those of TLS 1.2 that TLS 1.3 has no name for as `rsa_pkcs1_sha224`, `dsa_sha256`,
    …"""

    schemes: dict[str, tuple[str, ...]]
    """By version (TLS 1.2 and 1.3: older ones do not negotiate it). What is missing was refused, unless `reasons` says
    more."""
    reasons: dict[str, str] = field(default_factory=dict)
    """By version: why the question could not be answered to the end."""
