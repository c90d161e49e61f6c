"""The start of MySQL's client/server protocol: greeting, SSLRequest, login, the server's reply.

Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html; MariaDB speaks the same
up to here. Integers are little-endian. A connection counts its packets: an answer bears the `sequence` plus one.
The server's side is in `mysql_server`.
"""

import struct
from dataclasses import dataclass
from enum import IntFlag
from typing import NamedTuple

from scanner.wire.errors import MalformedError

ER_CON_COUNT_ERROR = 1040
"""Too many connections."""
ER_ACCESS_DENIED = 1045
"""The login was looked at and refused: so it could have been accepted."""
ER_HOST_NOT_PRIVILEGED = 1130
"""This client's address may not log in at all; comes instead of a greeting."""
ER_SECURE_TRANSPORT_REQUIRED = 3159
"""No login before TLS (`require_secure_transport`)."""

PAYLOAD_LIMIT = 1 << 16
"""Bytes; packets before the login is decided are far smaller."""

UTF8MB4 = 45
SSL_REQUEST = struct.Struct("<IIB23x")
"""Capabilities, largest packet, character set: all of an SSLRequest and the beginning of a login."""


class Capability(IntFlag):
    """Capability flags that matter before the login."""

    LONG_PASSWORD = 1
    CONNECT_WITH_DB = 1 << 3
    PROTOCOL_41 = 1 << 9
    SSL = 1 << 11
    TRANSACTIONS = 1 << 13
    SECURE_CONNECTION = 1 << 15
    PLUGIN_AUTH = 1 << 19


_CLIENT = (
    Capability.LONG_PASSWORD
    | Capability.PROTOCOL_41
    | Capability.TRANSACTIONS
    | Capability.SECURE_CONNECTION
    | Capability.PLUGIN_AUTH
)


class Packet(NamedTuple):
    """One packet as framed."""

    sequence: int
    payload: bytes


@dataclass(frozen=True, kw_only=True)
class Handshake:
    """The greeting (HandshakeV10). Texts are as sent: not safe to show as they are."""

    sequence: int = 0
    server_version: str
    connection_id: int
    capabilities: Capability
    auth_plugin: str = ""
    salt: bytes = b""

    @property
    def offers_tls(self) -> bool:
        """Whether an SSLRequest may follow."""
        return Capability.SSL in self.capabilities


@dataclass(frozen=True, kw_only=True)
class Err:
    """ERR: instead of a greeting, or as reply to a login."""

    sequence: int = 0
    code: int
    sqlstate: str = ""
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Ok:
    """The login is accepted."""

    sequence: int = 0


@dataclass(frozen=True, kw_only=True)
class AuthSwitchRequest:
    """The server wants the login by another plugin."""

    sequence: int = 0
    plugin: str
    data: bytes = b""


@dataclass(frozen=True, kw_only=True)
class AuthMoreData:
    """The plugin's conversation goes on."""

    sequence: int = 0
    data: bytes


# --- bytes to values ----------------------------------------------------------------------------------------------


def decode_packet(buffer: bytes) -> tuple[Packet, int] | None:
    """Read one packet: (packet, bytes consumed), or None when more bytes are needed.

    Raises MalformedError for an empty payload or one that is declared longer than PAYLOAD_LIMIT.
    """
    if len(buffer) < 3:
        return None
    length = int.from_bytes(buffer[:3], "little")
    if not 0 < length <= PAYLOAD_LIMIT:
        raise MalformedError(f"a packet of {length} bytes does not belong into the connection phase")
    if len(buffer) < 4 + length:
        return None
    return Packet(buffer[3], buffer[4 : 4 + length]), 4 + length


def decode_greeting(buffer: bytes) -> tuple[Handshake | Err, int] | None:
    """Read the server's first packet; None when more bytes are needed. Raises MalformedError."""
    framed = decode_packet(buffer)
    if framed is None:
        return None
    (sequence, payload), consumed = framed
    if payload[0] == 0xFF:
        return _err(sequence, payload), consumed
    if payload[0] != 10:
        raise MalformedError(f"a greeting of protocol version {payload[0]}, not 10")
    return _handshake(sequence, payload), consumed


def decode_reply(buffer: bytes) -> tuple[Ok | Err | AuthSwitchRequest | AuthMoreData, int] | None:
    """Read what a server answers to a login; None when more bytes are needed. Raises MalformedError."""
    framed = decode_packet(buffer)
    if framed is None:
        return None
    (sequence, payload), consumed = framed
    match payload[0]:
        case 0x00:
            return Ok(sequence=sequence), consumed
        case 0xFF:
            return _err(sequence, payload), consumed
        case 0x01:
            return AuthMoreData(sequence=sequence, data=payload[1:]), consumed
        case 0xFE if len(payload) == 1:
            return AuthSwitchRequest(sequence=sequence, plugin="mysql_old_password"), consumed
        case 0xFE:
            plugin, data = nul_terminated(payload[1:])
            return AuthSwitchRequest(sequence=sequence, plugin=plugin, data=data), consumed
    raise MalformedError(f"0x{payload[0]:02x} begins no reply to a login")


def _handshake(sequence: int, payload: bytes) -> Handshake:
    version, rest = nul_terminated(payload[1:])
    if len(rest) < 15:
        raise MalformedError("a greeting ends before its capabilities")
    connection_id, salt, flags = struct.unpack_from("<I8sxH", rest)
    plugin = ""
    if len(rest) > 15:
        if len(rest) < 31:
            raise MalformedError("a greeting ends before its salt")
        upper, salt_length = struct.unpack_from("<3xHB", rest, 15)
        flags |= upper << 16
        tail = rest[31:]
        if flags & Capability.SECURE_CONNECTION:
            second = max(13, salt_length - 8)
            salt += tail[:second].removesuffix(b"\0")
            tail = tail[second:]
        if flags & Capability.PLUGIN_AUTH:
            # Some servers before 5.5.10 forget the NUL at the end.
            plugin = tail.partition(b"\0")[0].decode("utf-8", "backslashreplace")
    return Handshake(
        sequence=sequence,
        server_version=version,
        connection_id=connection_id,
        capabilities=Capability(flags),
        auth_plugin=plugin,
        salt=salt,
    )


def _err(sequence: int, payload: bytes) -> Err:
    if len(payload) < 3:
        raise MalformedError("an ERR ends before its code")
    code = int.from_bytes(payload[1:3], "little")
    message = payload[3:].decode("utf-8", "backslashreplace")
    sqlstate = ""
    # A client that is not known yet gets no SQL state.
    if payload[3:4] == b"#" and len(payload) >= 9:
        sqlstate = payload[4:9].decode("ascii", "backslashreplace")
        message = payload[9:].decode("utf-8", "backslashreplace")
    return Err(sequence=sequence, code=code, sqlstate=sqlstate, message=message)


def nul_terminated(data: bytes) -> tuple[str, bytes]:
    """Split off a text that ends with NUL: (text, what follows). Raises MalformedError without a NUL."""
    text, nul, rest = data.partition(b"\0")
    if not nul:
        raise MalformedError("a text without its end")
    return text.decode("utf-8", "backslashreplace"), rest


# --- values to bytes ----------------------------------------------------------------------------------------------


def packet(sequence: int, payload: bytes) -> bytes:
    """Frame a payload. Raises ValueError for one beyond PAYLOAD_LIMIT."""
    if len(payload) > PAYLOAD_LIMIT:
        raise ValueError(f"a payload has at most {PAYLOAD_LIMIT} bytes")
    return len(payload).to_bytes(3, "little") + bytes([sequence & 0xFF]) + payload


def ssl_request(sequence: int = 1) -> bytes:
    """Ask for TLS; a ClientHello follows at once (protocol_connection_phase_packets_protocol_ssl_request)."""
    return packet(sequence, _response_head(_CLIENT | Capability.SSL))


def login(user: str, plugin: str, sequence: int = 1) -> bytes:
    """HandshakeResponse41 of `user` with an empty authentication response: no password, no database.

    Raises ValueError for a name with a NUL.
    """
    if "\0" in user + plugin:
        raise ValueError("a name cannot contain NUL")
    empty_response = b"\0"
    names = user.encode() + b"\0" + empty_response + plugin.encode() + b"\0"
    return packet(sequence, _response_head(_CLIENT) + names)


def auth_switch_response(data: bytes, sequence: int) -> bytes:
    """Answer AuthSwitchRequest; MySQL takes an empty answer as an empty password."""
    return packet(sequence, data)


def _response_head(capabilities: Capability) -> bytes:
    return SSL_REQUEST.pack(capabilities, 1 << 24, UTF8MB4)
