"""Ask with the endpoint's name in SNI, without any, and with one that nobody has."""

import asyncio
from hashlib import sha256

from scanner.interview import Interview
from scanner.model import AskFailedError, FailureKind
from scanner.observations.server_names import ServerNames, Shown
from scanner.observations.signature_schemes import SignatureSchemes
from scanner.observations.tls_versions import TlsVersions
from scanner.probes import _heard, _tls13
from scanner.probes._commands import S_CLIENT
from scanner.wire.tls_names import Version

UNKNOWN_NAME = "tlsassay-unknown-name.invalid"
"""RFC 6761 §6.4: nobody has it."""


async def probe(interview: Interview, versions: TlsVersions, _schemes: SignatureSchemes | None) -> ServerNames:
    """In the newest version up to TLS 1.2 that has SNI, else in TLS 1.3. Raises AskFailedError when neither is
    accepted."""
    accepted = [version for version in Version if versions.versions.get(version.label) == "accepted"]
    able = [version for version in accepted if version > Version.SSLv3]
    if not able:
        raise AskFailedError(FailureKind.MALFORMED, "no version of TLS that has server names was accepted")
    version = max((one for one in able if one < Version.TLSv1_3), default=Version.TLSv1_3)
    own = interview.endpoint.server_name
    names = [own, None, UNKNOWN_NAME] if own else [None, UNKNOWN_NAME]
    *with_name, without, unknown = await asyncio.gather(*(_show(interview, version, name) for name in names))
    first = with_name[0] if with_name else without
    others = [one for one in (without, unknown) if one.outcome == "accepted"]
    known = first.outcome == "accepted" and bool(own)
    return ServerNames(
        with_name=first if own else None,
        without_name=without,
        unknown_name=unknown,
        required=without.outcome == "declined" if known and without.outcome != "unknown" else None,
        differs=any(one.sha256 != first.sha256 for one in others) if known and others else None,
    )


async def _show(interview: Interview, version: Version, name: str | None) -> Shown:
    try:
        shown = await (
            _encrypted(interview, name) if version is Version.TLSv1_3 else _in_clear(interview, version, name)
        )
    except AskFailedError as error:
        shown = Shown(outcome="unknown", how=str(error))
    answered = shown.how if shown.outcome != "accepted" else f"leaf certificate sha256 {shown.sha256}"
    options = ["-servername", name] if name else ["-noservername"]
    command = interview.s_client(S_CLIENT[version], *options, "-cipher", "ALL:@SECLEVEL=0")
    interview.cite("server names", f"{version.label}, {f'SNI {name}' if name else 'no SNI'}", answered, command)
    return shown


async def _in_clear(interview: Interview, version: Version, name: str | None) -> Shown:
    hello, _ = await _heard.acceptance(interview, version)
    own = name == interview.endpoint.server_name
    flight = await (interview.ask(hello) if own else interview.ask(hello, name))
    if flight.accepted is None:
        return Shown(outcome="declined", how=str(flight))
    return Shown(outcome="accepted", sha256=_leaf(flight.certificates))


async def _encrypted(interview: Interview, name: str | None) -> Shown:
    question = _tls13.hello(interview)
    own = name == interview.endpoint.server_name
    handshake = await (interview.shake_hands(question) if own else interview.shake_hands(question, server_name=name))
    if handshake is None:
        return Shown(outcome="declined", how="closed each time without an alert")
    if not handshake.finished:
        return Shown(outcome="declined", how=str(handshake.alert or handshake.hello))
    return Shown(outcome="accepted", sha256=_leaf(handshake.certificates))


def _leaf(certificates: tuple[bytes, ...]) -> str:
    return sha256(certificates[0]).hexdigest() if certificates else ""
