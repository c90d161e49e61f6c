"""Which versions of the protocol a server negotiates."""

from typing import Literal

from msgspec import field

from scanner.model import Observation

Answer = Literal["accepted", "refused", "unknown"]


class TlsVersions(Observation, frozen=True, kw_only=True):
    """One answer for each version asked; what is missing was not asked."""

    versions: dict[str, Answer]
    """`SSLv2`, `SSLv3`, `TLSv1.0`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3` → answer."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Why an answer is `unknown`, or how it was come by where no alert to a hello of that version said it."""
