"""Whether a server wants a certificate of its clients."""

from typing import Literal

from msgspec import field

from scanner.model import Observation

Wanted = Literal["none", "requested", "required", "unknown"]


class ClientAuthentication(Observation, frozen=True, kw_only=True):
    """`requested`: the handshake succeeds without one; what the application then says is another matter."""

    wanted: dict[str, Wanted]
    """By version."""
    authorities: tuple[str, ...] = ()
    """Names of the authorities whose certificates are acceptable; none given: any."""
    reasons: dict[str, str] = field(default_factory=dict)
    """By version: why it is unknown, or what shows that it is required."""
