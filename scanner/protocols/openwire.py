"""OpenWire in the clear, the protocol of ActiveMQ for JMS; TLS has a port of its own (`openwires`)."""

import re

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol, _tls
from scanner.wire import openwire
from scanner.wire.errors import MalformedError
from scanner.wire.openwire import WireFormat
from scanner.wire.text import printable

UNUSED_NAME = "tlsassay-unused-name"
MOST_COMMANDS = 16
"""That a broker may send before it answers a login."""


async def converse(connection: Connection, _endpoint: Endpoint, passive: bool) -> Cleartext:
    """Both WireFormatInfos, and unless `passive` a login in the clear as nobody. Raises AskFailedError."""
    connection.send(openwire.wire_format_info())  # as both sides do, without waiting for the other
    try:
        offered = await connection.read(openwire.decode_wire_format)
    except AskFailedError as error:
        return _tls.instead(error)
    credentials: Credentials = "unknown"
    how = "not asked: a login before TLS is an active question (--passive)"
    if not passive:
        credentials, how = await _log_in(connection, offered)
    provider = (str(offered.properties.get(key, "")) for key in ("ProviderName", "ProviderVersion", "PlatformDetails"))
    told = ", ".join(filter(None, provider))
    return Cleartext(
        speaks="openwire",
        banner=printable(f"WireFormatInfo version {offered.version}" + (f": {told}" if told else ""), 256),
        credentials=credentials,
        how=how,
    )


async def _log_in(connection: Connection, offered: WireFormat) -> tuple[Credentials, str]:
    """Open a connection of JMS with a name that nobody has and no password."""
    version = min(offered.version, openwire.VERSION)  # the older one is spoken
    connection.send(openwire.connection_info(UNUSED_NAME, UNUSED_NAME, version))
    for _ in range(MOST_COMMANDS):
        try:
            answer = openwire.reply(await connection.read(openwire.decode_frame))
        except MalformedError as error:
            raise AskFailedError(FailureKind.MALFORMED, str(error)) from error
        if answer is None:
            continue
        connection.send(openwire.shutdown_info())
        told = printable(": ".join(filter(None, (answer.exception, answer.message))), 200)
        if not answer.exception:
            return "accepted", "a login without TLS, as nobody and without a password, was taken"
        if answer.exception == "java.lang.SecurityException":
            return "accepted", f"a login without TLS was looked at: {told}"
        return "unknown", f"a login without TLS was answered with {told}"
    return "unknown", f"a login without TLS was answered with {MOST_COMMANDS} other commands"


PROTOCOL = Protocol(
    port=61616,
    reach_tls=ReachTls.NEVER,
    converse=converse,
    speaks=re.compile(rb"\x00\x00..\x01ActiveMQ", re.DOTALL),
    reproduce="nc -d -w 3 {address} {port} | xxd",
    active=f"a login without a password as {UNUSED_NAME}",
)
