"""IMAP (RFC 9051), which reaches TLS by STARTTLS."""

import re
from functools import partial

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.observations.upgrade import Advertised
from scanner.protocols import Injected, Inside, Protocol
from scanner.protocols._login import REVEALING, UNUSED_NAME, UNUSED_PASSWORD, Claim, settle
from scanner.wire.imap import capabilities, decode_greeting, decode_response, response_code
from scanner.wire.text import printable

_STARTTLS = b"t1 STARTTLS\r\n"
_LOOKED_AT = {"AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED"}
"""Response codes of a server that checked the password (RFC 5530 §3)."""


async def upgrade(connection: Connection) -> None:
    """STARTTLS (RFC 9051 §6.2.1). Raises AskFailedError."""
    greeting = await connection.read(decode_greeting)
    if greeting.condition == "BYE":
        raise AskFailedError(FailureKind.CLOSED_EARLY, f"greeted with 'BYE {printable(greeting.text, 128)}'")
    connection.send(_STARTTLS)
    response = await connection.read(partial(decode_response, tag=b"t1"))
    if response.condition != "OK":
        said = printable(f"{response.condition} ".encode() + response.text, 128)
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, f"STARTTLS was answered with '{said}'")


async def converse(connection: Connection, _endpoint: Endpoint, passive: bool) -> Cleartext:
    """Greeting and CAPABILITY; unless `passive`, or a plaintext mechanism is offered, LOGIN as nobody.

    Raises AskFailedError.
    """
    greeting = await connection.read(decode_greeting)
    banner = printable(b"* " + greeting.condition.encode() + b" " + greeting.text)
    if greeting.condition == "BYE":
        raise AskFailedError(FailureKind.CLOSED_EARLY, f"greeted with '{printable(banner, 128)}'")
    connection.send(b"c1 CAPABILITY\r\n")
    response = await connection.read(partial(decode_response, tag=b"c1"))
    listed = capabilities((*response.untagged, greeting.text))
    credentials, how = await settle(_claim(greeting.condition, listed), passive, partial(_log_in, connection))
    connection.send(b"c3 LOGOUT\r\n")
    return Cleartext(
        speaks="imap",
        banner=banner,
        tls_offered="STARTTLS" in listed if listed else None,
        credentials=credentials,
        how=how,
        capabilities=tuple(printable(word, 64) for word in listed),
    )


def _claim(condition: str, listed: tuple[str, ...]) -> Claim:
    """RFC 9051 §6.2.3 and §7.2.2: LOGINDISABLED, and SASL mechanisms that send the password or a token."""
    if condition == "PREAUTH":
        how = "PREAUTH greeting: the session is logged in without TLS (RFC 9051 §7.1.4)"
        return Claim("accepted", how, proven=True)
    if not listed:
        return Claim("unknown", "the server listed no capabilities")
    mechanisms = sorted({f"AUTH={name}" for name in REVEALING}.intersection(listed))
    if mechanisms:
        return Claim("accepted", f"{' and '.join(mechanisms)} offered before TLS", proven=True)
    if "LOGINDISABLED" in listed:
        return Claim("refused", "LOGINDISABLED, and no plaintext SASL mechanism")
    return Claim("accepted", "LOGIN is not disabled (no LOGINDISABLED)")


async def _log_in(connection: Connection) -> tuple[Credentials, str]:
    """LOGIN as a user who does not exist; the response code is the answer (RFC 5530 §3). Raises AskFailedError."""
    connection.send(f"c2 LOGIN {UNUSED_NAME} {UNUSED_PASSWORD}\r\n".encode())
    response = await connection.read(partial(decode_response, tag=b"c2"))
    said = printable(response.condition.encode() + b" " + response.text, 120)
    words = f"LOGIN as an unused name was answered with '{said}'"
    code = response_code(response.text)
    if response.condition == "OK" or code in _LOOKED_AT:
        return "accepted", words
    return "refused" if code == "PRIVACYREQUIRED" else "unknown", words


async def look(connection: Connection) -> Advertised:
    """CAPABILITY, inside TLS: STARTTLS should not be there again (RFC 9051 §6.2.1). Raises AskFailedError."""
    connection.send(b"c1 CAPABILITY\r\n")
    response = await connection.read(partial(decode_response, tag=b"c1"))
    connection.send(b"c2 LOGOUT\r\n")
    listed = capabilities((*response.untagged, response.text))
    shown = tuple(printable(word, 64) for word in listed)
    return Advertised(
        capabilities=shown,
        mechanisms=tuple(word for word in shown if word.startswith("AUTH=")),
        tls_offered="STARTTLS" in listed if listed else None,
        how="" if listed else f"CAPABILITY was answered with {response.condition} and no list",
    )


async def answered(connection: Connection) -> bytes:
    """What is said to the NOOP behind STARTTLS, before the answer to LOGOUT. Raises AskFailedError."""
    connection.send(b"c2 LOGOUT\r\n")
    try:
        lines = (await connection.read(partial(decode_response, tag=b"c2"))).untagged
    except AskFailedError as error:  # a server may leave LOGOUT without a word
        lines = tuple(line for line in error.received.splitlines() if line.startswith(b"i1 "))
        if not lines:
            raise
    return next((line for line in lines if line.startswith(b"i1 ")), b"")


PROTOCOL = Protocol(
    port=143,
    reach_tls=ReachTls.UPGRADE,
    upgrade=upgrade,
    converse=converse,
    inside=Inside(
        look=look,
        injected=Injected(
            first=_STARTTLS, command=b"i1 NOOP\r\n", what="STARTTLS, and NOOP behind it", answered=answered
        ),
        reproduce=r"(sleep 1; printf 'c1 CAPABILITY\r\nc2 LOGOUT\r\n'; sleep 1) | {s_client} -quiet",
    ),
    speaks=re.compile(rb"\* (OK|PREAUTH|BYE)", re.IGNORECASE),
    starttls="imap",
    reproduce=(
        rf"printf 'c1 CAPABILITY\r\nc2 LOGIN {UNUSED_NAME} {UNUSED_PASSWORD}\r\nc3 LOGOUT\r\n'"
        " | nc {address} {port}"
    ),
    active=f"unless a plaintext mechanism is offered before TLS, LOGIN as {UNUSED_NAME}",
)
