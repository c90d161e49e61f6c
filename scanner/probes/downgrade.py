"""Send a fallback signal with the version before the newest, and read the sentinel off answers in older versions."""

from dataclasses import replace

from scanner.interview import Interview
from scanner.model import AskFailedError
from scanner.observations.downgrade import Downgrade, FallbackScsv
from scanner.observations.tls_versions import TlsVersions
from scanner.probes import _commands, _heard
from scanner.wire.tls_names import FALLBACK_SCSV, Alert, Version

SENTINELS = (b"DOWNGRD\x00", b"DOWNGRD\x01")
"""RFC 8446 §4.1.3: the last eight bytes of the random of a server that speaks TLS 1.3."""


async def probe(interview: Interview, versions: TlsVersions) -> Downgrade:
    """Fallback signal and sentinel."""
    accepted = [version for version in Version if versions.versions.get(version.label) == "accepted"]
    usable = [version for version in accepted if version > Version.SSLv2]
    if len(usable) < 2:
        return Downgrade(fallback_scsv="not-applicable")
    try:
        answer, reason = await _fall_back(interview, usable[-2])
    except AskFailedError as error:
        answer, reason = "unknown", str(error)
    return Downgrade(fallback_scsv=answer, reason=reason, sentinel=_sentinels(interview, usable))


async def _fall_back(interview: Interview, version: Version) -> tuple[FallbackScsv, str]:
    hello, _ = await _heard.acceptance(interview, version)
    hello = replace(hello, suites=(*hello.suites, FALLBACK_SCSV))
    flight = await interview.ask(hello)
    command = _commands.asking(interview, hello, "-fallback_scsv", "-cipher", f"ALL:{_commands.LEVEL}")
    interview.cite("fallback SCSV", f"{hello}, TLS_FALLBACK_SCSV among them", str(flight), command)
    if flight.accepted is not None:
        return "ignored", ""
    if flight.alert is not None and flight.alert.description == Alert.INAPPROPRIATE_FALLBACK:
        return "honoured", ""
    return "unknown", f"answered with {flight.alert}"


def _sentinels(interview: Interview, accepted: list[Version]) -> dict[str, bool]:
    """Of versions up to TLS 1.2 where the server speaks TLS 1.3, up to TLS 1.1 where it speaks TLS 1.2."""
    if accepted[-1] < Version.TLSv1_2:
        return {}
    found: dict[str, bool] = {}
    for version in accepted[:-1]:
        heard = list(_heard.of_version(interview, version))
        randoms = [flight.hello.random for _, flight in heard if flight.hello]
        if randoms:
            found[version.label] = all(random.endswith(SENTINELS) for random in randoms)
            answered = "ends with the sentinel" if found[version.label] else "has no sentinel"
            options = ["-msg", "-cipher", f"ALL:{_commands.LEVEL}"]
            command = _commands.asking(interview, heard[0][0], *options, version=version)
            interview.cite("downgrade sentinel", f"random of the {version.label} ServerHello", answered, command)
    return found
