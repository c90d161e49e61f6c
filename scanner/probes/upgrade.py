"""Listen to a server inside TLS, and once more after a command that was sent behind the upgrade.

The second is how a man in the middle gets words of his own into a session that is encrypted from then on: a server
that reads ahead finds them in its buffer when TLS is up, and takes them for the client's.
"""

from collections.abc import Sequence
from typing import NamedTuple

from scanner.interview import Interview
from scanner.model import AskFailedError, FailureKind
from scanner.net.dial import Connection
from scanner.net.tls import Behind
from scanner.observations.cleartext import Cleartext
from scanner.observations.tls_versions import TlsVersions
from scanner.observations.upgrade import Advertised, Injection, Upgrade
from scanner.protocols import Injected, Inside
from scanner.wire.text import printable

QUICK = True
PASSIVE = "not asked: a command behind the upgrade is an active question (--passive)"
_ENDED = {FailureKind.CLOSED_EARLY, FailureKind.RESET}


class _Tried(NamedTuple):
    """What came of one upgrade with a command behind it."""

    sent: bool
    """Whether the command went out."""
    begun: bool
    """Whether TLS began."""
    answer: bytes = b""
    error: AskFailedError | None = None

    @property
    def in_doubt(self) -> bool:
        """Whether it failed with the command on its way, perhaps for reasons of its own."""
        return self.sent and self.error is not None

    @property
    def kind(self) -> FailureKind | None:
        """What kind of failure it was, if it was one."""
        return self.error.failure.kind if self.error else None


async def probe(interview: Interview, _versions: TlsVersions, said: Cleartext | None) -> Upgrade:
    """One connection, and another for the injection, which is left out if `passive`. Raises AskFailedError.

    The injection comes first: where TLS does not begin with it, what follows shows whether it does without.
    """
    inside = interview.protocol.inside
    if inside is None:
        return Upgrade()
    injected = inside.injected if interview.protocol.upgrade is not None else None
    before = said.capabilities if said is not None and interview.protocol.upgrade is not None else None
    if injected is None or interview.passive:
        after = await _look(interview, inside)
        return Upgrade(
            before=before, after=after, injection="unknown" if injected else None, how=PASSIVE if injected else ""
        )
    tries = [await _try(interview, injected)]
    doubted = tries[0].in_doubt
    try:
        # where the first try failed, this is the second: without the command, to see whether that is why
        after = await _look(interview, inside, once=doubted)
    except AskFailedError as error:
        if not tries[0].begun:
            raise
        before, after = None, Advertised(how=f"could not be asked: {error}")
    else:
        if doubted:
            tries.append(await _try(interview, injected))
    injection, how = _noticed(tries, unsteady=interview.unsteady)
    interview.cite("injection", f"{injected.what}, in one segment", how, interview.injecting(injected))
    return Upgrade(before=before, after=after, injection=injection, how=how)


async def _look(interview: Interview, inside: Inside, *, once: bool = False) -> Advertised:
    """What is offered inside TLS. Raises AskFailedError."""
    after = await interview.inside(inside.look, once=once)
    again = {True: "TLS offered again", False: "TLS not offered again", None: ""}[after.tls_offered]
    told = "; ".join(part for part in (again, after.how, ", ".join(after.capabilities)) if part)
    interview.cite("inside TLS", f"{interview.endpoint.protocol} inside TLS", told, interview.inside_tls())
    return after


async def _try(interview: Interview, injected: Injected) -> _Tried:
    """Send the command behind the upgrade, on one connection."""
    behind = Behind(injected.first, injected.command)
    begun = False

    async def answered(line: Connection) -> bytes:
        nonlocal begun
        begun = True
        return await injected.answered(line)

    try:
        answer = await interview.inside(answered, through=behind, once=True)
    except AskFailedError as error:
        return _Tried(behind.sent, begun, error=error)
    return _Tried(behind.sent, begun, answer)


def _noticed(tries: Sequence[_Tried], *, unsteady: bool) -> tuple[Injection, str]:
    """What became of the command, and what shows it.

    That the upgrade fails counts where it does so in the same way each time, and TLS begins without the command: a
    refusal may be of the moment (454). Dovecot closes, at times with a reset for what it has not read; that counts
    where nothing else was ever in need of a second try.
    """
    last = tries[-1]
    error = last.error
    if error is None:
        if last.answer:
            return "executed", f"answered inside TLS with '{printable(last.answer, 100)}'"
        return "dropped", "not answered inside TLS"
    if not last.sent:
        return "unknown", f"the command was not sent: {error}"
    if any(one.begun for one in tries):
        return "unknown", f"TLS began with a command behind the upgrade, and then: {error}"
    kinds = {one.kind for one in tries}
    if kinds == {FailureKind.UPGRADE_REFUSED} or (kinds <= _ENDED and not unsteady):
        return "dropped", f"the upgrade fails with a command behind it: {error}"
    if kinds == {FailureKind.MALFORMED} and error.received:
        return "dropped", f"answered in the clear: {error}"
    return "unknown", f"the upgrade failed with a command behind it: {error}"
