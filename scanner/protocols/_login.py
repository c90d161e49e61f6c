"""One login before TLS, as nobody: proof of what a server only claims by what it offers.

It is not asked where the offer is proof itself, `AUTH=PLAIN` before TLS: the answer could not change the verdict, would
come after the server's delay for failed logins (Dovecot's is 2 s, and more for each further one from an address), and
would count towards shutting the scanner out. It is asked in all other cases: a server that demands TLS says so at once,
without a look at the name, so only the defect that was to be found is slow to answer.
"""

from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from scanner.model import AskFailedError
from scanner.observations.cleartext import Credentials

UNUSED_NAME = "tlsassay-unused-name"
UNUSED_PASSWORD = "tlsassay-unused-password"  # noqa: S105 - nobody's
PLAIN_RESPONSE = b64encode(f"\0{UNUSED_NAME}\0{UNUSED_PASSWORD}".encode()).decode("ascii")
"""Of the SASL mechanism PLAIN (RFC 4616 §2)."""

REVEALING = frozenset({"PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2"})
"""SASL mechanisms that send the password, or a token as good as one, to whoever listens (RFC 4616 §6, RFC 7628 §4)."""


@dataclass(frozen=True)
class Claim:
    """What a server's offer says about credentials before TLS."""

    credentials: Credentials
    how: str
    proven: bool = False
    """Nothing that a login is answered with could say otherwise."""


async def settle(
    claim: Claim, passive: bool, log_in: Callable[[], Awaitable[tuple[Credentials, str]]]
) -> tuple[Credentials, str]:
    """The verdict and what shows it. An answer that does not tell (`unknown`), or none, leaves the claim as it is."""
    if claim.proven:
        return claim.credentials, claim.how
    if passive:
        asked = "; not asked: a login before TLS is an active question (--passive)"
        return claim.credentials, claim.how + (asked if claim.credentials == "unknown" else "")
    try:
        answer, words = await log_in()
    except AskFailedError as error:
        return claim.credentials, f"{claim.how}; a login as an unused name was not answered: {error}"
    return claim.credentials if answer == "unknown" else answer, f"{claim.how}; {words}"
