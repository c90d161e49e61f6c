"""What SSH says before it encrypts, without I/O: identification string, packets, KEXINIT (RFC 4253 §4.2, §6, §7.1).

How the keys are exchanged is in `ssh_exchange`, host keys are in `ssh_keys`.
"""

import codecs
from dataclasses import astuple, dataclass
from enum import IntEnum

from scanner.wire.errors import MalformedError
from scanner.wire.lines import decode_line
from scanner.wire.reader import Reader
from scanner.wire.text import printable

MAX_IDENTIFICATION = 255
"""Bytes, its CR LF included."""
MAX_LINES = 50
"""That may come before the identification string; RFC 4253 §4.2 sets no limit."""
MAX_PACKET = 35_000
"""Bytes (RFC 4253 §6.1)."""
BLOCK = 8
"""Bytes of which a packet without encryption is a multiple."""
MAX_NAMES = 500
"""Of one name-list; the longest seen has some 30."""


class Message(IntEnum):
    """Message numbers (RFC 4250 §4.1.2)."""

    DISCONNECT = 1
    IGNORE = 2
    UNIMPLEMENTED = 3
    DEBUG = 4
    KEXINIT = 20
    KEXDH_INIT = 30
    """SSH_MSG_KEX_ECDH_INIT has the same number."""
    KEXDH_REPLY = 31


@dataclass(frozen=True)
class Identification:
    """`SSH-protoversion-softwareversion comments`."""

    line: bytes
    """Without its line end, as it goes into the exchange hash."""

    @property
    def version(self) -> str:
        """`2.0`; `1.99`: SSH-1 as well (RFC 4253 §5.1); `1.5`: SSH-1 alone."""
        return printable(self.line.split(b"-")[1], 16)

    @property
    def speaks_ssh1(self) -> bool:
        """Whether SSH-1 is offered."""
        return self.version.startswith("1.")

    @property
    def speaks_ssh2(self) -> bool:
        """Whether SSH-2 is offered."""
        return self.version in ("2.0", "1.99")


@dataclass(frozen=True, kw_only=True)
class KexInit:
    """What one side offers, the best first; `to_server` is from client to server, `to_client` the other direction."""

    key_exchange: tuple[str, ...]
    host_keys: tuple[str, ...]
    ciphers_to_server: tuple[str, ...]
    ciphers_to_client: tuple[str, ...]
    macs_to_server: tuple[str, ...]
    macs_to_client: tuple[str, ...]
    compression_to_server: tuple[str, ...]
    compression_to_client: tuple[str, ...]
    languages_to_server: tuple[str, ...] = ()
    languages_to_client: tuple[str, ...] = ()


_LISTS = 10


# --- bytes to values ----------------------------------------------------------------------------------------------


def decode_identification(buffer: bytes) -> tuple[Identification, int] | None:
    """Read the identification string, behind any lines of text; None when more bytes are needed.

    Raises MalformedError, for what cannot be text as soon as it is there.
    """
    at = 0
    for _ in range(MAX_LINES + 1):
        found = decode_line(buffer, at)
        rest = buffer[at:] if found is None else found[0]
        if not rest.startswith(b"SSH-"):
            _check_text(rest)
        elif len(rest.removesuffix(b"\r")) > MAX_IDENTIFICATION - 2:
            raise MalformedError(f"an identification string of more than {MAX_IDENTIFICATION} bytes")
        if found is None:
            return None
        at += found[1]
        if rest.startswith(b"SSH-"):
            if rest.count(b"-") < 2:
                raise MalformedError("an identification string without a software version")
            return Identification(rest), at
    raise MalformedError(f"more than {MAX_LINES} lines before the identification string")


def _check_text(line: bytes) -> None:
    """Raises MalformedError for what is no UTF-8, even if its last character is not complete, or has a NUL."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(line)
    except UnicodeDecodeError as error:
        raise MalformedError("neither SSH nor text") from error
    if "\0" in text:
        raise MalformedError("neither SSH nor text")


def decode_packet(buffer: bytes) -> tuple[bytes, int] | None:
    """Read the payload of a packet without encryption (RFC 4253 §6); None when more bytes are needed.

    Raises MalformedError.
    """
    if len(buffer) < 5:
        return None
    length, padding = int.from_bytes(buffer[:4]), buffer[4]
    if not 2 * BLOCK <= 4 + length <= MAX_PACKET or (4 + length) % BLOCK:
        raise MalformedError(f"a packet of {4 + length} bytes")
    if not 4 <= padding < length - 1:
        raise MalformedError(f"a packet of {4 + length} bytes with {padding} of padding")
    if len(buffer) < 4 + length:
        return None
    return buffer[5 : 4 + length - padding], 4 + length


def decode_kexinit(payload: bytes) -> KexInit:
    """Read SSH_MSG_KEXINIT. Raises MalformedError."""
    reader = Reader(payload)
    if reader.number(1) != Message.KEXINIT:
        raise MalformedError(f"message {payload[0]} instead of SSH_MSG_KEXINIT")
    reader.take(16)
    lists = [_names(reader.vector(4)) for _ in range(_LISTS)]
    reader.take(5)  # whether a guessed packet follows, which no server has to send; and what is reserved
    reader.end()
    return KexInit(**dict(zip(KexInit.__dataclass_fields__, lists, strict=True)))


def _names(data: bytes) -> tuple[str, ...]:
    """A name-list (RFC 4251 §5 and §6)."""
    if not data:
        return ()
    if not data.isascii() or data.count(b",") >= MAX_NAMES:
        raise MalformedError("a name-list that is not ASCII, or too long")
    names = tuple(data.decode("ascii").split(","))
    if not all(name and name.isprintable() for name in names):
        raise MalformedError("a name-list with an empty or unprintable name")
    return names


def decode_disconnect(payload: bytes) -> str:
    """What SSH_MSG_DISCONNECT says (RFC 4253 §11.1). Raises MalformedError."""
    reader = Reader(payload[1:])
    reason, text = reader.number(4), printable(reader.vector(4), 100)
    return f"disconnected with reason {reason}" + (f" '{text}'" if text else "")


# --- values to bytes ----------------------------------------------------------------------------------------------


def string(data: bytes) -> bytes:
    """With its length before it (RFC 4251 §5)."""
    return len(data).to_bytes(4) + data


def mpint(number: int) -> bytes:
    """A number that is not negative, without its length (RFC 4251 §5)."""
    return number.to_bytes(number.bit_length() // 8 + 1) if number else b""


def encode_packet(payload: bytes) -> bytes:
    """A packet without encryption; its padding hides nothing, so that zeros will do."""
    padding = BLOCK - (5 + len(payload)) % BLOCK
    padding += BLOCK if padding < 4 else 0
    return (1 + len(payload) + padding).to_bytes(4) + bytes([padding]) + payload + bytes(padding)


def encode_kexinit(offer: KexInit, cookie: bytes) -> bytes:
    """The payload of SSH_MSG_KEXINIT; `cookie` has 16 random bytes."""
    lists = b"".join(string(",".join(names).encode("ascii")) for names in astuple(offer))
    return bytes([Message.KEXINIT]) + cookie + lists + bytes(5)


def encode_disconnect(text: str) -> bytes:
    """The payload of SSH_MSG_DISCONNECT, by the application (RFC 4253 §11.1)."""
    return bytes([Message.DISCONNECT]) + (11).to_bytes(4) + string(text.encode()) + string(b"")
