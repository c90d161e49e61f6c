"""MongoDB in plaintext (OP_MSG, from 3.6 on)."""

from scanner.model import Endpoint, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol
from scanner.wire.bson import Value
from scanner.wire.mongodb import UNAUTHORIZED, command, decode_answer
from scanner.wire.text import printable


async def converse(connection: Connection, _endpoint: Endpoint, passive: bool) -> Cleartext:
    """`hello`, and unless `passive` a parameter that takes a login to read. Raises AskFailedError."""
    connection.send(command(1, hello=1))
    hello = await connection.read(decode_answer)
    credentials: Credentials = "unknown"
    how = "hello is answered without TLS; whether a login is asked for is an active question (--passive)"
    if not passive:
        connection.send(command(2, getParameter=1, authenticationMechanisms=1))
        credentials, how = _credentials(await connection.read(decode_answer))
    return Cleartext(speaks="mongodb", banner=_banner(hello), credentials=credentials, how=how)


def _banner(hello: dict[str, Value]) -> str:
    shown = (f"{name} {printable(str(hello[name]), 64)}" for name in ("maxWireVersion", "setName") if name in hello)
    return ", ".join(shown) or "hello: " + _error(hello)


def _error(answer: dict[str, Value]) -> str:
    return f"error {printable(str(answer.get('code', '?')), 16)} '{printable(str(answer.get('errmsg', '')), 100)}'"


def _credentials(answer: dict[str, Value]) -> tuple[Credentials, str]:
    asked = "getParameter without TLS and login was answered"
    if answer.get("ok") == 1:
        return "accepted", f"{asked}: no authentication at all"
    if answer.get("code") == UNAUTHORIZED:
        return "accepted", f"{asked} with {_error(answer)}: the login is asked for in the clear"
    return "unknown", f"{asked} with {_error(answer)}, which does not tell"


PROTOCOL = Protocol(
    port=27017,
    reach_tls=ReachTls.NEVER,
    converse=converse,
    reproduce="mongosh --quiet 'mongodb://{numeric}:{port}/admin' --eval"
    " 'db.adminCommand({{getParameter: 1, authenticationMechanisms: 1}})'",
    active="`getParameter` of `authenticationMechanisms`",
)
