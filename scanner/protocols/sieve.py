"""ManageSieve (RFC 5804), which reaches TLS by STARTTLS."""

import re
from functools import partial

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol
from scanner.protocols._login import PLAIN_RESPONSE, REVEALING, UNUSED_NAME, Claim, settle
from scanner.wire.sieve import Response, decode_response, decode_strings
from scanner.wire.text import printable


async def _greet(connection: Connection) -> Response:
    """The greeting, which lists the capabilities. Raises AskFailedError, also when the server will not talk."""
    greeting = await connection.read(decode_response)
    if greeting.result.condition != "OK":
        said = printable(greeting.result.text, 128)
        raise AskFailedError(FailureKind.CLOSED_EARLY, f"greeted with '{said}'")
    return greeting


async def upgrade(connection: Connection) -> None:
    """STARTTLS (RFC 5804 §2.2). Raises AskFailedError."""
    await _greet(connection)
    connection.send(b"STARTTLS\r\n")
    result = (await connection.read(decode_response)).result
    if result.condition != "OK":
        said = printable(result.text, 128)
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, f"STARTTLS was answered with '{said}'")


async def converse(connection: Connection, _endpoint: Endpoint, passive: bool) -> Cleartext:
    """The greeting; unless `passive`, or a plaintext SASL mechanism is offered, AUTHENTICATE as nobody.

    Raises AskFailedError.
    """
    greeting = await _greet(connection)
    named = [(line[0].decode("ascii", "backslashreplace").upper(), line[1:]) for line in greeting.lines]
    listed = dict(reversed(named))  # the first of two counts
    credentials, how = await settle(_claim(listed.get("SASL")), passive, partial(_log_in, connection))
    connection.send(b"LOGOUT\r\n")
    implementation = b" ".join(listed.get("IMPLEMENTATION", ()))
    return Cleartext(
        speaks="sieve",
        banner=printable(implementation or greeting.result.text),
        tls_offered="STARTTLS" in listed if listed else None,
        credentials=credentials,
        how=how,
        capabilities=tuple(
            printable(" ".join((name, *(value.decode("utf-8", "backslashreplace") for value in values))), 128)
            for name, values in named
        ),
    )


def _claim(sasl: tuple[bytes, ...] | None) -> Claim:
    """RFC 5804 §1.7: SASL lists the mechanisms, none before TLS where that is needed."""
    if sasl is None:
        return Claim("unknown", "the server lists no SASL capability")
    offered = sorted(REVEALING.intersection(b" ".join(sasl).decode("ascii", "backslashreplace").upper().split()))
    if offered:
        return Claim("accepted", f"SASL {' and '.join(offered)} offered before TLS", proven=True)
    return Claim("refused", "no plaintext SASL mechanism offered before TLS")


async def _log_in(connection: Connection) -> tuple[Credentials, str]:
    """AUTHENTICATE with PLAIN as a user who does not exist (RFC 5804 §1.3 and §2.1). Raises AskFailedError."""
    connection.send(f'AUTHENTICATE "PLAIN" "{PLAIN_RESPONSE}"\r\n'.encode())
    answer = await connection.read(decode_strings)
    words = f"AUTHENTICATE as an unused name was answered with '{printable(answer.text, 120)}'"
    if answer.condition in {"", "OK"} or answer.code == "TRANSITION-NEEDED":
        return "accepted", words  # a string asks for more of the credentials; who has to change, was looked up
    return "refused" if answer.code == "ENCRYPT-NEEDED" else "unknown", words


PROTOCOL = Protocol(
    port=4190,
    reach_tls=ReachTls.UPGRADE,
    upgrade=upgrade,
    converse=converse,
    speaks=re.compile(rb'"(IMPLEMENTATION|SIEVE|SASL|VERSION)" "', re.IGNORECASE),
    starttls="sieve",
    reproduce=(rf"""printf 'AUTHENTICATE "PLAIN" "{PLAIN_RESPONSE}"\r\nLOGOUT\r\n' | nc {{address}} {{port}}"""),
    active=f"unless a plaintext mechanism is offered before TLS, AUTHENTICATE PLAIN as {UNUSED_NAME}",
)
