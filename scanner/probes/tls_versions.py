"""Ask for each version of the protocol on a connection of its own."""

import asyncio
from dataclasses import dataclass

from scanner.interview import Interview
from scanner.model import AskFailedError
from scanner.observations.tls_versions import Answer, TlsVersions
from scanner.wire.tls_names import Alert, Version
from scanner.wire.tls_questions import version_hellos

_NOT_THIS_VERSION = {
    Alert.PROTOCOL_VERSION,
    Alert.HANDSHAKE_FAILURE,
    Alert.INSUFFICIENT_SECURITY,
    Alert.ILLEGAL_PARAMETER,
    Alert.DECODE_ERROR,
    Alert.UNSUPPORTED_EXTENSION,
    Alert.MISSING_EXTENSION,
    Alert.UNEXPECTED_MESSAGE,
    Alert.INTERNAL_ERROR,  # OpenSSL 3, when its security level leaves no digest for TLS 1.0
}
"""Alerts that decline a hello for what it offers; others (unrecognized_name …) say nothing about versions."""

_S_CLIENT = {
    Version.SSLv3: "-ssl3",
    Version.TLSv1_0: "-tls1",
    Version.TLSv1_1: "-tls1_1",
    Version.TLSv1_2: "-tls1_2",
    Version.TLSv1_3: "-tls1_3",
}


@dataclass(frozen=True)
class _Said:
    version: Version
    answer: Answer
    reason: str = ""
    failure: AskFailedError | None = None


async def probe(interview: Interview) -> TlsVersions:
    """Accepted, refused or unknown for SSLv3 to TLS 1.3. Raises AskFailedError when not one version got an answer."""
    first = await _ask(interview, Version.TLSv1_2)  # alone: it shows whether anybody speaks TLS at all
    others = [version for version in Version if version is not Version.TLSv1_2]
    said = sorted([first, *await asyncio.gather(*(_ask(interview, version) for version in others))], key=lambda one: one.version)
    if first.failure is not None and all(one.failure for one in said):
        raise first.failure
    return TlsVersions(
        versions={one.version.label: one.answer for one in said},
        reasons={one.version.label: one.reason for one in said if one.answer == "unknown"},
    )


async def _ask(interview: Interview, version: Version) -> _Said:
    """Ask until a hello is accepted, or declined because of its version, or there is no other way to ask."""
    options = [_S_CLIENT[version]] + (["-cipher", "ALL:@SECLEVEL=0"] if version < Version.TLSv1_3 else [])
    command = interview.s_client(*options)
    said = _Said(version, "refused")
    for hello in version_hellos(version, interview.endpoint.server_name, interview.protocol.alpn):
        try:
            flight = await interview.ask(hello)
        except AskFailedError as error:
            interview.cite(version.label, str(hello), str(error), command)
            return _Said(version, "unknown", str(error), error)
        interview.cite(version.label, str(hello), str(flight), command)
        if flight.alert is None:
            return _accepted(version, flight.hello.version if flight.hello else 0)
        if flight.alert.description not in _NOT_THIS_VERSION:
            said = _Said(version, "unknown", f"answered with {flight.alert}, which is not about versions")
        elif flight.alert.description == Alert.PROTOCOL_VERSION:
            return _Said(version, "refused")
    return said


def _accepted(asked: Version, negotiated: int) -> _Said:
    if negotiated == asked:
        return _Said(asked, "accepted")
    if negotiated < asked:
        return _Said(asked, "refused")
    return _Said(asked, "unknown", "the server negotiated a version newer than the one offered")
