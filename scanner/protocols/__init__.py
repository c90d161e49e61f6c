"""How each protocol reaches TLS and what is said before it, one file each; the file name is the URL scheme.

A protocol module defines one value, `PROTOCOL`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from scanner import registry
from scanner.model import ReachTls, Transport

if TYPE_CHECKING:
    import re

    from scanner.model import Endpoint
    from scanner.net.dial import Connection
    from scanner.observations.cleartext import Cleartext
    from scanner.observations.upgrade import Advertised


@dataclass(frozen=True, kw_only=True)
class Injected:
    """A harmless command that is sent behind the one that asks for TLS, in the same segment (CVE-2011-0411)."""

    first: bytes
    """What `upgrade` sends to ask for TLS."""
    command: bytes
    what: str
    """Both in words."""
    answered: "Callable[[Connection], Awaitable[bytes]]"
    """Inside TLS, what the server says to the command; nothing if it does not. Has to ask something itself, so that
    it need not wait for an answer that does not come."""
    before: tuple[bytes, ...] = ()
    """What `upgrade` sends before `first`."""


@dataclass(frozen=True, kw_only=True)
class Inside:
    """What a protocol is asked inside TLS."""

    look: "Callable[[Connection], Awaitable[Advertised]]"
    """What the server offers; TLS has just begun on the connection."""
    injected: Injected | None = None
    """Only used where TLS is reached by upgrade."""
    reproduce: str = ""
    """A shell command that shows what `look` sees; `{s_client}`, `{numeric}` and `{port}` are filled in."""


Converse = Callable[["Connection", "Endpoint", bool], Awaitable["Cleartext"]]


class AskAgainError(Exception):
    """Raised by `converse` where only a fresh connection can tell more: in another version, or inside TLS."""

    def __init__(self, converse: Converse) -> None:
        self.converse = converse
        super().__init__("to be asked again on a fresh connection")


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """What the scanner knows of one protocol."""

    port: int | None
    """Default port; None: the URL has to name one."""
    reach_tls: ReachTls
    transport: Transport = "tcp"
    knock: "Callable[[Endpoint], bytes] | None" = None
    """Over UDP: a question that a server answers, which alone shows that there is one; None: an empty datagram."""
    upgrade: "Callable[[Connection], Awaitable[None]] | None" = None
    """For `ReachTls.UPGRADE`: from a fresh connection to where the ClientHello may be sent.

    Raises AskFailedError(UPGRADE_REFUSED) when the server declines."""
    converse: Converse | None = None
    """Ask on a fresh connection what is offered in the clear; the third argument is `passive`.

    Raises AskFailedError, and AskAgainError once."""
    offers_apart: bool = False
    """Whether it takes a connection of its own, and `upgrade`, to learn if TLS is offered: asking ends the clear."""
    inside: Inside | None = None
    """What is asked inside TLS."""
    speaks: "re.Pattern[bytes] | None" = None
    """Recognises the server's first bytes."""
    starttls: str = ""
    """Name of the protocol in `openssl s_client -starttls NAME`."""
    without_s_client: str = ""
    """A command that shows what TLS there is, where `openssl s_client` does not get to it; filled in as `reproduce`."""
    reproduce: str = ""
    """A shell command that shows the conversation in the clear; `{host}`, `{address}` and `{port}` are filled in."""
    alpn: tuple[str, ...] = field(default=())
    twins: tuple[str, ...] = ()
    """URL schemes of the same service in plaintext, or with an upgrade: `imap` of `imaps`. For those with TLS only."""
    tls_instead: bool = False
    """Whether its servers may begin with TLS on the same port instead, which is then declared as `tls`."""
    active: str = ""
    """What is sent besides what any client says, unless `passive`: for the documentation."""


@cache
def protocol(scheme: str) -> Protocol:
    """The protocol of a URL scheme. Raises KeyError for an unknown one."""
    if scheme not in registry.identifiers("protocols"):
        raise KeyError(scheme)
    found = registry.load("protocols", scheme.replace("-", "_")).PROTOCOL
    assert isinstance(found, Protocol)  # noqa: S101 - a contract of the folder, also tested
    return found
