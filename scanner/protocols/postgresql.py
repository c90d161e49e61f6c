"""PostgreSQL (protocol 3.0), which reaches TLS by an SSLRequest before the login."""

import re
from functools import partial

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import AskAgainError, Protocol
from scanner.wire import postgresql
from scanner.wire.postgresql import Authentication, Error, Method
from scanner.wire.text import printable

UNUSED_NAME = "tlsassay-unused-name"
"""Of a user and of a database."""
FEATURE_NOT_SUPPORTED = "0A000"
INVALID_PASSWORD = "28P01"  # noqa: S105 - an SQLSTATE
_NEEDS_TLS = re.compile(r"\b(SSL|TLS)\b.*\brequired\b|\binsecure\b", re.IGNORECASE)
"""PgBouncer and Azure; Neon."""
_CAME_WITHOUT = re.compile(r"no encryption|\bSSL off\b", re.IGNORECASE)
"""PostgreSQL from 14 on, and before: no line of pg_hba.conf is for this user on a connection that came like that."""


async def _asks_for_tls(connection: Connection) -> bool:
    """Whether TLS may follow now. Raises AskFailedError."""
    connection.send(postgresql.SSL_REQUEST)
    answer = await connection.read(postgresql.decode_ssl_answer)
    if isinstance(answer, Error):
        # before 7.0 an SSLRequest was a version that is not supported; anything else is trouble of the moment
        unknown = answer.code == FEATURE_NOT_SUPPORTED
        kind = FailureKind.UPGRADE_REFUSED if unknown else FailureKind.CLOSED_EARLY
        raise AskFailedError(kind, f"an SSLRequest was answered with {_shown(answer)}")
    return answer


def _shown(error: Error) -> str:
    return f"error {printable(error.code, 5) or '?'} '{printable(error.message, 200)}'"


async def upgrade(connection: Connection) -> None:
    """SSLRequest (Frontend/Backend Protocol, SSL Session Encryption). Raises AskFailedError."""
    if not await _asks_for_tls(connection):
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, "an SSLRequest was answered with N: no TLS")


async def converse(connection: Connection, _endpoint: Endpoint, passive: bool) -> Cleartext:
    """An SSLRequest, and on a connection of its own, unless `passive`, a login as nobody. Raises AskFailedError."""
    if passive:
        how = "not asked: a login before TLS is an active question (--passive)"
        offered = await _asks_for_tls(connection)
        return Cleartext(speaks="postgresql", tls_offered=offered, credentials="unknown", how=how)
    connection.send(postgresql.startup(UNUSED_NAME, UNUSED_NAME))
    reply = await connection.read(postgresql.decode_reply)
    if isinstance(reply, Error) and _CAME_WITHOUT.search(reply.message):
        raise AskAgainError(partial(_inside, _shown(reply)))
    credentials, how = _credentials(reply)
    mechanisms = reply.mechanisms if isinstance(reply, Authentication) else ()
    return Cleartext(
        speaks="postgresql",
        credentials=credentials,
        how=how,
        capabilities=tuple(printable(name, 64) for name in mechanisms[:100]),
    )


async def _inside(said: str, connection: Connection, endpoint: Endpoint, _passive: bool) -> Cleartext:
    """The same login inside TLS: only if it is looked at there was it for want of TLS that it was not before.

    A server has lines for some users and databases, and none for others, however they come.
    """
    from scanner.net.tls import begin_tls  # noqa: PLC0415 - half a cold start, for this protocol only

    before = f"a login without TLS as an unused user was answered with {said}"
    credentials: Credentials = "unknown"
    try:
        if not await _asks_for_tls(connection):
            raise AskFailedError(FailureKind.UPGRADE_REFUSED, "there is no TLS")
        await begin_tls(connection, endpoint.server_name)
        connection.send(postgresql.startup(UNUSED_NAME, UNUSED_NAME))
        reply = await connection.read(postgresql.decode_reply)
    except AskFailedError as error:
        how = f"{before}, which does not tell; inside TLS: {error}"
    else:
        inside, words = _credentials(reply)
        if inside == "accepted":
            credentials, how = "refused", f"{before}, and is looked at inside TLS"
        else:
            how = f"{before}, and likewise inside TLS, so that it is not for want of TLS: {words}"
    return Cleartext(speaks="postgresql", credentials=credentials, how=how)


def _credentials(reply: Authentication | Error) -> tuple[Credentials, str]:
    """What the first line of pg_hba.conf that is for it makes of the login; lines for other names are not seen."""
    login = "a login without TLS as an unused user"
    match reply:
        case Authentication(method=Method.OK):
            return "accepted", f"{login} needs no password (AuthenticationOk)"
        case Authentication(method=method):
            name = Method(method).name.lower().replace("_", " ") if method in set(Method) else "method"
            return "accepted", f"{login} was asked for credentials: {name} ({method})"
        case Error(code=code) if code == INVALID_PASSWORD:
            return "accepted", f"{login} was looked at: {_shown(reply)}"
        case Error(message=message) if _NEEDS_TLS.search(message):
            return "refused", f"{login} was answered with {_shown(reply)}"
    return "unknown", f"{login} was answered with {_shown(reply)}, which does not tell"


PROTOCOL = Protocol(
    port=5432,
    reach_tls=ReachTls.UPGRADE,
    upgrade=upgrade,
    converse=converse,
    offers_apart=True,
    starttls="postgres",
    reproduce=f"PGSSLMODE=disable psql -w -h {{address}} -p {{port}} -U {UNUSED_NAME} {UNUSED_NAME}",
    active=f"a login without a password as {UNUSED_NAME}",
)
