"""MQTT in plaintext (OASIS MQTT 3.1.1 and 5.0)."""

from scanner.model import Endpoint, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import AskAgainError, Protocol
from scanner.wire import mqtt
from scanner.wire.mqtt import Connack, Level

UNUSED_NAME = "tlsassay-unused-name"
CLIENT = "tlsassayUnusedName"
"""Client identifier, of a form that every server has to allow (§3.1.3.1). Nobody's, or that client would be cut off."""


async def converse(connection: Connection, _endpoint: Endpoint, passive: bool) -> Cleartext:
    """CONNECT with a name that nobody has: a server says nothing before. Raises AskFailedError."""
    if passive:
        how = "not asked: MQTT says nothing before a login, which is an active question (--passive)"
        return Cleartext(speaks="unknown", credentials="unknown", how=how)
    answer = await _connect(connection, Level.MQTT_3_1_1)
    if answer.code in mqtt.UNSUPPORTED_LEVEL:
        raise AskAgainError(_converse_in_version_5)
    return _told(answer, "3.1.1")


async def _converse_in_version_5(connection: Connection, _endpoint: Endpoint, _passive: bool) -> Cleartext:
    return _told(await _connect(connection, Level.MQTT_5), "5.0")


async def _connect(connection: Connection, level: Level) -> Connack:
    connection.send(mqtt.connect(level, CLIENT, UNUSED_NAME))
    answer = await connection.read(mqtt.decode_connack)
    if answer.code == mqtt.ACCEPTED:
        connection.send(mqtt.DISCONNECT)
    return answer


def _told(answer: Connack, version: str) -> Cleartext:
    credentials, how = _credentials(answer)
    code = f"CONNACK {answer.code} ({answer.meaning})"
    return Cleartext(
        speaks="mqtt", banner=code, credentials=credentials, how=f"{how}: {code}", capabilities=(f"MQTT {version}",)
    )


def _credentials(answer: Connack) -> tuple[Credentials, str]:
    """MQTT knows no answer that asks for TLS."""
    if answer.code == mqtt.ACCEPTED:
        return "accepted", "there is no authentication: a login without TLS, password or known user name was accepted"
    if answer.code in mqtt.LOOKED_AT:
        return "accepted", "a login without TLS was looked at"
    return "unknown", "a login without TLS got an answer that does not tell"


PROTOCOL = Protocol(
    port=1883,
    reach_tls=ReachTls.NEVER,
    converse=converse,
    reproduce=f"mosquitto_sub -d -E -h {{address}} -p {{port}} -u {UNUSED_NAME} -t {UNUSED_NAME}",
    active=f"a login without a password as {UNUSED_NAME}",
)
