"""XMPP between servers (RFC 6120), which reaches TLS by STARTTLS."""

import re
from dataclasses import replace

from scanner.model import Endpoint
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext
from scanner.protocols import Protocol, xmpp


async def upgrade(connection: Connection) -> None:
    """STARTTLS in a server's stream. Raises AskFailedError."""
    await xmpp.start_tls(connection, "jabber:server")


async def converse(connection: Connection, endpoint: Endpoint, _passive: bool) -> Cleartext:
    """Open a stream: its features list whether STARTTLS is required and dialback offered. Raises AskFailedError."""
    return await xmpp.look(connection, endpoint, "jabber:server")


PROTOCOL: Protocol = replace(
    xmpp.PROTOCOL,
    port=5269,
    upgrade=upgrade,
    converse=converse,
    speaks=re.compile(rb"(<\?xml[^>]*>\s*)?<stream:stream\b[^>]*\bjabber:server\b"),
    starttls="xmpp-server",
    reproduce=xmpp.PROTOCOL.reproduce.replace("jabber:client", "jabber:server"),
)
