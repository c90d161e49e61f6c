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
    older = [version for version in usable if version < Version.TLSv1_3]
    reasons: dict[str, str] = {}
    grease = newer = _NOT_APPLICABLE
    if (heard := _first(interview, has_grease)) is not None:
        grease = "tolerated", heard
    elif usable:
        grease = await _add(interview, usable[-1], with_grease, "grease", reasons)
    if (heard := _first(interview, _is_of_the_future)) is not None:
        newer = "tolerated", heard
    elif older:
        newer = await _add(interview, older[-1], of_the_future, "newer_versions", reasons)
    for name, (found, question) in (("GREASE", grease), ("newer versions", newer)):
        asked = f"a ClientHello that was accepted, and {name} added"
        # openssl s_client has no option for either; of a question that nobody could ask there are no bytes
        command = interview.s_client() if question is None else interview.sending(question)
        interview.cite(name, asked, found, command)
    return Tolerance(grease=grease[0], newer_versions=newer[0], reasons=reasons)


_NOT_APPLICABLE: tuple[Tolerated, Hello | None] = "not-applicable", None


def _first(interview: Interview, wanted: Callable[[Hello], bool]) -> Hello | None:
    return next((hello for hello, _ in interview.heard() if wanted(hello)), None)


def _is_of_the_future(hello: Hello) -> bool:
    return hello.legacy_version == FUTURE


async def _add(
    interview: Interview, version: Version, change: Callable[[Hello], Hello], name: str, reasons: dict[str, str]
) -> tuple[Tolerated, Hello | None]:
    question = None
    try:
        hello, _ = await _heard.acceptance(interview, version)
        question = change(hello)
        reply = await interview.offer(question)
    except AskFailedError as error:
        reasons[name] = str(error)
        return "unknown", question
    if reply.accepted is not None:
        return "tolerated", question
    reasons[name] = reply.how
    return "intolerant", question
