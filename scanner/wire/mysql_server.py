"""MySQL's connection phase as a server sees it: reads SSLRequest and login, writes greeting and replies."""

import struct
from dataclasses import dataclass

from scanner.wire.errors import MalformedError
from scanner.wire.mysql import SSL_REQUEST, UTF8MB4, Capability, Err, Handshake, decode_packet, nul_terminated, packet


@dataclass(frozen=True, kw_only=True)
class SslRequest:
    """The client wants TLS before it logs in."""

    sequence: int = 1
    capabilities: Capability


@dataclass(frozen=True, kw_only=True)
class Login:
    """HandshakeResponse41, as far as its user name."""

    sequence: int = 1
    capabilities: Capability
    user: str


def decode_response(buffer: bytes) -> tuple[SslRequest | Login, int] | None:
    """Read the client's answer to the greeting; None when more bytes are needed. Raises MalformedError."""
    framed = decode_packet(buffer)
    if framed is None:
        return None
    (sequence, payload), consumed = framed
    if len(payload) < SSL_REQUEST.size:
        raise MalformedError("no answer of protocol version 4.1")
    capabilities = Capability(SSL_REQUEST.unpack_from(payload)[0])
    if len(payload) == SSL_REQUEST.size and Capability.SSL in capabilities:
        return SslRequest(sequence=sequence, capabilities=capabilities), consumed
    user, _ = nul_terminated(payload[SSL_REQUEST.size :])
    return Login(sequence=sequence, capabilities=capabilities, user=user), consumed


def handshake(greeting: Handshake) -> bytes:
    """HandshakeV10. The salt has 20 bytes; raises ValueError for another length."""
    if len(greeting.salt) != 20:
        raise ValueError("a salt has 20 bytes")
    flags = greeting.capabilities | Capability.SECURE_CONNECTION | Capability.PLUGIN_AUTH
    autocommit = 2
    fixed = struct.pack(
        "<I8sxHBHHB10x",
        greeting.connection_id,
        greeting.salt[:8],
        flags & 0xFFFF,
        UTF8MB4,
        autocommit,
        flags >> 16,
        len(greeting.salt) + 1,
    )
    names = greeting.salt[8:] + b"\0" + greeting.auth_plugin.encode() + b"\0"
    return packet(greeting.sequence, b"\x0a" + greeting.server_version.encode() + b"\0" + fixed + names)


def err(reply: Err) -> bytes:
    """ERR, with its SQL state when there is one."""
    state = b"#" + reply.sqlstate.encode("ascii") if reply.sqlstate else b""
    return packet(reply.sequence, b"\xff" + struct.pack("<H", reply.code) + state + reply.message.encode())
