"""Java RMI's wire protocol, JRMP: handshake, calls, and what a registry returns (Java RMI Specification §10).

Operations of the registry go by number and interface hash (`sun.rmi.registry.RegistryImpl_Stub`), those of other
objects by the hash of the method (§8.3).
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from scanner.wire.errors import MalformedError
from scanner.wire.java_stream import MAGIC, MoreNeededError, ObjectStream
from scanner.wire.java_values import Instance, Tag, Value
from scanner.wire.reader import Reader

HELLO = b"JRMI\0\2\x4b"
"""Version 2, StreamProtocol: any number of calls, one after the other."""
PROTOCOL_ACK, NOT_SUPPORTED, RETURN_DATA, PING_ACK = 0x4E, 0x4F, 0x51, 0x53

REGISTRY = bytes(22)
"""ObjID 0 of every host's registry (`ObjID.REGISTRY_ID`)."""
REGISTRY_HASH = 4905912898345647071
LIST, LOOKUP = 1, 2
NEW_CLIENT = -1089742558549201240
"""`RMIServer.newClient(Object)`, by which JMX logs in."""
_UID = 14
"""Bytes of a `java.rmi.server.UID`."""
MAX_NAME = 255
"""Bytes of a name that is sent."""
MAX_LOOKS = 256
"""At one answer while it arrives: each reads it from its start. One of 64 KiB comes in some fifty segments."""


@dataclass(frozen=True)
class Ack:
    """ProtocolAck: the server takes calls, and says where it sees its client."""

    host: str
    port: int


@dataclass(frozen=True)
class Return:
    """The answer to a call: a value, or an exception."""

    raised: bool
    uid: bytes
    """To be acknowledged where the value holds a stub: till then the server keeps the object."""
    value: Value


@dataclass(frozen=True)
class Stub:
    """Where an object is, by its own word. Texts are as sent: not safe to show as they are."""

    types: tuple[str, ...]
    host: str
    port: int
    object_id: bytes
    socket_factory: str = ""
    """Class that the client is told to make its sockets with: `javax.rmi.ssl.SslRMIClientSocketFactory`."""


# --- bytes to values ----------------------------------------------------------------------------------------------


def decode_ack(buffer: bytes) -> tuple[Ack, int] | None:
    """The answer to `HELLO`; None when more bytes are needed. Raises MalformedError."""
    if not buffer:
        return None
    if buffer[0] != PROTOCOL_ACK:
        refused = buffer[0] == NOT_SUPPORTED
        raise MalformedError("JRMP refuses its StreamProtocol" if refused else "no answer of JRMP")
    stream = ObjectStream(buffer[1:])
    try:
        host, port = stream.name(), stream.number(4)
    except MoreNeededError:
        return None
    return Ack(host, port), 1 + stream.at


def decode_return(buffer: bytes) -> tuple[Return, int] | None:
    """The answer to a call that returns a value; None when more bytes are needed. Raises MalformedError."""
    if not buffer:
        return None
    if buffer[0] != RETURN_DATA:
        raise MalformedError("no answer to a call of JRMP")
    stream = ObjectStream(buffer[1:])
    try:
        stream.magic()
        head = stream.value()
        if not isinstance(head, bytes) or len(head) != 1 + _UID or head[0] not in (1, 2):
            raise MalformedError("an answer of JRMP neither returns nor raises")
        value = stream.value()
    except MoreNeededError:
        return None
    return Return(head[0] == 2, head[1:], value), 1 + stream.at


def return_decoder() -> Callable[[bytes], tuple[Return, int] | None]:
    """`decode_return` for one answer, which raises MalformedError as well where it comes in too many pieces."""
    looks = 0

    def decode(buffer: bytes) -> tuple[Return, int] | None:
        nonlocal looks
        looks += 1
        if looks > MAX_LOOKS:
            raise MalformedError(f"an answer of JRMP in more than {MAX_LOOKS} pieces")
        return decode_return(buffer)

    return decode


def names_of(value: Value) -> tuple[str, ...]:
    """A `String[]`. Raises MalformedError for anything else."""
    if not isinstance(value, Instance) or value.of.name != "[Ljava.lang.String;":
        raise MalformedError("the registry's list is no String[]")
    return tuple(one for one in value.items if isinstance(one, str))


def told_by(value: Value) -> str:
    """An exception in words: its class, and its message where it has one."""
    if not isinstance(value, Instance) or not value.of.name:
        return "an exception of no class"
    message = value.fields.get("detailMessage")
    return f"{value.of.name}: {message}" if isinstance(message, str) and message else value.of.name


def stub_of(value: Value) -> Stub:
    """Where a remote object is: its stub is a proxy, or of a class of its own. Raises MalformedError."""
    if not isinstance(value, Instance):
        raise MalformedError("a name without a stub")
    types = value.of.interfaces or (value.of.name,)
    holder = value.fields.get("h") if value.of.interfaces else value
    written = holder.written.get("java.rmi.server.RemoteObject", ()) if isinstance(holder, Instance) else ()
    if not written or not isinstance(written[0], bytes):
        raise MalformedError("a stub without a reference")
    factory = next((one.of.name for one in written if isinstance(one, Instance)), "")
    return _reference(types, factory, b"".join(one for one in written if isinstance(one, bytes)))


def _reference(types: tuple[str, ...], factory: str, data: bytes) -> Stub:
    """`UnicastRef` or `UnicastRef2`, as `LiveRef.write` leaves it: the latter has a byte of format before the host."""
    reader = Reader(data)
    kind = reader.vector(2)
    if kind not in (b"UnicastRef", b"UnicastRef2"):
        raise MalformedError("a stub whose reference is none to a host and port")
    if kind == b"UnicastRef2":
        reader.take(1)
    host, port = reader.vector(2).decode("utf-8", "backslashreplace"), reader.number(4)
    if not 0 < port < 1 << 16:
        raise MalformedError(f"a stub on port {port}")
    return Stub(types, host, port, reader.take(len(REGISTRY)), factory)


# --- values to bytes ----------------------------------------------------------------------------------------------


def utf(text: str) -> bytes:
    """A text as `DataOutput.writeUTF` writes it, cut at MAX_NAME bytes."""
    data = text.encode("utf-8", "backslashreplace")[:MAX_NAME]
    return len(data).to_bytes(2) + data


def identify(ack: Ack) -> bytes:
    """What follows ProtocolAck: where the client is, in the server's words."""
    return utf(ack.host) + bytes(4)


def call(object_id: bytes, operation: int, hash_: int, argument: bytes = b"") -> bytes:
    """A call with at most one argument, a serialized value."""
    block = object_id + struct.pack(">iq", operation, hash_)
    return b"\x50" + MAGIC + bytes([Tag.BLOCK, len(block)]) + block + argument


list_names = partial(call, REGISTRY, LIST, REGISTRY_HASH)
"""`Registry.list()`."""


def look_up(name: str) -> bytes:
    """`Registry.lookup(name)`."""
    return call(REGISTRY, LOOKUP, REGISTRY_HASH, bytes([Tag.STRING]) + utf(name))


def new_client(object_id: bytes, *credentials: str) -> bytes:
    """`RMIServer.newClient(String[])`, by which JMX logs in."""
    # no fields; where the class could be loaded from (none); extends nothing
    strings = utf("[Ljava.lang.String;") + bytes.fromhex("add256e7e91d7b47") + b"\x02\0\0"
    described = bytes([Tag.CLASS_DESCRIPTION]) + strings + bytes([Tag.NULL, Tag.END, Tag.NULL])
    words = b"".join(bytes([Tag.STRING]) + utf(one) for one in credentials)
    argument = bytes([Tag.ARRAY]) + described + len(credentials).to_bytes(4) + words
    return call(object_id, -1, NEW_CLIENT, argument)


def acknowledge(answer: Return) -> bytes:
    """DGCAck: the stub has arrived, and the server need not keep it for us."""
    return b"\x54" + answer.uid
