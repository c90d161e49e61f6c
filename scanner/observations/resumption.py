"""Whether and how sessions can be resumed."""

from typing import Literal

from msgspec import field

from scanner.model import Observation

Resumed = Literal["resumed", "refused", "not offered", "unknown"]


class Resumption(Observation, frozen=True, kw_only=True):
    """What is missing was not asked: the server does not accept the version."""

    tickets: dict[str, Resumed] = field(default_factory=dict)
    """By version: a session ticket (RFC 5077) or, in TLS 1.3, a pre-shared key (RFC 8446 §2.2). `not offered`: none
    was sent."""
    session_ids: dict[str, Resumed] = field(default_factory=dict)
    """By version up to TLS 1.2: a session ID (RFC 5246 §7.3)."""
    ticket_lifetimes: dict[str, int] = field(default_factory=dict)
    """By version, in seconds."""
    early_data: bool | None = None
    """TLS 1.3: whether the server accepted 0-RTT data (RFC 8446 §2.3); None: not asked, or not known."""
    max_early_data: int | None = None
    """Bytes that its ticket promises to take."""
    reasons: dict[str, str] = field(default_factory=dict)
    """By version: why something is unknown."""
