"""Which encryption types a Kerberos KDC would use."""

from typing import ClassVar, Literal

from msgspec import field

from scanner.model import Observation

Answer = Literal["accepted", "refused", "unknown"]


class Kerberos(Observation, frozen=True, kw_only=True):
    """What the ticket-granting service of one realm accepts, as far as a stranger can ask."""

    needs_tls = False
    protocols: ClassVar[frozenset[str]] = frozenset({"kerberos", "kerberos-tcp"})

    realm: str = ""
    """Empty: not known."""
    principal: str = ""
    """For which was asked: every realm has it. Whether other principals have weaker keys cannot be asked."""
    encryption_types: dict[str, Answer]
    """By IANA name, each asked for alone: `accepted` when the KDC would go on with it, `refused` by ETYPE_NOSUPP."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Encryption type → why it is unknown."""
