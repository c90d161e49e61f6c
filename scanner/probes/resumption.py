"""Begin sessions and ask for them again: by ticket and by ID up to TLS 1.2, by pre-shared key in TLS 1.3.

Up to TLS 1.2 the first flight tells whether a session goes on (RFC 5246 §7.3), so the second connection needs no
cryptography.
"""

import os
from dataclasses import replace

from scanner.interview import Interview
from scanner.model import AskFailedError, FailureKind
from scanner.net.session import Declined
from scanner.observations.resumption import Resumed, Resumption
from scanner.observations.signature_schemes import SignatureSchemes
from scanner.observations.tls_versions import TlsVersions
from scanner.probes import _commands, _tls13
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import Alert, Extension, Version
from scanner.wire.tls_questions import offering
from scanner.wire.tls_session import Session


class _Found:
    def __init__(self) -> None:
        self.tickets: dict[str, Resumed] = {}
        self.session_ids: dict[str, Resumed] = {}
        self.lifetimes: dict[str, int] = {}
        self.early_data: bool | None = None
        self.max_early_data: int | None = None
        self.reasons: dict[str, str] = {}


async def probe(interview: Interview, versions: TlsVersions, _schemes: SignatureSchemes | None) -> Resumption:
    """Resumption in TLS 1.3 and in the newest older version that is accepted."""
    accepted = [version for version in Version if versions.versions.get(version.label) == "accepted"]
    found = _Found()
    for version in [one for one in accepted if Version.SSLv3 < one < Version.TLSv1_3][-1:]:
        try:
            await _in_clear(interview, version, found)
        except AskFailedError as error:
            found.reasons[version.label] = str(error)
            found.tickets.setdefault(version.label, "unknown")
            found.session_ids.setdefault(version.label, "unknown")
    if Version.TLSv1_3 in accepted:
        try:
            await _encrypted(interview, found)
        except AskFailedError as error:
            found.reasons[Version.TLSv1_3.label] = str(error)
            found.tickets.setdefault(Version.TLSv1_3.label, "unknown")
    return Resumption(
        tickets=found.tickets,
        session_ids=found.session_ids,
        ticket_lifetimes=found.lifetimes,
        early_data=found.early_data,
        max_early_data=found.max_early_data,
        reasons=found.reasons,
    )


async def _in_clear(interview: Interview, version: Version, found: _Found) -> None:
    session = await _begin(interview, tickets=True)
    label, options = version.label, _commands.version_options(version)
    if session.lifetime is not None:
        found.lifetimes[label] = session.lifetime
    if session.ticket:
        found.tickets[label] = await _goes_on(interview, session, by_ticket=True)
    else:
        found.tickets[label] = "not offered"
    _cite(interview, f"{label} tickets", found.tickets[label], [*options, "-reconnect"])
    if not session.session_id or session.ticket:
        session = await _begin(interview, tickets=False)
    if session.session_id:
        found.session_ids[label] = await _goes_on(interview, session, by_ticket=False)
    else:
        found.session_ids[label] = "not offered"
    _cite(interview, f"{label} session IDs", found.session_ids[label], [*options, "-no_ticket", "-reconnect"])


async def _begin(interview: Interview, *, tickets: bool) -> Session:
    session = await interview.establish(tickets=tickets)
    if isinstance(session, Declined):
        raise AskFailedError(FailureKind.MALFORMED, f"the handshake was declined: {session.how}")
    return session


async def _goes_on(interview: Interview, session: Session, *, by_ticket: bool) -> Resumed:
    """Whether the server goes on with a session; the answer to a hello in the clear shows it."""
    hello = _again(session, by_ticket=by_ticket)
    flight = await interview.ask(hello)
    if flight.accepted is None:
        raise AskFailedError(FailureKind.MALFORMED, f"the session, asked for again, was answered with {flight}")
    echoed = flight.accepted.session_id == hello.session_id
    return "resumed" if flight.resumed and echoed else "refused"


def _again(session: Session, *, by_ticket: bool) -> Hello:
    """As the first hello of the session, since a server may insist on that (RFC 7627 §5.3)."""
    hello = replace(offering(Version(session.version), (session.suite,)), padded=True)
    if not by_ticket:
        return replace(hello, session_id=session.session_id)
    # RFC 5077 §3.4: with an ID of the client's own, the server shows by echoing it that it took the ticket
    own = os.urandom(32)
    return replace(hello, session_id=own, extensions=(*hello.extensions, (Extension.SESSION_TICKET, session.ticket)))


async def _encrypted(interview: Interview, found: _Found) -> None:
    label = Version.TLSv1_3.label
    question = _tls13.hello(interview)
    first = await _tls13.shake_hands(interview, question, finish=True)
    if first is None or (first.alert is not None and first.alert.description != Alert.CLOSE_NOTIFY):
        said = f"ended with {first.alert}" if first else "was declined"
        found.tickets[label], found.reasons[label] = "unknown", f"the handshake {said}"
        return
    ticket = first.tickets[0] if first.tickets else None
    if ticket is None:
        found.tickets[label] = "not offered"
    else:
        found.lifetimes[label], found.max_early_data = ticket.lifetime, ticket.max_early_data
        again = await _tls13.shake_hands(interview, question, ticket=ticket)
        found.tickets[label] = "resumed" if again is not None and again.resumed else "refused"
        if ticket.max_early_data is not None and again is not None:
            found.early_data = Extension.EARLY_DATA in again.extensions
    if ticket is None or ticket.max_early_data is None:
        found.early_data = False
    _cite(interview, f"{label} tickets", found.tickets[label], ["-tls1_3", "-reconnect"])
    early = {True: "accepted", False: "refused or not offered", None: "not known"}[found.early_data]
    _cite(interview, "early data", early, ["-tls1_3"])


def _cite(interview: Interview, about: str, answered: str, options: list[str]) -> None:
    interview.cite(about, f"a session, and the same again: {about}", answered, interview.s_client(*options))
