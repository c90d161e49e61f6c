"""Hellos for a whole TLS 1.3 handshake, and what it came to."""

from collections.abc import Iterable
from dataclasses import replace

from scanner.interview import Interview
from scanner.memory import DECLINES
from scanner.model import AskFailedError, FailureKind
from scanner.probes import _heard
from scanner.wire.tls13 import Handshake
from scanner.wire.tls13_messages import Ticket
from scanner.wire.tls13_shares import SHARE_GROUPS
from scanner.wire.tls_hello import CHAIN_SCHEMES, TLS13_SCHEMES, Hello
from scanner.wire.tls_names import Extension, Version, group_name
from scanner.wire.tls_questions import offering
from scanner.wire.x509 import certificate_facts

SCHEMES = {
    "rsa": (0x0804, 0x0805, 0x0806),
    "ecdsa": (0x0403, 0x0503, 0x0603, 0x081A, 0x081B, 0x081C),
    "rsa-pss": (0x0809, 0x080A, 0x080B),
    "eddsa": (0x0807, 0x0808),
    "ml-dsa": (0x0904, 0x0905, 0x0906),
}
"""Signature schemes that a server has for a kind of key (RFC 8446 §4.2.3)."""
_IN_CHAINS = (0x0401, 0x0501, 0x0601)
"""For signatures inside the chain only: RFC 8446 §4.2.3 allows PKCS #1 in certificates, never in CertificateVerify."""


def kind_of(key_type: str) -> str:
    """The kind of key that has to be asked for to be shown this one."""
    return "eddsa" if key_type in {"ed25519", "ed448"} else "ml-dsa" if key_type.startswith("ml-dsa") else key_type


def unheard_kinds(interview: Interview) -> list[str]:
    """Kinds of key that no certificate so far has."""
    leafs = {flight.certificates[0] for _, flight in interview.heard() if flight.certificates}
    leafs |= {one.certificates[0] for _, one in interview.handshakes() if one.certificates}
    seen = {kind_of(certificate_facts(leaf).key.type) for leaf in leafs}
    return [kind for kind in SCHEMES if kind not in seen]


def of_kinds(kinds: Iterable[str]) -> tuple[int, ...]:
    """The schemes of these kinds of key."""
    return tuple(code for kind in kinds for code in SCHEMES[kind])


def hello(interview: Interview, schemes: tuple[int, ...] = TLS13_SCHEMES, alpn: tuple[str, ...] | None = None) -> Hello:
    """A hello with a share of a group that the server is known to take. Raises AskFailedError when none can be made."""
    group = _group(interview)
    offer = offering(Version.TLSv1_3, groups=(group,), schemes=tuple(dict.fromkeys((*schemes, *_IN_CHAINS))))
    return replace(
        offer,
        key_shares=(group,),
        alpn=interview.protocol.alpn if alpn is None else alpn,
        extensions=(CHAIN_SCHEMES,) if interview.plain else (CHAIN_SCHEMES, *_STAPLED),
    )


_STAPLED = ((Extension.STATUS_REQUEST, b"\x01\0\0\0\0"), (Extension.SIGNED_CERTIFICATE_TIMESTAMP, b""))


def _group(interview: Interview) -> int:
    heard = _heard.groups(interview, Version.TLSv1_3)
    usable = [group for group in SHARE_GROUPS if group in heard]
    if heard and not usable:
        named = ", ".join(map(group_name, heard))
        raise AskFailedError(FailureKind.INTERNAL, f"this scanner has no cryptography for {named}")
    return usable[0] if usable else SHARE_GROUPS[0]


async def shake_hands(
    interview: Interview, question: Hello, *, finish: bool = False, ticket: Ticket | None = None
) -> Handshake | None:
    """The handshake; None when the server declines what was offered. Raises AskFailedError for anything else."""
    try:
        handshake = await interview.shake_hands(question, finish=finish, ticket=ticket)
    except AskFailedError as error:
        if interview.plain or interview.handshakes_done or error.failure.kind is not FailureKind.CLOSED_EARLY:
            raise
        handshake = None
    if handshake is None and not interview.plain and not interview.handshakes_done:
        # perhaps it closes at what is merely watched, as wolfSSL does
        plain = replace(question, extensions=(CHAIN_SCHEMES,))
        handshake = await interview.shake_hands(plain, finish=finish, ticket=ticket)
        if handshake is not None:
            interview.leave_out_what_is_watched()
    if handshake is None or handshake.finished:
        return handshake
    alert = handshake.alert
    if alert is not None and alert.description in DECLINES:
        return None
    said = str(alert or handshake.hello)
    raise AskFailedError(FailureKind.MALFORMED, f"a TLS 1.3 handshake was answered with {said}")
