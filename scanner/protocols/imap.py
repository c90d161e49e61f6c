"""IMAP (RFC 9051), which reaches TLS by STARTTLS."""

import re
from functools import partial

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol
from scanner.wire.imap import capabilities, decode_greeting, decode_response
from scanner.wire.text import printable

_PLAINTEXT_MECHANISMS = {"AUTH=PLAIN", "AUTH=LOGIN"}


async def upgrade(connection: Connection) -> None:
    """STARTTLS (RFC 9051 §6.2.1). Raises AskFailedError."""
    await connection.read(decode_greeting)
    connection.send(b"t1 STARTTLS\r\n")
    response = await connection.read(partial(decode_response, tag=b"t1"))
    if response.condition != "OK":
        said = printable(f"{response.condition} ".encode() + response.text, 128)
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, f"STARTTLS was answered with '{said}'")


async def converse(connection: Connection, _endpoint: Endpoint, _passive: bool) -> Cleartext:
    """Greeting and CAPABILITY; whether LOGIN works before TLS is in what they list. Raises AskFailedError."""
    greeting = await connection.read(decode_greeting)
    banner = printable(b"* " + greeting.condition.encode() + b" " + greeting.text)
    if greeting.condition == "BYE":
        raise AskFailedError(FailureKind.CLOSED_EARLY, f"greeted with '{printable(banner, 128)}'")
    connection.send(b"c1 CAPABILITY\r\n")
    response = await connection.read(partial(decode_response, tag=b"c1"))
    listed = capabilities((*response.untagged, greeting.text))
    connection.send(b"c2 LOGOUT\r\n")
    credentials, how = _credentials(greeting.condition, listed)
    return Cleartext(
        speaks="imap",
        banner=banner,
        tls_offered="STARTTLS" in listed if listed else None,
        credentials=credentials,
        how=how,
        capabilities=tuple(printable(word, 64) for word in listed),
    )


def _credentials(condition: str, listed: tuple[str, ...]) -> tuple[Credentials, str]:
    """RFC 9051 §6.2.3 and §7.2.2: LOGINDISABLED, and SASL mechanisms that send the password."""
    if condition == "PREAUTH":
        return "accepted", "PREAUTH greeting: the session is logged in without TLS (RFC 9051 §7.1.4)"
    if not listed:
        return "unknown", "the server listed no capabilities"
    mechanisms = sorted(_PLAINTEXT_MECHANISMS.intersection(listed))
    if mechanisms:
        return "accepted", f"{' and '.join(mechanisms)} offered before TLS"
    if "LOGINDISABLED" in listed:
        return "refused", "LOGINDISABLED, and no plaintext SASL mechanism"
    return "accepted", "LOGIN is not disabled (no LOGINDISABLED)"


PROTOCOL = Protocol(
    port=143,
    reach_tls=ReachTls.UPGRADE,
    upgrade=upgrade,
    converse=converse,
    speaks=re.compile(rb"\* (OK|PREAUTH|BYE)", re.IGNORECASE),
    starttls="imap",
    reproduce=r"printf 'c1 CAPABILITY\r\nc2 LOGOUT\r\n' | nc {address} {port}",
)
