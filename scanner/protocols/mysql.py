"""MySQL and MariaDB, which reach TLS by an SSLRequest within the handshake."""

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol
from scanner.wire import mysql
from scanner.wire.mysql import AuthMoreData, AuthSwitchRequest, Err, Handshake, Ok
from scanner.wire.text import printable

MAX_PLUGIN = 64
"""Characters of an authentication plugin's name that are sent back (NAME_CHAR_LEN)."""
UNUSED_NAME = "tlsassay-unused-name"


async def _greet(connection: Connection) -> Handshake:
    """The server's handshake. Raises AskFailedError, also when the server will not talk to this host."""
    greeting = await connection.read(mysql.decode_greeting)
    if isinstance(greeting, Err):
        detail = f"greeted with error {greeting.code} '{printable(greeting.message, 128)}'"
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, detail)
    return greeting


async def upgrade(connection: Connection) -> None:
    """Greeting and SSLRequest (Protocol::SSLRequest). Raises AskFailedError."""
    greeting = await _greet(connection)
    if not greeting.offers_tls:
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, "the handshake does not offer TLS (no CLIENT_SSL)")
    connection.send(mysql.ssl_request(greeting.sequence + 1))


async def converse(connection: Connection, _endpoint: Endpoint, passive: bool) -> Cleartext:
    """The handshake, and unless `passive` a login in the clear as nobody. Raises AskFailedError."""
    greeting = await _greet(connection)
    credentials: Credentials = "unknown"
    how = "not asked: a login before TLS is an active question (--passive)"
    if not passive:
        credentials, how = await _log_in(connection, greeting)
    return Cleartext(
        speaks="mysql",
        banner=printable(greeting.server_version, 128),
        tls_offered=greeting.offers_tls,
        credentials=credentials,
        how=how,
        capabilities=(printable(greeting.auth_plugin, 64),) if greeting.auth_plugin else (),
    )


async def _log_in(connection: Connection, greeting: Handshake) -> tuple[Credentials, str]:
    """Log in without a password as a user who does not exist; what the refusal says is the answer."""
    connection.send(mysql.login(UNUSED_NAME, greeting.auth_plugin[:MAX_PLUGIN], greeting.sequence + 1))
    reply = await connection.read(mysql.decode_reply)
    if isinstance(reply, AuthSwitchRequest):
        connection.send(mysql.auth_switch_response(b"", reply.sequence + 1))
        reply = await connection.read(mysql.decode_reply)
    match reply:
        case Ok():
            return "accepted", "a login without TLS, user name or password was accepted"
        case AuthMoreData():
            return "accepted", "a login without TLS was asked for more credentials"
        case Err(code=mysql.ER_SECURE_TRANSPORT_REQUIRED):
            return "refused", "a login without TLS was answered with error 3159, secure transport required"
        case Err(code=mysql.ER_ACCESS_DENIED) if "mariadb" in greeting.server_version.lower():
            return "unknown", "MariaDB answers error 1045 to a login without TLS whether or not it requires TLS"
        case Err(code=mysql.ER_ACCESS_DENIED):
            return "accepted", "a login without TLS was looked at: error 1045, access denied"
        case Err():
            return (
                "unknown",
                f"a login without TLS was answered with error {reply.code} '{printable(reply.message, 100)}'",
            )
    return "unknown", "the server asked twice for another authentication plugin"


PROTOCOL = Protocol(
    port=3306,
    reach_tls=ReachTls.UPGRADE,
    upgrade=upgrade,
    converse=converse,
    starttls="mysql",
    reproduce=f"mariadb --skip-ssl -h {{address}} -P {{port}} -u {UNUSED_NAME}",
    active=f"a login without a password as {UNUSED_NAME}",
)
