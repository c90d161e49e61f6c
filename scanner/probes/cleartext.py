"""Listen to, and talk with, a server before any TLS."""

from msgspec.structs import replace

from scanner import registry
from scanner.interview import Interview
from scanner.model import AskFailedError, FailureKind, ReachTls
from scanner.observations.cleartext import Cleartext
from scanner.observations.tls_versions import TlsVersions
from scanner.protocols import protocol
from scanner.wire.text import printable
from scanner.wire.tls_names import Version
from scanner.wire.tls_questions import version_hellos

QUICK = True


async def probe(interview: Interview, versions: TlsVersions | None) -> Cleartext:
    """What the protocol finds out; where TLS has to come first, whether it does. Raises AskFailedError."""
    if interview.protocol.reach_tls is ReachTls.IMPLICIT:
        return Cleartext(speaks="tls") if versions is not None else await _first_bytes(interview)
    try:
        seen = await interview.converse()
    except AskFailedError as error:
        interview.cite("cleartext", f"{interview.endpoint.protocol} in the clear", str(error), interview.in_the_clear())
        raise
    if seen.tls_offered is None and interview.protocol.offers_apart:
        seen = replace(seen, tls_offered=await _upgrades(interview))
    if interview.protocol.converse is not None:
        offered = {True: "TLS offered", False: "TLS not offered", None: ""}[seen.tls_offered]
        told = [f"'{seen.banner}'", offered, f"credentials {seen.credentials}" + (f" ({seen.how})" if seen.how else "")]
        answered = "; ".join(part for part in told if part)
        interview.cite("cleartext", f"{interview.endpoint.protocol} in the clear", answered, interview.in_the_clear())
    return seen


async def _upgrades(interview: Interview) -> bool | None:
    """Whether TLS answers after the upgrade, or the upgrade is declined; None when there is neither."""
    try:
        await interview.ask(version_hellos(Version.TLSv1_2, interview.protocol.alpn)[0])  # asked before, so no question
    except AskFailedError as error:
        return False if error.failure.kind is FailureKind.UPGRADE_REFUSED else None
    return True


async def _first_bytes(interview: Interview) -> Cleartext:
    """Any TLS record in answer to a ClientHello is TLS; else whoever knows these words may say what they are."""
    hello = version_hellos(Version.TLSv1_2, interview.protocol.alpn)[0]
    try:
        await interview.ask(hello)
    except AskFailedError as error:
        if error.failure.kind is not FailureKind.MALFORMED:
            raise
        spoken = recognise(error.received)
        if spoken is None:
            raise
        banner = printable(error.received, 128)
        interview.cite("cleartext", str(hello), f"no TLS but '{banner}'", interview.s_client())
        how = "not asked: the port was declared to speak TLS"
        return Cleartext(speaks=spoken, banner=banner, credentials="unknown", how=how)
    return Cleartext(speaks="tls")


def recognise(received: bytes) -> str | None:
    """The protocol whose first words these are; None when no protocol claims them."""
    for scheme in registry.identifiers("protocols"):
        known = protocol(scheme)
        if known.speaks is not None and known.speaks.match(received):
            return scheme
    return None
