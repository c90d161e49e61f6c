"""HTTP in plaintext (RFC 9112)."""

import re
from typing import TYPE_CHECKING

from scanner.model import Endpoint, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext
from scanner.protocols import Protocol
from scanner.wire.text import printable

if TYPE_CHECKING:
    import httpx

USER_AGENT = "tlsassay (TLS compliance scanner)"
MAX_URL = 2048
_BASIC = re.compile(r"(?:^|,)\s*basic(?:[\s,]|$)", re.IGNORECASE)
"""RFC 9110 §11.6.1: challenges are listed with commas, each begins with its scheme."""


async def converse(connection: Connection, endpoint: Endpoint, _passive: bool) -> Cleartext:
    """GET / and look at the headers alone: where it redirects, whether it asks for a password.

    Raises AskFailedError.
    """
    import httpx  # noqa: PLC0415 - a third of a cold start, for this protocol only

    from scanner.net.http import OneConnection  # noqa: PLC0415 - likewise

    url = httpx.URL(scheme="http", host=endpoint.identity, port=endpoint.port, path="/")
    headers = {"user-agent": USER_AGENT, "accept": "*/*", "connection": "close"}
    # Not by a client: that one chokes on a Location that is no URL, even where it need not follow.
    answer = await OneConnection(connection).handle_async_request(httpx.Request("GET", url, headers=headers))
    await answer.aclose()
    location = answer.headers.get("location")
    challenge = answer.headers.get("www-authenticate", "")
    server = answer.headers.get("server", "")
    basic = answer.status_code == httpx.codes.UNAUTHORIZED and _BASIC.search(challenge) is not None
    return Cleartext(
        speaks="http",
        banner=printable(f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}" + (f", {server}" if server else "")),
        credentials="accepted" if basic else "none",
        how="a Basic challenge in the clear (401)" if basic else "",
        status=answer.status_code,
        redirect=_target(url, location) if location and 300 <= answer.status_code < 400 else None,
    )


def _target(url: "httpx.URL", location: str) -> str:
    """Where a Location header leads (RFC 9110 §10.2.2), absolute; as it stands when it is no URL."""
    import httpx  # noqa: PLC0415 - as above

    try:
        return printable(str(url.join(location)), MAX_URL)
    except httpx.InvalidURL:
        return printable(location, MAX_URL)


PROTOCOL = Protocol(
    port=80,
    reach_tls=ReachTls.NEVER,
    converse=converse,
    speaks=re.compile(rb"HTTP/1\.[01] "),
    reproduce="curl -sSI --connect-to ::{numeric}:{port} http://{host}:{port}/",
)
