"""One SSH key exchange on one connection, up to the server's signature: nothing is ever encrypted, nobody logs in."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scanner.model import AskFailedError, FailureKind
from scanner.net.dial import Connection
from scanner.wire import ssh, ssh_exchange, ssh_keys
from scanner.wire.errors import MalformedError
from scanner.wire.ssh import Identification, KexInit, Message

T = TypeVar("T")

IDENTIFICATION = b"SSH-2.0-tlsassay"
CIPHERS = (
    *("chacha20-poly1305@openssh.com", "aes128-gcm@openssh.com", "aes256-gcm@openssh.com"),
    *("aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc", "3des-ctr"),
    *("blowfish-cbc", "blowfish-ctr", "cast128-cbc", "cast128-ctr", "idea-cbc", "twofish256-cbc", "twofish-cbc"),
    *("twofish128-cbc", "twofish256-ctr", "serpent256-ctr", "serpent256-cbc", "camellia256-ctr", "camellia128-ctr"),
    *("rijndael-cbc@lysator.liu.se", "arcfour256", "arcfour128", "arcfour", "des-cbc", "none"),
)
"""Whatever the server has: one that shares none with its client ends the conversation. None is ever used."""
MACS = (
    *("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha1-etm@openssh.com"),
    *("umac-128-etm@openssh.com", "umac-64-etm@openssh.com", "hmac-md5-etm@openssh.com"),
    *("hmac-sha1-96-etm@openssh.com", "hmac-md5-96-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512", "hmac-sha1"),
    *("umac-128@openssh.com", "umac-64@openssh.com", "hmac-ripemd160", "hmac-ripemd160@openssh.com", "hmac-sha1-96"),
    *("hmac-md5", "hmac-md5-96", "hmac-sha2-256-96", "hmac-sha2-512-96", "none"),
)
COMPRESSION = ("none", "zlib@openssh.com", "zlib")
MAX_ASIDES = 20
"""Messages that may be ignored before the one that is waited for."""
_ASIDES = {Message.IGNORE, Message.UNIMPLEMENTED, Message.DEBUG}


class Heard:
    """What a server has said on any connection, also when the exchange then failed."""

    identification: Identification | None = None
    offered: KexInit | None = None


@dataclass(frozen=True)
class Proven:
    """A host key, and what the server proved with that it has it."""

    key: ssh_keys.HostKey
    algorithm: str
    method: str


def offer(algorithms: Sequence[str]) -> KexInit:
    """What a client offers that asks for a host key of these algorithms.

    The last of the methods is none: it invites strict key exchange, which some servers name only in return.
    """
    return KexInit(
        key_exchange=(*ssh_exchange.METHODS, "kex-strict-c-v00@openssh.com"),
        host_keys=tuple(algorithms),
        ciphers_to_server=CIPHERS,
        ciphers_to_client=CIPHERS,
        macs_to_server=MACS,
        macs_to_client=MACS,
        compression_to_server=COMPRESSION,
        compression_to_client=COMPRESSION,
    )


async def identify(line: Connection) -> Identification:
    """The server's identification string, in exchange for ours. Raises AskFailedError."""
    line.send(IDENTIFICATION + b"\r\n")
    return await line.read(ssh.decode_identification)


async def host_key(line: Connection, algorithms: Sequence[str], heard: Heard) -> Proven | str:
    """The server's host key of the first of these algorithms that it has, or why there is none.

    What it says on the way is left in `heard`. Raises AskFailedError, also for a signature that is not the key's.
    """
    identification = heard.identification = await identify(line)
    if not identification.speaks_ssh2:
        return f"speaks SSH {identification.version}, which has no such keys"
    ours = ssh.encode_kexinit(offer(algorithms), os.urandom(16))
    line.send(ssh.encode_packet(ours))
    theirs = await _message(line)
    offered = heard.offered = _read(ssh.decode_kexinit, theirs)
    method = next((name for name in ssh_exchange.METHODS if name in offered.key_exchange), None)
    algorithm = next((name for name in algorithms if name in offered.host_keys), None)
    if method is None or algorithm is None:
        return "no key exchange method in common" if algorithm else "no host key algorithm in common"
    share = ssh_exchange.begin(method)
    line.send(ssh.encode_packet(share.message))
    reply = _read(ssh_exchange.decode_reply, await _message(line))
    key = _read(ssh_keys.decode_host_key, reply.host_key)
    said = (IDENTIFICATION, identification.line, ours, theirs)
    content = _read(lambda one: share.hashed(said, one), reply)
    line.send(ssh.encode_packet(ssh.encode_disconnect("tlsassay")))
    if not ssh_keys.proves(key, algorithm, reply.signature, content):
        detail = f"the {algorithm} signature of the key exchange was not made with the host key {key.fingerprint}"
        raise AskFailedError(FailureKind.MALFORMED, detail)
    return Proven(key, algorithm, method)


async def _message(line: Connection) -> bytes:
    """The next message that is to the point. Raises AskFailedError, also when it ends the conversation."""
    for _ in range(MAX_ASIDES):
        payload = await line.read(ssh.decode_packet)
        if payload[0] == Message.DISCONNECT:
            raise AskFailedError(FailureKind.CLOSED_EARLY, _read(ssh.decode_disconnect, payload))
        if payload[0] not in _ASIDES:
            return payload
    raise AskFailedError(FailureKind.MALFORMED, f"{MAX_ASIDES} messages that are to be ignored")


def _read(decode: Callable[..., T], value: object) -> T:
    try:
        return decode(value)
    except MalformedError as error:
        raise AskFailedError(FailureKind.MALFORMED, str(error)) from error
