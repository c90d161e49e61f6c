"""LDAP (RFC 4511), which reaches TLS by the StartTLS extended operation."""

from collections.abc import Mapping

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.observations.upgrade import Advertised
from scanner.protocols import Injected, Inside, Protocol
from scanner.wire import ldap
from scanner.wire.ldap import LdapMessage, ResultCode
from scanner.wire.text import printable

UNUSED_NAME = "cn=tlsassay-unused-name"
"""Bound to beneath one of the server's naming contexts: elsewhere some refuse before they look at the connection."""
UNUSED_PASSWORD = "tlsassay-unused-password"  # noqa: S105 - nobody's
"""Not empty: that would be an unauthenticated bind (RFC 4513 §5.1.2)."""

INJECTED_ID = 9
"""Message ID of the search that is sent behind StartTLS."""
MAX_ENTRIES = 100
"""The root DSE is one entry."""

_NEEDS_TLS = {ResultCode.CONFIDENTIALITY_REQUIRED, ResultCode.STRONGER_AUTH_REQUIRED}
_LOOKED_AT = {
    ResultCode.SUCCESS,
    ResultCode.INVALID_CREDENTIALS,
    ResultCode.NO_SUCH_OBJECT,
    ResultCode.INVALID_DN_SYNTAX,
    ResultCode.INAPPROPRIATE_AUTHENTICATION,
}
"""The server looked for the name or checked the password: so it takes them before TLS."""


async def _result(connection: Connection, message_id: int) -> tuple[LdapMessage, list[LdapMessage]]:
    """The result that ends an operation, and the entries before it. Raises AskFailedError."""
    entries: list[LdapMessage] = []
    while True:
        message = await connection.read(ldap.decode)
        if message.message_id == 0:  # notice of disconnection (RFC 4511 §4.4.1)
            raise AskFailedError(FailureKind.CLOSED_EARLY, f"disconnected with result {_name(message)}")
        if message.message_id == message_id and message.result_code is not None:
            return message, entries
        entries.append(message)
        if len(entries) > MAX_ENTRIES:
            raise AskFailedError(FailureKind.MALFORMED, f"more than {MAX_ENTRIES} messages before the result")


def _name(message: LdapMessage) -> str:
    code = message.result_code
    words = ResultCode(code).name.lower().replace("_", " ") if code in set(ResultCode) else "code"
    text = printable(message.diagnostic, 100)
    return f"{words} ({code})" + (f" '{text}'" if text else "")


async def upgrade(connection: Connection) -> None:
    """StartTLS (RFC 4511 §4.14). Raises AskFailedError."""
    connection.send(ldap.start_tls_request(1))
    result, _ = await _result(connection, 1)
    if result.result_code != ResultCode.SUCCESS:
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, f"StartTLS was answered with {_name(result)}")


async def converse(connection: Connection, _endpoint: Endpoint, passive: bool) -> Cleartext:
    """Read the root DSE, bind as nobody unless `passive`, and try StartTLS. Raises AskFailedError."""
    connection.send(ldap.root_dse_request(1))
    searched, entries = await _result(connection, 1)
    attributes = _attributes(entries)
    vendor = b" ".join(attributes.get("vendorname", ()) + attributes.get("vendorversion", ()))
    credentials: Credentials = "unknown"
    how = "not asked: a bind before TLS is an active question (--passive)"
    if not passive:
        context = next((printable(name, 256) for name in attributes.get("namingcontexts", ()) if name), "")
        connection.send(ldap.bind_request(2, f"{UNUSED_NAME},{context}".rstrip(","), UNUSED_PASSWORD))
        bound, _ = await _result(connection, 2)
        credentials, how = _credentials(bound, context)
    connection.send(ldap.start_tls_request(3))
    started, _ = await _result(connection, 3)
    return Cleartext(
        speaks="ldap",
        banner=printable(vendor) or f"root DSE: {_name(searched)}",
        # busy is for this moment alone (RFC 4511 appendix A.2): no word on whether TLS is offered
        tls_offered=None if started.result_code == ResultCode.BUSY else started.result_code == ResultCode.SUCCESS,
        credentials=credentials,
        how=how,
        capabilities=_listed(attributes, "supportedsaslmechanisms", "supportedextension"),
    )


def _attributes(entries: list[LdapMessage]) -> dict[str, tuple[bytes, ...]]:
    return {name.lower(): values for entry in entries for name, values in entry.attributes.items()}


def _listed(attributes: Mapping[str, tuple[bytes, ...]], *names: str) -> tuple[str, ...]:
    values = [value for name in names for value in attributes.get(name, ())]
    return tuple(printable(value, 64) for value in values[:100])


def _credentials(bound: LdapMessage, context: str) -> tuple[Credentials, str]:
    """RFC 4513 §6.3.3: a server that protects passwords answers confidentialityRequired before looking at them."""
    how = f"a simple bind as an unused name{' beneath ' + context if context else ''} was answered with {_name(bound)}"
    if bound.result_code in _NEEDS_TLS:
        return "refused", how
    if bound.result_code in _LOOKED_AT - {ResultCode.SUCCESS} and not context:
        # OpenLDAP answers so for any name outside its contexts, whatever it would ask of a name within
        return "unknown", how + ", but no naming context could be read to bind beneath"
    if bound.result_code in _LOOKED_AT:
        return "accepted", how
    return "unknown", how + ", which does not tell"


async def look(connection: Connection) -> Advertised:
    """The root DSE, inside TLS, and StartTLS: which must fail now (RFC 4511 §4.14.2). Raises AskFailedError."""
    connection.send(ldap.root_dse_request(4))
    _, entries = await _result(connection, 4)
    # the root DSE names the operation whether or not it would be carried out
    connection.send(ldap.start_tls_request(5))
    started, _ = await _result(connection, 5)
    attributes = _attributes(entries)
    return Advertised(
        capabilities=_listed(attributes, "supportedsaslmechanisms", "supportedextension"),
        mechanisms=_listed(attributes, "supportedsaslmechanisms"),
        tls_offered=None if started.result_code == ResultCode.BUSY else started.result_code == ResultCode.SUCCESS,
        how=f"StartTLS inside TLS was answered with {_name(started)}",
    )


async def answered(connection: Connection) -> bytes:
    """What is said to the search behind StartTLS, before the end of one inside TLS. Raises AskFailedError."""
    connection.send(ldap.root_dse_request(4))
    _, before = await _result(connection, 4)
    return next((one.kind.encode() for one in before if one.message_id == INJECTED_ID), b"")


PROTOCOL = Protocol(
    port=389,
    reach_tls=ReachTls.UPGRADE,
    upgrade=upgrade,
    converse=converse,
    inside=Inside(
        look=look,
        injected=Injected(
            first=ldap.start_tls_request(1),
            command=ldap.root_dse_request(INJECTED_ID),
            what="StartTLS, and a search for the root DSE behind it",
            answered=answered,
        ),
        reproduce="LDAPTLS_REQCERT=never ldapsearch -x -ZZ -H ldap://{numeric}:{port} -s base -b '' +",
    ),
    starttls="ldap",
    reproduce=f"ldapsearch -x -H ldap://{{numeric}}:{{port}} -D {UNUSED_NAME} -w {UNUSED_PASSWORD} -s base -b ''",
    active=f"a simple bind as {UNUSED_NAME}",
)
