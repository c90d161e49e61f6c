"""Listen to a server inside TLS, and once more after a command that was sent behind the upgrade.

The second is how a man in the middle gets words of his own into a session that is encrypted from then on: a server
that reads ahead finds them in its buffer when TLS is up, and takes them for the client's.
"""

from scanner.interview import Interview
from scanner.model import AskFailedError, FailureKind
from scanner.net.dial import Connection
from scanner.net.tls import Behind
from scanner.observations.cleartext import Cleartext
from scanner.observations.tls_versions import TlsVersions
from scanner.observations.upgrade import Advertised, Injection, Upgrade
from scanner.protocols import Inside
from scanner.wire.text import printable

QUICK = True
_ENDED = {FailureKind.CLOSED_EARLY, FailureKind.RESET}


async def probe(interview: Interview, _versions: TlsVersions, said: Cleartext | None) -> Upgrade:
    """One connection, and another for the injection, which is left out if `passive`. Raises AskFailedError."""
    inside = interview.protocol.inside
    if inside is None:
        return Upgrade()
    upgrades = interview.protocol.upgrade is not None
    injection, how, begun = await _inject(interview, inside) if upgrades else (None, "", False)
    try:
        # after the injection: where TLS does not begin with it, this shows that it does without
        after = await interview.inside(inside.look)
    except AskFailedError as error:
        if not begun:
            raise
        return Upgrade(after=Advertised(how=f"could not be asked: {error}"), injection=injection, how=how)
    _cite_look(interview, after)
    before = said.capabilities if said is not None and upgrades else None
    return Upgrade(before=before, after=after, injection=injection, how=how)


def _cite_look(interview: Interview, after: Advertised) -> None:
    again = {True: "TLS offered again", False: "TLS not offered again", None: ""}[after.tls_offered]
    told = "; ".join(part for part in (again, after.how, ", ".join(after.capabilities)) if part)
    interview.cite("inside TLS", f"{interview.endpoint.protocol} inside TLS", told, interview.inside_tls())


async def _inject(interview: Interview, inside: Inside) -> tuple[Injection | None, str, bool]:
    """Whether a command from before is answered inside TLS, what shows it, and whether TLS began at all."""
    injected = inside.injected
    if injected is None:
        return None, "", False
    if interview.passive:
        return "unknown", "not asked: a command behind the upgrade is an active question (--passive)", False
    begun = False
    behind: list[Behind] = []

    def through() -> Behind:
        behind.append(Behind(injected.first, injected.command))
        return behind[-1]

    async def answered(line: Connection) -> bytes:
        nonlocal begun
        begun = True
        return await injected.answered(line)

    try:
        answer = await interview.inside(answered, through=through)
    except AskFailedError as error:
        injection, how = _noticed(error, begun=begun, unsteady=interview.unsteady)
        if not any(one.sent for one in behind[-1:]):
            injection, how = "unknown", f"the command was not sent: {error}"
    else:
        injection = "executed" if answer else "dropped"
        how = f"answered inside TLS with '{printable(answer, 100)}'" if answer else "not answered inside TLS"
    interview.cite("injection", f"{injected.what}, in one segment", how, interview.injecting(injected))
    return injection, how, begun


def _noticed(error: AskFailedError, *, begun: bool, unsteady: bool) -> tuple[Injection, str]:
    """What it means that TLS did not come about, as it does without the command.

    Dovecot closes, at times with a reset for what it has not read: that counts where it happens each time and nothing
    else was ever in need of a second try.
    """
    kind = error.failure.kind
    if begun:
        return "unknown", f"TLS began with a command behind the upgrade, and then: {error}"
    if kind is FailureKind.UPGRADE_REFUSED or (kind in _ENDED and not unsteady):
        return "dropped", f"the upgrade fails with a command behind it: {error}"
    if kind is FailureKind.MALFORMED and error.received:
        return "dropped", f"answered in the clear: {error}"
    return "unknown", f"the upgrade failed with a command behind it: {error}"
