"""Add to a hello that was accepted what a server has to ignore: reserved values, and a version of the future."""

from collections.abc import Callable

from scanner.interview import Interview
from scanner.model import AskFailedError
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.tls_versions import TlsVersions
from scanner.observations.tolerance import Tolerance, Tolerated
from scanner.probes import _heard
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import Version
from scanner.wire.tls_tolerance import FUTURE, has_grease, of_the_future, with_grease


async def probe(interview: Interview, versions: TlsVersions, _suites: CipherSuites | None) -> Tolerance:
    """Both kinds of tolerance; where the enumeration of suites has shown it, nothing is asked."""
    accepted = [version for version in Version if versions.versions.get(version.label) == "accepted"]
    usable = [version for version in accepted if version > Version.SSLv3]
    reasons: dict[str, str] = {}
    grease: Tolerated = "not-applicable"
    newer: Tolerated = "not-applicable"
    if any(has_grease(hello) for hello, _ in interview.heard()):
        grease = "tolerated"
    elif usable:
        grease = await _add(interview, usable[-1], with_grease, "grease", reasons)
    older = [version for version in usable if version < Version.TLSv1_3]
    if any(hello.legacy_version == FUTURE for hello, _ in interview.heard()):
        newer = "tolerated"
    elif older:
        newer = await _add(interview, older[-1], of_the_future, "newer_versions", reasons)
    for name, found in (("GREASE", grease), ("newer versions", newer)):
        asked = f"a ClientHello that was accepted, and {name} added"
        # openssl s_client has no option for either; what it shows is the hello without the addition
        interview.cite(name, asked, found, interview.s_client())
    return Tolerance(grease=grease, newer_versions=newer, reasons=reasons)


async def _add(
    interview: Interview, version: Version, change: Callable[[Hello], Hello], name: str, reasons: dict[str, str]
) -> Tolerated:
    try:
        hello, _ = await _heard.acceptance(interview, version)
        reply = await interview.offer(change(hello))
    except AskFailedError as error:
        reasons[name] = str(error)
        return "unknown"
    if reply.accepted is not None:
        return "tolerated"
    reasons[name] = reply.how
    return "intolerant"
