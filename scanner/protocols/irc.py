"""IRC (RFC 2812), which reaches TLS by STARTTLS, the capability `tls` of IRCv3 (deprecated)."""

import re
import zlib
from collections.abc import AsyncIterator

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol
from scanner.protocols._login import UNUSED_NAME
from scanner.protocols._refusal import demands_tls
from scanner.wire.irc import Message, decode_message, listed
from scanner.wire.text import printable

MAX_MESSAGES = 100
"""That are listened to for one answer: notices about looking up a host name, and the like."""
_UNKNOWN = {"421", "451", "461"}
"""Unknown command, not registered, more parameters needed: what a server without a command says of it."""


async def _messages(connection: Connection) -> AsyncIterator[Message]:
    """What the server says; its PINGs are answered here. Raises AskFailedError, also after MAX_MESSAGES."""
    for _ in range(MAX_MESSAGES):
        message = await connection.read(decode_message)
        if message.command == "PING":  # some let nobody in who has not answered one
            connection.send(b"PONG :" + message.last[:64] + b"\r\n")
        yield message
    raise AskFailedError(FailureKind.MALFORMED, f"no answer within {MAX_MESSAGES} messages")


async def _capabilities(connection: Connection) -> tuple[str, tuple[str, ...] | None]:
    """The server's first words and what CAP LS lists; None: the server knows no capabilities. Raises AskFailedError."""
    connection.send(b"CAP LS 302\r\n")
    banner, words = "", tuple[str, ...]()
    async for message in _messages(connection):
        banner = banner or printable(message.line)
        if (found := listed(message)) is not None:
            words += found[0]
            if not found[1]:
                break
        elif message.command in _UNKNOWN:
            return banner, None
        elif message.command == "ERROR":
            raise AskFailedError(FailureKind.CLOSED_EARLY, f"CAP was answered with '{printable(message.line, 128)}'")
    return banner, words


async def upgrade(connection: Connection) -> None:
    """CAP LS, which tells whether STARTTLS is known: not every server answers it. Raises AskFailedError.

    Source: https://ircv3.net/specs/deprecated/tls
    """
    _, known = await _capabilities(connection)
    if known is not None and "tls" not in known:
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, "CAP LS does not list tls (STARTTLS)")
    connection.send(b"STARTTLS\r\n")
    async for message in _messages(connection):
        if message.command == "670":
            return
        if message.command in _UNKNOWN or message.command in {"691", "ERROR"}:
            said = printable(message.line, 128)
            # ERROR ends the connection, for whatever reason: no word on STARTTLS
            kind = FailureKind.CLOSED_EARLY if message.command == "ERROR" else FailureKind.UPGRADE_REFUSED
            raise AskFailedError(kind, f"STARTTLS was answered with '{said}'")


async def converse(connection: Connection, endpoint: Endpoint, passive: bool) -> Cleartext:
    """CAP LS, and unless `passive` a registration as nobody. Raises AskFailedError."""
    banner, known = await _capabilities(connection)
    credentials: Credentials = "unknown"
    how = "not asked: a registration before TLS is an active question (--passive)"
    mechanisms = next((one.partition("=")[2] for one in known or () if one.startswith("sasl=")), "")
    if "PLAIN" in mechanisms.upper().split(","):
        credentials, how = "accepted", f"SASL mechanisms '{printable(mechanisms, 80)}' offered before TLS"
    elif not passive:
        credentials, how = await _register(connection, endpoint)
    connection.send(b"QUIT\r\n")
    return Cleartext(
        speaks="irc",
        banner=banner,
        tls_offered="tls" in known if known is not None else None,
        credentials=credentials,
        how=how,
        capabilities=tuple(printable(word, 128) for word in known or ()),
    )


async def _register(connection: Connection, endpoint: Endpoint) -> tuple[Credentials, str]:
    """Register with a password that is nobody's (RFC 2812 §3.1); a server may take its time to look up who asks."""
    number = zlib.crc32(f"{endpoint.address} {endpoint.port}".encode()) & 0xFFFFFF
    nick = f"tls{number:06x}"  # nine characters are allowed (RFC 2812 §1.2.1), and each node of a network needs its own
    registration = f"PASS {UNUSED_NAME}\r\nNICK {nick}\r\nUSER tlsassay 0 * :{UNUSED_NAME}\r\nCAP END\r\n"
    connection.send(registration.encode())
    try:
        async for message in _messages(connection):
            if (answer := _answer(message)) is not None:
                return answer
    except AskFailedError as error:
        return "unknown", f"a registration before TLS had no answer: {error}"
    return "unknown", "a registration before TLS had no answer"


def _answer(message: Message) -> tuple[Credentials, str] | None:
    """What a message says of the registration (RFC 2812 §5); None: nothing."""
    said = f"'{printable(message.line, 128)}'"
    match message.command:
        case "001":
            return "accepted", f"a session without TLS is let in, and passwords of services with it: {said}"
        case "464":
            return "accepted", f"a password before TLS was looked at: {said}"
        case "ERROR" | "465" | "463" if demands_tls(message.last):
            return "refused", f"a registration before TLS was answered with {said}"
        case "ERROR" if re.search(rb"(?<![\w.-])password(?![\w-]|\.\w)", message.last, re.IGNORECASE):
            return "accepted", f"a password before TLS was looked at: {said}"
        case "ERROR" | "463" | "465" | "432" | "433" | "436" | "437":
            return "unknown", f"a registration before TLS was answered with {said}"
    return None


PROTOCOL = Protocol(
    port=6667,
    reach_tls=ReachTls.UPGRADE,
    upgrade=upgrade,
    converse=converse,
    speaks=re.compile(rb"(?::[^ \n]+ )?NOTICE (?:\*|AUTH) :|:[^ \n]+ 4[0-9]{2} |ERROR :", re.IGNORECASE),
    starttls="irc",
    reproduce=(
        rf"(printf 'CAP LS 302\r\nPASS {UNUSED_NAME}\r\nNICK tlsassay\r\nUSER tlsassay 0 * :nobody\r\nCAP END\r\n'; "
        r"sleep 3; printf 'QUIT\r\n') | nc {address} {port}"
    ),
    active=f"a registration with the password {UNUSED_NAME}, left again at once",
)
