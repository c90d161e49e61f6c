"""What a server shows to clients that ask for it by name, by none, and by one that it cannot know."""

from typing import Literal

from msgspec import Struct

from scanner.model import Observation


class Shown(Struct, frozen=True, kw_only=True):
    """The answer to one name."""

    outcome: Literal["accepted", "declined", "unknown"]
    how: str = ""
    """The alert, or why there is no answer."""
    sha256: str = ""
    """Of the leaf certificate, hexadecimal."""


class ServerNames(Observation, frozen=True, kw_only=True):
    """The same hello each time but for the name in SNI (RFC 6066 §3)."""

    with_name: Shown | None = None
    """The endpoint's own; None: it has none, being declared by its address."""
    without_name: Shown
    unknown_name: Shown
    required: bool | None = None
    """Whether a client that names nobody is turned away, while one that names the endpoint is not."""
    differs: bool | None = None
    """Whether another certificate is shown without the name, or to the unknown name."""
