"""What a server has already shown in answers to whatever question: probes need not ask for it again."""

from collections.abc import Iterator

from scanner.interview import Interview
from scanner.model import AskFailedError, FailureKind
from scanner.wire.tls_flight import Flight
from scanner.wire.tls_hello import CLASSICAL_GROUPS, SIGNATURE_SCHEMES, TLS13_GROUPS, Hello
from scanner.wire.tls_names import Version
from scanner.wire.tls_questions import version_hellos


def of_version(interview: Interview, version: Version) -> Iterator[tuple[Hello, Flight]]:
    """The questions that were answered in `version`, with their answers."""
    return ((hello, flight) for hello, flight in interview.heard() if flight.hello and flight.hello.version == version)


async def acceptance(interview: Interview, version: Version) -> tuple[Hello, Flight]:
    """The hello with which `version` was found to be accepted, and its answer: usually asked before.

    Raises AskFailedError, also where every such answer breaks the protocol.
    """
    known = version_hellos(version, interview.protocol.alpn)
    if not any(of_version(interview, version)):
        for hello in known:
            if (await interview.ask(hello)).accepted:
                break
    heard = list(of_version(interview, version))
    found = next((one for one in heard if one[0] in known), None) or next(iter(heard), None)
    if found is None:
        wrong = next(iter(interview.deviations), f"every answer in {version.label} selected something")
        raise AskFailedError(FailureKind.MALFORMED, f"{wrong}, which was not offered")
    return found


def groups(interview: Interview, version: Version) -> tuple[int, ...]:
    """Groups that the server selected, in the order it first did."""
    return tuple(dict.fromkeys(f.group_code for _, f in of_version(interview, version) if f.group_code is not None))


def schemes(interview: Interview, version: Version) -> tuple[int, ...]:
    """Signature schemes that the server signed with in the clear, of those that it was offered."""
    signed = ((hello.schemes, flight.key_exchange.scheme) for hello, flight in of_version(interview, version))
    return tuple(dict.fromkeys(scheme for offered, scheme in signed if scheme is not None and scheme in offered))


def unheard_groups(interview: Interview, version: Version) -> tuple[int, ...]:
    """Groups that are offered in `version` and that the server has not selected yet."""
    seen = groups(interview, version)
    listed = TLS13_GROUPS if version is Version.TLSv1_3 else CLASSICAL_GROUPS
    return tuple(code for code in listed if code not in seen)


def unheard_schemes(interview: Interview, version: Version) -> tuple[int, ...]:
    """Signature schemes that are offered in TLS 1.2 and that the server has not signed with yet."""
    seen = schemes(interview, version)
    return tuple(code for code in SIGNATURE_SCHEMES if code not in seen)


# fmt: off
ALPN_NAMES = (
    "h2", "http/1.1", "http/1.0", "http/0.9", "h2c", "spdy/3.1", "spdy/3", "spdy/2", "spdy/1", "acme-tls/1",
    "imap", "pop3", "managesieve", "nntp", "nnsp", "ftp", "irc", "xmpp-client", "xmpp-server", "mqtt", "sip/2", "coap",
    "postgresql", "tds/8.0", "dot", "ntske/1", "radius/1.0", "radius/1.1", "stun.turn", "stun.nat-discovery",
    "webrtc", "c-webrtc", "sunrpc", "smb", "co", "dicom", "n2n",
)
# fmt: on
"""IANA "TLS Application-Layer Protocol Negotiation (ALPN) Protocol IDs" that a TCP server may speak."""


def alpn(interview: Interview) -> tuple[str, ...]:
    """Application protocols that the server selected, in the order it first did."""
    clear = (flight.hello.alpn for _, flight in interview.heard() if flight.hello)
    return tuple(dict.fromkeys(name for name in (*clear, *(one.alpn for _, one in interview.handshakes())) if name))


def unheard_alpn(interview: Interview) -> tuple[str, ...]:
    """Those that were not selected yet; none any more once the server has declined what is left."""
    seen = alpn(interview)
    left = tuple(name for name in ALPN_NAMES if name not in seen)
    return () if interview.declined_alpn(frozenset(left)) else left
