"""Hazelcast's protocol for clients (Open Binary Client Protocol 2: Hazelcast 4 and 5), in plaintext."""

from scanner.model import AskFailedError, Endpoint, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol, _tls
from scanner.wire import hazelcast
from scanner.wire.hazelcast import Answer

UNUSED_NAME = "tlsassay-unused-name"
_QUESTION = hazelcast.CLIENT + hazelcast.authentication(UNUSED_NAME)
_LOOKED_AT = {1: "credentials failed", 3: "not allowed in this cluster"}


async def converse(connection: Connection, _endpoint: Endpoint, passive: bool) -> Cleartext:
    """A login in the clear as nobody: a server says nothing before one, so nothing is known if `passive`.

    Raises AskFailedError.
    """
    if passive:
        how = "not asked: a login before TLS is an active question (--passive)"
        return Cleartext(speaks="unknown", credentials="unknown", how=how)
    connection.send(_QUESTION)
    try:
        answer = await connection.read(hazelcast.decode_answer)
    except AskFailedError as error:
        return _tls.instead(error)
    credentials, how = _credentials(answer)
    return Cleartext(speaks="hazelcast-client", credentials=credentials, how=how)


def _credentials(answer: Answer) -> tuple[Credentials, str]:
    if answer.kind != hazelcast.AUTHENTICATION_ANSWER:
        return "unknown", f"a login without TLS was answered with a message of type 0x{answer.kind:06x}"
    if answer.status == 0:
        return "accepted", "a login without TLS, as nobody and without a password, was taken"
    if answer.status in _LOOKED_AT:
        return "accepted", f"a login without TLS was looked at: {_LOOKED_AT[answer.status]}"
    return "unknown", f"a login without TLS was answered with status {answer.status}"


PROTOCOL = Protocol(
    port=5701,
    reach_tls=ReachTls.NEVER,
    converse=converse,
    reproduce=f"echo {_QUESTION.hex()} | xxd -r -p | nc -w 3 {{address}} {{port}} | xxd",
    active=f"a login without a password as {UNUSED_NAME}",
)
