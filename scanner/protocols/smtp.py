"""SMTP between mail servers (RFC 5321), which reaches TLS by STARTTLS (RFC 3207)."""

import re
from functools import partial

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.observations.upgrade import Advertised
from scanner.protocols import Injected, Inside, Protocol
from scanner.protocols._login import PLAIN_RESPONSE, UNUSED_NAME, Claim, settle
from scanner.wire.smtp import Reply, decode_reply
from scanner.wire.text import printable

CLIENT_NAME = "tlsassay.invalid"
"""RFC 6761 §6.4: a name that can be nobody's."""

STARTTLS = b"STARTTLS\r\n"
INSIDE = r"(sleep 1; printf 'EHLO tlsassay.invalid\r\nQUIT\r\n'; sleep 1) | {s_client} -quiet"
"""A shell command that shows what is offered inside TLS."""


def _hello(word: str) -> bytes:
    return f"{word} {CLIENT_NAME}\r\n".encode()


async def _greet(connection: Connection, hello: str) -> tuple[Reply, Reply]:
    """Greeting and the answer to EHLO (`hello`). Raises AskFailedError."""
    greeting = await connection.read(decode_reply)
    if greeting.code != 220:
        raise AskFailedError(FailureKind.CLOSED_EARLY, f"greeted with '{printable(greeting.text, 128)}'")
    connection.send(_hello(hello))
    return greeting, await connection.read(decode_reply)


async def upgrade(connection: Connection, hello: str = "EHLO") -> None:
    """STARTTLS (RFC 3207 §4). Raises AskFailedError."""
    await _greet(connection, hello)
    connection.send(STARTTLS)
    reply = await connection.read(decode_reply)
    if reply.code != 220:
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, f"STARTTLS was answered with '{printable(reply.text, 128)}'")


async def converse(connection: Connection, endpoint: Endpoint, passive: bool, hello: str = "EHLO") -> Cleartext:
    """EHLO, and RSET to see whether anything is done before TLS; unless `passive`, or AUTH is offered, AUTH as nobody.

    Raises AskFailedError.
    """
    greeting, answer = await _greet(connection, hello)
    understood = answer.code == 250
    offered = _extensions(answer)
    connection.send(b"RSET\r\n")
    reset = await connection.read(decode_reply)
    claim = _claim(hello, answer, offered, reset)
    credentials, how = await settle(claim, passive, partial(_log_in, connection))
    connection.send(b"QUIT\r\n")
    return Cleartext(
        speaks=endpoint.protocol,
        banner=printable(greeting.text),
        tls_offered="STARTTLS" in offered if understood else None,
        credentials=credentials,
        how=how,
        capabilities=tuple(printable(line, 128) for line in offered),
    )


def _extensions(hello: Reply) -> tuple[str, ...]:
    """The lines behind the first of an answer to EHLO, upper case (RFC 5321 §4.1.1.1)."""
    lines = hello.lines[1:] if hello.code == 250 else ()
    return tuple(line.decode("ascii", "backslashreplace").upper() for line in lines)


def _claim(hello: str, answer: Reply, offered: tuple[str, ...], reset: Reply) -> Claim:
    """RFC 3207 §4: 530 to all but NOOP, EHLO, STARTTLS and QUIT demands TLS. RFC 4954 §3: AUTH in EHLO."""
    if reset.code == 530:
        return Claim("refused", f"before TLS the server answers '{printable(reset.text, 80)}'")
    mechanisms = [line for line in offered if re.match(r"AUTH[ =] *[^ ]", line)]  # Dovecot's list may be empty
    if mechanisms:
        return Claim("accepted", f"'{printable(mechanisms[0], 80)}' offered before TLS", proven=True)
    if answer.code != 250:
        return Claim("unknown", f"{hello} was answered with '{printable(answer.text, 80)}'")
    return Claim("none", "no AUTH mechanism offered before TLS")


_ANSWERS: dict[int, Credentials] = {
    235: "accepted",
    334: "accepted",  # asks for more of the credentials
    523: "refused",
    524: "refused",
    530: "refused",
    535: "accepted",  # looked at them
    538: "refused",
}
"""To AUTH: RFC 4954 §4 and §6, 538 of RFC 2554 §6, and what IANA registers for X.7.10 and X.7.11 (RFC 5248).

503 and 504 say no more than that EHLO told the truth."""


async def _log_in(connection: Connection) -> tuple[Credentials, str]:
    """AUTH PLAIN as a user who does not exist. Raises AskFailedError."""
    connection.send(f"AUTH PLAIN {PLAIN_RESPONSE}\r\n".encode())
    reply = await connection.read(decode_reply)
    words = f"AUTH as an unused name was answered with '{printable(reply.text, 120)}'"
    return _ANSWERS.get(reply.code, "unknown"), words


async def look(connection: Connection, hello: str = "EHLO") -> Advertised:
    """EHLO, inside TLS: STARTTLS must not be there again (RFC 3207 §4.2). Raises AskFailedError."""
    connection.send(_hello(hello))
    answer = await connection.read(decode_reply)
    connection.send(b"QUIT\r\n")
    offered = _extensions(answer)
    mechanisms = (line.split()[1:] for line in offered if re.match(r"AUTH\b", line))
    return Advertised(
        capabilities=tuple(printable(line, 128) for line in offered),
        mechanisms=tuple(printable(word, 64) for words in mechanisms for word in words),
        tls_offered="STARTTLS" in offered if answer.code == 250 else None,
        how="" if answer.code == 250 else f"{hello} was answered with '{printable(answer.text, 80)}'",
    )


async def answered(connection: Connection) -> bytes:
    """What is said to the NOOP behind STARTTLS, before the answer to QUIT. Raises AskFailedError."""
    connection.send(b"QUIT\r\n")
    first = await connection.read(decode_reply)
    if first.code == 221:
        return b""
    try:
        second = await connection.read(decode_reply)
    except AskFailedError as error:  # to NOOP, or to QUIT in other words than RFC 5321 §4.3.2 has
        detail = f"'{printable(first.text, 80)}' inside TLS, and then: {error}"
        raise AskFailedError(FailureKind.MALFORMED, detail) from error
    return first.text if second.code == 221 else b""


PROTOCOL = Protocol(
    port=25,
    reach_tls=ReachTls.UPGRADE,
    upgrade=upgrade,
    converse=converse,
    inside=Inside(
        look=look,
        injected=Injected(
            first=STARTTLS,
            command=b"NOOP\r\n",
            what="STARTTLS, and NOOP behind it",
            answered=answered,
            before=(_hello("EHLO"),),
        ),
        reproduce=INSIDE,
    ),
    speaks=re.compile(rb"220[ -]"),
    starttls="smtp",
    reproduce=(
        rf"printf 'EHLO {CLIENT_NAME}\r\nRSET\r\nAUTH PLAIN {PLAIN_RESPONSE}\r\nQUIT\r\n' | nc {{address}} {{port}}"
    ),
    active=f"unless AUTH is offered before TLS, AUTH PLAIN as {UNUSED_NAME}",
)
