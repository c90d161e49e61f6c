"""How a Remote Desktop session begins: X.224 Connection Request and Confirm, with RDP's negotiation in them.

Source: MS-RDPBCGR §2.2.1.1 and §2.2.1.2, over RFC 1006 §6 (TPKT) and X.224 §13.3 and §13.4. RDP's own numbers are
little-endian.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from scanner.wire.errors import MalformedError

_NEGOTIATION = struct.Struct("<BBHI")
"""Type, flags, length, and what it is about."""
_REQUEST, _RESPONSE, _FAILURE = 1, 2, 3
_CONFIRM = 0xD0
_REFUSED = 0x80
"""X.224 Disconnect Request."""


class Security(IntFlag):
    """Protocols to choose from (§2.2.1.1.1)."""

    RDP = 0
    SSL = 1
    HYBRID = 2
    """CredSSP within TLS: Network Level Authentication."""
    RDSTLS = 4
    HYBRID_EX = 8
    RDSAAD = 16
    """Entra ID, within TLS as well."""


class FailureCode(IntEnum):
    """Why none was chosen (§2.2.1.2.2)."""

    SSL_REQUIRED_BY_SERVER = 1
    SSL_NOT_ALLOWED_BY_SERVER = 2
    SSL_CERT_NOT_ON_SERVER = 3
    INCONSISTENT_FLAGS = 4
    HYBRID_REQUIRED_BY_SERVER = 5
    SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER = 6


@dataclass(frozen=True)
class Confirm:
    """The server chose a security protocol, or says why it did not."""

    selected: int | None
    """None where there is a failure."""
    failure: int | None = None

    def __str__(self) -> str:
        if self.failure is not None:
            known = self.failure in set(FailureCode)
            return f"failure {FailureCode(self.failure).name if known else self.failure}"
        return f"protocol {self.selected}"


def connection_request(protocols: Security) -> bytes:
    """Ask for a session by one of these protocols, without a cookie."""
    negotiation = _NEGOTIATION.pack(_REQUEST, 0, 8, protocols)
    tpdu = struct.pack(">BHHB", 0xE0, 0, 0, 0) + negotiation
    return struct.pack(">BBHB", 3, 0, 5 + len(tpdu), len(tpdu)) + tpdu


def decode_confirm(buffer: bytes) -> tuple[Confirm, int] | None:
    """The answer to a connection request; None when more bytes are needed. Raises MalformedError."""
    if not b"\3\0".startswith(buffer[:2]):
        raise MalformedError("not a TPKT")
    if len(buffer) < 6:
        return None
    length, indicator, code = struct.unpack_from(">HBB", buffer, 2)
    if code == _REFUSED:
        raise MalformedError("an X.224 disconnect in answer to a connection request")
    if code != _CONFIRM or length != 5 + indicator or indicator not in (6, 14):
        raise MalformedError("not an X.224 connection confirm")
    if len(buffer) < length:
        return None
    if indicator == 6:  # a server that knows nothing of negotiation
        return Confirm(Security.RDP), length
    kind, _, size, about = _NEGOTIATION.unpack_from(buffer, 11)
    if size != _NEGOTIATION.size or kind not in (_RESPONSE, _FAILURE):
        raise MalformedError("neither a negotiation response nor a failure")
    return (Confirm(about) if kind == _RESPONSE else Confirm(None, about)), length
