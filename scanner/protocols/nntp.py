"""NNTP (RFC 3977), which reaches TLS by STARTTLS (RFC 4642)."""

import re
from functools import partial

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol
from scanner.protocols._login import REVEALING, UNUSED_NAME
from scanner.wire.nntp import Response, capabilities, decode_response
from scanner.wire.text import printable

_WELCOME = {200, 201}
"""Posting allowed or not (RFC 3977 §5.1 and §5.3)."""
_ELSEWHERE = {401, 500, 502, 503}
"""Answers of a server for peers, which serves readers after MODE READER alone (RFC 3977 §3.4.2)."""


async def _greet(connection: Connection) -> Response:
    """The greeting. Raises AskFailedError, also when the server will not talk to this host."""
    greeting = await connection.read(decode_response)
    if greeting.code not in _WELCOME:
        raise AskFailedError(FailureKind.CLOSED_EARLY, f"greeted with '{printable(greeting.text, 128)}'")
    return greeting


async def _command(connection: Connection, command: str, block: int | None = None) -> Response:
    connection.send(command.encode() + b"\r\n")
    return await connection.read(partial(decode_response, block=block))


async def upgrade(connection: Connection) -> None:
    """STARTTLS (RFC 4642 §2.2), after MODE READER where that has to come first. Raises AskFailedError."""
    await _greet(connection)
    response = await _command(connection, "STARTTLS")
    if response.code in _ELSEWHERE and (await _command(connection, "MODE READER")).code in _WELCOME:
        response = await _command(connection, "STARTTLS")
    if response.code != 382:
        said = printable(response.text, 128)
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, f"STARTTLS was answered with '{said}'")


async def converse(connection: Connection, _endpoint: Endpoint, passive: bool) -> Cleartext:
    """Greeting and CAPABILITIES, and unless `passive` AUTHINFO USER as nobody. Raises AskFailedError."""
    greeting = await _greet(connection)
    listed = capabilities(await _command(connection, "CAPABILITIES", block=101))
    if "MODE-READER" in listed and (await _command(connection, "MODE READER")).code in _WELCOME:
        listed = capabilities(await _command(connection, "CAPABILITIES", block=101))
    credentials, how = _offered(listed)
    if credentials == "unknown" and not passive:
        credentials, how = _credentials(await _command(connection, f"AUTHINFO USER {UNUSED_NAME}"), listed)
    connection.send(b"QUIT\r\n")
    return Cleartext(
        speaks="nntp",
        banner=printable(greeting.text),
        tls_offered="STARTTLS" in listed if listed else None,
        credentials=credentials,
        how=how,
        capabilities=tuple(printable(line, 128) for line in listed),
    )


def _offered(listed: tuple[str, ...]) -> tuple[Credentials, str]:
    """RFC 4643 §2.1: AUTHINFO USER, and SASL mechanisms that send the password, are listed where they may be used."""
    for line in listed:
        words = set(line.split()[1:])
        if (line.startswith("AUTHINFO ") and "USER" in words) or (line.startswith("SASL ") and words & REVEALING):
            return "accepted", f"'{printable(line, 80)}' offered before TLS"
    return "unknown", "not asked: AUTHINFO before TLS is an active question (--passive)"


def _credentials(response: Response, listed: tuple[str, ...]) -> tuple[Credentials, str]:
    """What an answer to AUTHINFO USER says (RFC 4643 §2.3.1)."""
    said = f"AUTHINFO USER before TLS was answered with '{printable(response.text, 100)}'"
    match response.code:
        case 483:
            return "refused", said
        case 281 | 381:
            return "accepted", said
        case 500 if listed:  # one that lists nothing may know it after MODE READER
            return "none", f"the server knows no AUTHINFO: {said}"
    return "unknown", said


PROTOCOL = Protocol(
    port=119,
    reach_tls=ReachTls.UPGRADE,
    upgrade=upgrade,
    converse=converse,
    speaks=re.compile(rb"20[01] [^\n]*(?:NNTP|NNRP|InterNetNews|news|posting)", re.IGNORECASE),
    starttls="nntp",
    reproduce=rf"printf 'CAPABILITIES\r\nAUTHINFO USER {UNUSED_NAME}\r\nQUIT\r\n' | nc {{address}} {{port}}",
    active=f"AUTHINFO USER {UNUSED_NAME}, without a password",
)
