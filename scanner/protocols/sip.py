"""SIP over TCP in plaintext (RFC 3261)."""

import re
import secrets

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol
from scanner.wire import sip
from scanner.wire.sip import Response
from scanner.wire.text import printable

UNUSED_NAME = "tlsassay-unused-name"
MAX_PROVISIONAL = 10
"""Responses that only say that another follows (RFC 3261 §21.1)."""
_MENTIONS_TLS = re.compile(rb"\b(TLS|SIPS)\b", re.IGNORECASE)
SECURITY_AGREEMENT_REQUIRED = 494
"""RFC 3329 §2.3.1."""


async def converse(connection: Connection, endpoint: Endpoint, passive: bool) -> Cleartext:
    """OPTIONS, and unless `passive` a REGISTER that binds nothing as nobody. Raises AskFailedError."""
    options = await _ask(connection, endpoint, "OPTIONS")
    credentials: Credentials = "unknown"
    how = "not asked: a REGISTER before TLS is an active question (--passive)"
    if (asked_for := _challenge(options)) is not None:
        credentials, how = "accepted", f"{asked_for} already for OPTIONS"
    elif not passive:
        credentials, how = _credentials(await _ask(connection, endpoint, "REGISTER"))
    server = b", ".join((*options.values("server"), *options.values("user-agent")))
    methods = b",".join(options.values("allow")).split(b",")
    return Cleartext(
        speaks="sip",
        banner=printable(b"SIP/2.0 " + options.text + (b", " + server if server else b"")),
        credentials=credentials,
        how=how,
        capabilities=tuple(printable(one.strip(), 64) for one in methods[:100] if one.strip()),
    )


async def _ask(connection: Connection, endpoint: Endpoint, method: str) -> Response:
    """The final response to a request. Raises AskFailedError."""
    host = f"[{endpoint.identity}]" if ":" in endpoint.identity else endpoint.identity
    connection.send(sip.request(method, host, UNUSED_NAME, secrets.token_hex(8)))
    for _ in range(MAX_PROVISIONAL):
        response = await connection.read(sip.decode_response)
        if response.status >= 200:
            return response
    raise AskFailedError(FailureKind.MALFORMED, f"more than {MAX_PROVISIONAL} provisional responses")


def _credentials(answer: Response) -> tuple[Credentials, str]:
    """A challenge in the clear is answered in the clear: a digest, from which a weak password can be guessed."""
    how = f"a REGISTER that binds nothing, as an unused name, was answered with '{printable(answer.text, 80)}'"
    if (asked_for := _challenge(answer)) is not None:
        return "accepted", f"{how}: {asked_for}"
    if answer.status == SECURITY_AGREEMENT_REQUIRED or (answer.status >= 300 and _demands_tls(answer)):
        return "refused", how
    if answer.status == 200:
        return "accepted", f"{how}: there is no authentication"
    # whoever takes no REGISTER (405, 501) may well ask for credentials before a call, which is not tried
    return "unknown", f"{how}, which does not tell"


def _challenge(answer: Response) -> str | None:
    """What is asked for, if credentials are."""
    challenges = (*answer.values("www-authenticate"), *answer.values("proxy-authenticate"))
    if answer.status not in {401, 407} or not challenges:
        return None
    return f"{printable(challenges[0].split(b' ', 1)[0], 20)} credentials are asked for"


def _demands_tls(answer: Response) -> bool:
    """In its reason, or by where it redirects to."""
    return _MENTIONS_TLS.search(answer.reason) is not None or (
        answer.status < 400 and any(b"sips:" in contact.lower() for contact in answer.values("contact"))
    )


PROTOCOL = Protocol(
    port=5060,
    reach_tls=ReachTls.NEVER,
    converse=converse,
    speaks=re.compile(rb"SIP/2\.0 [1-6]\d\d "),
    reproduce=(
        r"printf 'REGISTER sip:%s SIP/2.0\r\nVia: SIP/2.0/TCP tlsassay.invalid;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
        rf"From: <sip:{UNUSED_NAME}@%s>;tag=1\r\nTo: <sip:{UNUSED_NAME}@%s>\r\nCall-ID: 1@tlsassay.invalid\r\n"
        r"CSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n' {host} {host} {host} | nc -w 3 {address} {port}"
    ),
    active=f"a REGISTER without a contact, which binds nothing, as {UNUSED_NAME}",
)
