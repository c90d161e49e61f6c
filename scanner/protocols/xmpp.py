"""XMPP between client and server (RFC 6120), which reaches TLS by STARTTLS."""

import re
from functools import partial

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol
from scanner.wire import xmpp
from scanner.wire.text import printable
from scanner.wire.xmpp import Element, Header

REQUIRED = xmpp.TLS + "required"
STARTTLS = xmpp.TLS + "starttls"
_MECHANISM = re.compile(r"\{urn:(ietf:params:xml:ns:xmpp-sasl|xmpp:sasl:2)\}mechanism")
"""RFC 6120 §6.4.1 and XEP-0388."""
WITHOUT_SASL = {
    "{http://jabber.org/features/iq-auth}auth": "legacy authentication (XEP-0078)",
    "{http://jabber.org/features/iq-register}register": "in-band registration (XEP-0077)",
    "{urn:xmpp:features:dialback}dialback": "server dialback (XEP-0220)",
}
"""Features in whose course a password, or a server's key, is sent."""

MAX_LISTED = 100
_OF_THE_MOMENT = {"resource-constraint", "system-shutdown", "internal-server-error", "connection-timeout", "reset"}
"""Stream errors that say nothing of what was asked (RFC 6120 §4.9.3)."""


async def open_stream(connection: Connection, namespace: str, to: str) -> tuple[Header, Element]:
    """The server's opening tag and its features. Raises AskFailedError, also for a stream error."""
    connection.send(xmpp.opening(namespace, to))
    header = await connection.read(xmpp.decode_header)
    if not header.version and not connection.buffer.strip():  # nothing follows unless asked for (RFC 6120 §4.7.5)
        return header, Element(xmpp.FEATURES)
    said = await connection.read(partial(xmpp.decode_element, header=header))
    if said.name == xmpp.ERROR:
        condition = printable(", ".join(one.local for one in said.children if one.local != "text"), 100)
        detail = f"the stream to '{printable(to, 100)}' was answered with the error '{condition}'"
        if to and "host-unknown" in condition:
            detail += ": server_name in the inventory has to be the domain that is served"
        passing = any(one.local in _OF_THE_MOMENT for one in said.children)
        raise AskFailedError(FailureKind.CLOSED_EARLY if passing else FailureKind.UPGRADE_REFUSED, detail)
    if said.name != xmpp.FEATURES:
        raise AskFailedError(FailureKind.MALFORMED, f"'{printable(said.local, 100)}' instead of the stream's features")
    return header, said


async def start_tls(connection: Connection, namespace: str) -> None:
    """STARTTLS (RFC 6120 §5.4.2). Raises AskFailedError."""
    header, features = await open_stream(connection, namespace, connection.called)
    if not features.has(STARTTLS):
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, "the stream's features do not offer STARTTLS")
    connection.send(xmpp.START_TLS)
    answer = await connection.read(partial(xmpp.decode_element, header=header))
    if answer.name != xmpp.TLS + "proceed":
        raise AskFailedError(
            FailureKind.UPGRADE_REFUSED, f"STARTTLS was answered with '{printable(answer.local, 100)}'"
        )


async def look(connection: Connection, endpoint: Endpoint, namespace: str) -> Cleartext:
    """What the features before TLS say. Raises AskFailedError."""
    header, features = await open_stream(connection, namespace, endpoint.identity)
    connection.send(xmpp.CLOSE)
    listed = [one for child in features.children for one in child.children if _MECHANISM.fullmatch(one.name)]
    mechanisms = tuple(printable(one.text.strip(), 64) for one in listed[:MAX_LISTED])
    credentials, how = _credentials(header, features, mechanisms)
    return Cleartext(
        speaks=endpoint.protocol,
        banner=printable(header.raw, 256),
        tls_offered=features.has(STARTTLS),
        credentials=credentials,
        how=how,
        capabilities=(
            *(printable(child.local, 64) for child in features.children[:MAX_LISTED]),
            *(f"SASL={one}" for one in mechanisms),
        ),
    )


def _credentials(header: Header, features: Element, mechanisms: tuple[str, ...]) -> tuple[Credentials, str]:
    """RFC 6120 §5.3.1: a server that requires TLS offers nothing else before it."""
    if not header.version:
        return "unknown", "the server's stream has no version, so no features: only legacy authentication (XEP-0078)"
    if mechanisms:
        return "accepted", f"SASL {printable(', '.join(mechanisms), 200)} offered before TLS"
    if any(child.name == STARTTLS and child.has(REQUIRED) for child in features.children):
        return "refused", "STARTTLS is required, and no SASL mechanism is offered before it"
    if b"jabber:server:dialback" in header.raw:  # the feature is optional, the namespace is the older sign
        return "accepted", "server dialback (XEP-0220) declared before TLS, which is not required"
    for name, what in WITHOUT_SASL.items():
        if features.has(name):
            return "accepted", f"{what} offered before TLS, which is not required"
    if features.has(STARTTLS):
        return "refused", "no SASL mechanism is offered before TLS"
    return "none", "no SASL mechanism is offered"


async def upgrade(connection: Connection) -> None:
    """STARTTLS in a client's stream. Raises AskFailedError."""
    await start_tls(connection, "jabber:client")


async def converse(connection: Connection, endpoint: Endpoint, _passive: bool) -> Cleartext:
    """Open a stream: its features list whether STARTTLS is required and SASL offered. Raises AskFailedError."""
    return await look(connection, endpoint, "jabber:client")


_OPENING = "<stream:stream to='%s' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"

PROTOCOL = Protocol(
    port=5222,
    reach_tls=ReachTls.UPGRADE,
    upgrade=upgrade,
    converse=converse,
    speaks=re.compile(rb"(<\?xml[^>]*>\s*)?<stream:stream\b[^>]*\bjabber:client\b"),
    starttls="xmpp",
    reproduce=f'printf "{_OPENING}" {{host}} | nc -q 2 {{address}} {{port}}',
)
