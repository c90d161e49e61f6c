"""Ask for each version of the protocol on a connection of its own."""

import asyncio
from dataclasses import dataclass

from scanner.interview import Interview
from scanner.model import AskFailedError
from scanner.observations.tls_versions import Answer, TlsVersions
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import Alert, Version, version_name
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
    accepted: Hello | None = None


async def probe(interview: Interview) -> TlsVersions:
    """Accepted, refused or unknown for SSLv3 to TLS 1.3. Raises AskFailedError when not one version got an answer."""
    first = await _ask(interview, Version.TLSv1_2)  # alone: it shows whether anybody speaks TLS at all
    alone = [first]
    if first.failure is not None:  # perhaps nobody speaks this one any more
        alone.append(await _ask(interview, Version.TLSv1_3))
    asked = {one.version for one in alone}
    others = await asyncio.gather(*(_ask(interview, version) for version in Version if version not in asked))
    said = sorted([*alone, *others], key=lambda one: one.version)
    if first.failure is not None and all(one.failure for one in said):
        raise first.failure
    accepted = next((one.accepted for one in said if one.accepted), None)
    if accepted is not None:
        said = [await _look_into(interview, one, accepted) for one in said]
    return TlsVersions(
        versions={one.version.label: one.answer for one in said},
        reasons={one.version.label: one.reason for one in said if one.reason},
    )


def _hellos(interview: Interview, version: Version) -> tuple[Hello, ...]:
    return version_hellos(version, interview.endpoint.server_name, interview.protocol.alpn)


def _command(interview: Interview, version: Version) -> str:
    options = ["-cipher", "ALL:@SECLEVEL=0"] if version < Version.TLSv1_3 else []
    return interview.s_client(_S_CLIENT[version], *options)


async def _ask(interview: Interview, version: Version) -> _Said:
    """Ask until a hello is accepted, or declined because of its version, or there is no other way to ask."""
    command = _command(interview, version)
    said = _Said(version, "refused")
    for hello in _hellos(interview, version):
        try:
            flight = await interview.ask(hello)
        except AskFailedError as error:
            if interview.was_sent(hello):
                interview.cite(version.label, str(hello), str(error), command)
            return _Said(version, "unknown", str(error), error)
        interview.cite(version.label, str(hello), str(flight), command)
        if flight.accepted is not None:
            return _negotiated(version, flight.accepted.version, hello)
        alert = flight.alert.description if flight.alert else None
        if alert not in _NOT_THIS_VERSION:
            said = _Said(version, "unknown", f"answered with {flight.alert}, which is not about versions")
        elif alert == Alert.PROTOCOL_VERSION:
            return _Said(version, "refused")
    return said


def _negotiated(asked: Version, negotiated: int, hello: Hello) -> _Said:
    if negotiated == asked:
        return _Said(asked, "accepted", accepted=hello)
    if negotiated < asked and negotiated in set(Version):
        return _Said(asked, "refused")
    return _Said(asked, "unknown", f"the server negotiated {version_name(negotiated)}, which was not offered")


async def _look_into(interview: Interview, said: _Said, accepted: Hello) -> _Said:
    """Whether a version without an answer is declined by closing, as some stacks do."""
    everyday, rest, *_ = _hellos(interview, said.version)
    if said.failure is None or not await interview.hangs_up_on((rest, everyday), accepted):
        return said
    shown = f"closes each time, with every suite, while {accepted.version.label} is accepted each time"
    interview.cite(said.version.label, f"{everyday} and {rest}, again", shown, _command(interview, said.version))
    return _Said(said.version, "refused", f"no alert: {shown}")
