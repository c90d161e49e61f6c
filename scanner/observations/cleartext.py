"""What the server says and accepts before any TLS."""

from typing import Literal

from scanner.model import Observation

Credentials = Literal["accepted", "refused", "none", "unknown"]


class Cleartext(Observation, frozen=True, kw_only=True):
    """The conversation in the clear, as far as it goes without a credential."""

    needs_tls = False

    speaks: str
    """A protocol name, `tls` where the first bytes had to be TLS, or `unknown`."""
    banner: str = ""
    """First words of the server; control characters are escaped."""
    tls_offered: bool | None = None
    """Whether an upgrade to TLS is offered; None: the protocol has no upgrade, or it could not be asked."""
    credentials: Credentials = "none"
    """`accepted` before TLS, `refused`, `none` to give, or `unknown` with the reason in `how`."""
    how: str = ""
    """What shows the state of `credentials`."""
    capabilities: tuple[str, ...] = ()
    status: int | None = None
    """HTTP status code."""
    redirect: str | None = None
    """HTTP: where the answer redirects to."""
