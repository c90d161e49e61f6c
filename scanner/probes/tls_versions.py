"""Ask for each version of the protocol on a connection of its own; at depth quick for all below the minimum at once."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache

from scanner.interview import Interview
from scanner.memory import DECLINES
from scanner.model import AskFailedError, Failure, FailureKind
from scanner.observations.tls_versions import Answer, TlsVersions
from scanner.probes import _commands, _tls13
from scanner.wire.sslv2 import Sslv2Hello
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import Alert, Version, version_name
from scanner.wire.tls_questions import long_hello, version_hellos

QUICK = True

_NOT_THIS_VERSION = DECLINES - {Alert.NO_CERTIFICATE, Alert.UNSUPPORTED_CERTIFICATE, Alert.ACCESS_DENIED}
"""Alerts that decline a hello for what it offers, certificates aside; others say nothing about versions."""


@dataclass(frozen=True)
class _Said:
    version: Version
    answer: Answer
    reason: str = ""
    failure: Failure | None = None
    accepted: Hello | None = None
    covers: tuple[Version, ...] = ()
    """Older versions that the hello offered as well, with the same answer."""
    instead: Version | None = None
    """The older version that was negotiated."""


async def probe(interview: Interview) -> TlsVersions:
    """Accepted, refused or unknown for SSLv2 to TLS 1.3. Raises AskFailedError when not one version got an answer."""
    first = await _ask(interview, Version.TLSv1_2)  # alone: it shows whether anybody speaks TLS at all
    alone = [first]
    if first.failure is not None:  # perhaps nobody speaks this one any more
        alone.append(await _ask(interview, Version.TLSv1_3))
    asked = {one.version for one in alone}
    others = await asyncio.gather(*(_ask(interview, version) for version in _wanted(interview) if version not in asked))
    said = sorted([*alone, *others], key=lambda one: one.version)
    if first.failure is not None and all(one.failure for one in said):
        raise AskFailedError(first.failure.kind, first.failure.detail)
    accepted = next((one.version for one in said if one.answer == "accepted"), None)
    if accepted is not None:
        said = [await _look_into(interview, one, accepted) for one in said]
    covered = {version for one in said for version in (one.version, *one.covers)}
    for version in sorted(set(Version) - covered):  # the one hello for them all was accepted, or not answered
        one = await _ask(interview, version)
        said.append(one if accepted is None else await _look_into(interview, one, accepted))
    found = {one.version: one for one in said}
    for one in said:
        for version in one.covers:
            found.setdefault(version, one)
        if one.instead is not None:
            found.setdefault(one.instead, _Said(one.instead, "accepted", f"in answer to {one.version.label}"))
    return TlsVersions(
        versions={version.label: found[version].answer for version in sorted(found)},
        reasons={version.label: found[version].reason for version in sorted(found) if found[version].reason},
    )


def _wanted(interview: Interview) -> tuple[Version, ...]:
    """All versions, or at depth quick those from the minimum on and what tells of all below it."""
    if not interview.plan.quick:
        return tuple(Version)
    below = _below_minimum(interview)
    return tuple(version for version in Version if version not in below[:-1])


def _below_minimum(interview: Interview) -> tuple[Version, ...]:
    """SSLv3 and newer below the policies' minimum, which one hello of the newest of them offers together."""
    return _from_sslv3(interview.plan.asks.minimum)


@cache
def _from_sslv3(minimum: str | None) -> tuple[Version, ...]:
    labels = [version.label for version in Version]
    return tuple(Version)[1 : labels.index(minimum)] if minimum in labels else ()


async def _ask(interview: Interview, version: Version) -> _Said:
    """Ask until a hello is accepted, or declined because of its version, or there is no other way to ask."""
    if version is Version.SSLv2:
        return await _ask_sslv2(interview)
    if interview.plan.quick and (known := await _ask_for_more(interview, version)):
        return known
    said = _Said(version, "refused")
    hellos = version_hellos(version, interview.protocol.alpn)
    for hello in hellos[-1:] if interview.plain else hellos:
        command = _commands.of_version(interview, hello)
        try:
            flight = await interview.ask(hello)
        except AskFailedError as error:
            if interview.was_sent(hello):
                interview.cite(version.label, str(hello), str(error), command)
            return await _ask_plainly(interview, _Said(version, "unknown", str(error), error.failure), hello)
        interview.cite(version.label, str(hello), str(flight), command)
        if flight.accepted is not None:
            return _negotiated(version, flight.accepted.version, hello)
        alert = flight.alert.description if flight.alert else None
        if alert not in _NOT_THIS_VERSION:
            said = _Said(version, "unknown", f"answered with {flight.alert}, which is not about versions")
        elif alert == Alert.PROTOCOL_VERSION:
            return _refused(interview, version)
    return said if said.answer == "unknown" else _refused(interview, version)


async def _ask_plainly(interview: Interview, said: _Said, hello: Hello) -> _Said:
    """Whether a server that ends the connection at the first TLS 1.2 hello answers one with less in it, as wolfSSL."""
    *watched, plain = version_hellos(said.version, interview.protocol.alpn)
    ended = said.failure is not None and said.failure.kind in (FailureKind.CLOSED_EARLY, FailureKind.RESET)
    if said.version is not Version.TLSv1_2 or hello != watched[0] or not ended or interview.heard():
        return said
    flight = await interview.try_once(plain)
    if flight is None or flight.accepted is None or flight.accepted.version != said.version:
        return said
    interview.leave_out_what_is_watched()
    interview.cite(said.version.label, str(plain), str(flight), _commands.of_version(interview, plain))
    return _Said(said.version, "accepted", f"{said.reason}, but not a hello with less in it", accepted=plain)


async def _ask_for_more(interview: Interview, version: Version) -> _Said | None:
    """At depth quick: a hello whose acceptance answers another question as well; None when it tells nothing."""
    if version is Version.TLSv1_2:
        # that it takes a long hello: then the refusal of one counts
        hello = long_hello(interview.protocol.alpn)
        flight = await interview.try_once(hello)
        if flight is not None and flight.accepted and flight.accepted.version == version:
            interview.cite(version.label, str(hello), str(flight), _commands.of_version(interview, hello))
            return _Said(version, "accepted", accepted=hello)
    if version is Version.TLSv1_3 and interview.plan.saves_connections:
        # whether it has a certificate with another kind of key than TLS 1.2 has shown
        question = _tls13.hello(interview, _tls13.of_kinds(_tls13.unheard_kinds(interview)))
        with suppress(AskFailedError):
            handshake = await interview.shake_hands(question)
            if handshake is not None and handshake.finished:
                command = _commands.of_version(interview, question)
                interview.cite(version.label, str(question), str(handshake.hello), command)
                return _Said(version, "accepted", accepted=question)
    return None


def _refused(interview: Interview, version: Version) -> _Said:
    """Refused; at depth quick with all that the hello offered besides."""
    below = _below_minimum(interview) if interview.plan.quick else ()
    if len(below) < 2 or version is not below[-1]:
        return _Said(version, "refused")
    reason = f"one hello offered everything from SSLv3 to {version.label}"
    return _Said(version, "refused", reason, covers=below[:-1])


def _negotiated(asked: Version, negotiated: int, hello: Hello) -> _Said:
    if negotiated == asked:
        return _Said(asked, "accepted", accepted=hello)
    if negotiated < asked and negotiated in set(Version):
        return _Said(asked, "refused", instead=Version(negotiated))
    return _Said(asked, "unknown", f"the server negotiated {version_name(negotiated)}, which was not offered")


async def _ask_sslv2(interview: Interview) -> _Said:
    """Only a SERVER-HELLO with ciphers is support: JSSE answers with an error record, OpenSSL with an alert."""
    hello = Sslv2Hello()
    try:
        flight = await interview.ask_sslv2(hello)
    except AskFailedError as error:
        if interview.was_sent(hello):
            interview.cite(Version.SSLv2.label, str(hello), str(error), _commands.of_version(interview, hello))
        return _Said(Version.SSLv2, "unknown", str(error), error.failure)
    interview.cite(Version.SSLv2.label, str(hello), str(flight), _commands.of_version(interview, hello))
    if flight.alert is not None and flight.alert.description not in _NOT_THIS_VERSION:
        return _Said(Version.SSLv2, "unknown", f"answered with {flight.alert}, which is not about versions")
    if flight.hello is None:
        return _Said(Version.SSLv2, "refused")
    if not flight.hello.ciphers:
        return _Said(Version.SSLv2, "refused", "answers SSL 2.0, but has no cipher for it")
    return _Said(Version.SSLv2, "accepted")


async def _look_into(interview: Interview, said: _Said, accepted: Version) -> _Said:
    """Whether a version without an answer is declined by closing, as some stacks do."""
    if said.failure is None:
        return said
    if said.version is Version.SSLv2:
        hellos: tuple[Hello | Sslv2Hello, ...] = (Sslv2Hello(),)
    else:
        known = version_hellos(said.version, interview.protocol.alpn)
        asked_first = known[-1:] if interview.plain else known[:2]
        hellos = tuple(reversed((*asked_first, *asked_first)[:2]))
    if not await interview.hangs_up_on(hellos):
        return said
    shown = f"closes each time, with every suite, while {accepted.label} is accepted each time"
    asked = " and ".join(map(str, hellos))
    interview.cite(said.version.label, f"{asked}, again", shown, _commands.of_version(interview, hellos[-1]))
    return replace(_refused(interview, said.version), reason=f"no alert: {shown}")
