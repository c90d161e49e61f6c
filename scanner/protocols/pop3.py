"""POP3 (RFC 1939), which reaches TLS by STLS (RFC 2595)."""

import re
from functools import partial

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol
from scanner.protocols._login import REVEALING, UNUSED_NAME, UNUSED_PASSWORD, Claim, settle
from scanner.wire.pop3 import Response, decode_listing, decode_response
from scanner.wire.text import printable

_DEMANDS_TLS = re.compile(rb"\b(tls|ssl|stls|starttls|encrypt\w*|under a layer)\b", re.IGNORECASE)
"""POP3 has no response code for it: the words of Dovecot ("non-secure (SSL/TLS)"), Courier and Cyrus."""


async def _greet(connection: Connection) -> Response:
    """The greeting. Raises AskFailedError, also when the server will not talk."""
    greeting = await connection.read(decode_response)
    if not greeting.ok:
        raise AskFailedError(FailureKind.CLOSED_EARLY, f"greeted with '{printable(greeting.status, 128)}'")
    return greeting


async def upgrade(connection: Connection) -> None:
    """STLS (RFC 2595 §4). Raises AskFailedError."""
    await _greet(connection)
    connection.send(b"STLS\r\n")
    response = await connection.read(decode_response)
    if not response.ok:
        said = printable(response.status, 128)
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, f"STLS was answered with '{said}'")


async def converse(connection: Connection, _endpoint: Endpoint, passive: bool) -> Cleartext:
    """Greeting and CAPA; unless `passive`, or a login is offered before TLS, USER as nobody. Raises AskFailedError."""
    greeting = await _greet(connection)
    connection.send(b"CAPA\r\n")
    response = await connection.read(decode_listing)
    listed = tuple(line.decode("ascii", "backslashreplace").upper() for line in response.lines)
    credentials, how = await settle(_claim(response, listed), passive, partial(_log_in, connection))
    connection.send(b"QUIT\r\n")
    return Cleartext(
        speaks="pop3",
        banner=printable(greeting.status),
        tls_offered="STLS" in listed if response.ok else None,
        credentials=credentials,
        how=how,
        capabilities=tuple(printable(line, 128) for line in listed),
    )


def _claim(response: Response, listed: tuple[str, ...]) -> Claim:
    """RFC 2449 §6.2 and §6.3: USER, and SASL with its mechanisms."""
    if not response.ok:  # RFC 1939 knows no CAPA
        return Claim("unknown", f"CAPA was answered with '{printable(response.status, 80)}'")
    mechanisms = {word for line in listed if line.startswith("SASL ") for word in line.split()[1:]}
    offered = ["USER"] if "USER" in listed else []
    offered += [f"SASL {name}" for name in sorted(REVEALING & mechanisms)]
    if offered:
        return Claim("accepted", f"{', '.join(offered)} offered before TLS", proven=True)
    return Claim("refused", "neither USER nor a plaintext SASL mechanism offered before TLS")


async def _log_in(connection: Connection) -> tuple[Credentials, str]:
    """USER, and PASS if that is asked for, as a user who does not exist. Raises AskFailedError."""
    for command in (f"USER {UNUSED_NAME}", f"PASS {UNUSED_PASSWORD}"):
        connection.send(f"{command}\r\n".encode())
        response = await connection.read(decode_response)
        words = f"{command[:4]} for an unused name was answered with '{printable(response.status, 120)}'"
        failing = response.text[:5].upper() == b"[SYS/"  # RFC 3206 §4: of its own accord, whatever the words say
        if not response.ok and not failing and _DEMANDS_TLS.search(response.text):
            return "refused", words
        if not response.ok and command.startswith("USER"):
            return "unknown", words  # RFC 1939 §7: also "never heard of" is said so
    return "accepted", words


PROTOCOL = Protocol(
    port=110,
    reach_tls=ReachTls.UPGRADE,
    upgrade=upgrade,
    converse=converse,
    speaks=re.compile(rb"\+OK\b"),
    starttls="pop3",
    reproduce=rf"printf 'CAPA\r\nUSER {UNUSED_NAME}\r\nQUIT\r\n' | nc {{address}} {{port}}",
    active=f"unless CAPA offers a login before TLS, USER {UNUSED_NAME}, and PASS {UNUSED_PASSWORD} if that is taken",
)
