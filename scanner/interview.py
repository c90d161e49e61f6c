"""Everything that is asked of one endpoint.

Theory of operation. Probes put their questions to the endpoint's one `Interview`. It asks a question at most once and
remembers the answer, so probes share connections without knowing of each other; `heard` lets them read what others were
told. Each probe has a view of its own, which collects its evidence and counts its connections.

Some stacks (Dovecot 2.3, OpenLDAP over GnuTLS) never send an alert: they decline a hello by closing. A close is still
no answer, but `hangs_up_on` can show that the hello decides it: every try of it was closed, and no other ever was.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar, cast

from scanner.approach import Approach, Name
from scanner.asking import Asker
from scanner.memory import DECLINES, OWN
from scanner.model import AskFailedError, FailureKind
from scanner.net import session
from scanner.net.dial import Connection, Layer
from scanner.net.exchange import HungUpError
from scanner.observations.cleartext import Cleartext
from scanner.protocols import AskAgainError, Converse
from scanner.wire.sslv2 import Sslv2Flight, Sslv2Hello
from scanner.wire.tls13 import Handshake
from scanner.wire.tls13_messages import Ticket
from scanner.wire.tls_flight import Flight, ServerHello
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_offered import wrongly_selected
from scanner.wire.tls_session import Session

T = TypeVar("T")

Again = tuple[tuple[object, ...], Callable[[], Awaitable[object]]]


@dataclass(frozen=True)
class Reply:
    """What an offer came to: accepted, or declined for what was offered."""

    flight: Flight | None
    how: str
    """What the server said, or did."""
    closed: bool = False
    """Declined by closing, without an alert."""

    @property
    def accepted(self) -> ServerHello | None:
        """The ServerHello; None when the offer was declined."""
        return self.flight.accepted if self.flight else None


class Interview(Approach):
    """The questions put to one endpoint and their answers."""

    # questions

    async def reach(self) -> None:
        """Connect, if nobody has yet; over UDP, be heard. Raises AskFailedError when the address does not take it."""
        if self.protocol.transport == "tcp":
            await self._caller.reach(self)
        else:
            knock = self.protocol.knock
            await self._caller.hear(self, knock(self.endpoint) if knock else b"")

    async def ask(self, hello: Hello, server_name: Name = OWN) -> Flight:
        """The server's answer to a hello. Raises AskFailedError when there is none."""
        key = (hello, server_name)
        return await self.recall(key, lambda: self._tls(key, partial(self._flight, hello, server_name)))

    async def ask_sslv2(self, hello: Sslv2Hello) -> Sslv2Flight:
        """The server's answer to a hello of SSL 2.0. Raises AskFailedError when there is none."""
        key = (hello, OWN)
        work = partial(self._sslv2_flight, hello)
        return await self.recall(key, lambda: self._tls(key, work, "ssl2" if self._asker.ends("tls") else "tls"))

    async def try_once(self, hello: Hello) -> Flight | None:
        """As `ask`, but without a second try, and as if nothing had been asked when there is no answer: then None."""
        key = (hello, OWN)
        with suppress(AskFailedError):
            flight = await self._once(key, partial(self._flight, *key))
            self._asker.note_answer("tls")
            self._answers.setdefault(key, flight)
            return flight
        return None

    async def recall(self, question: object, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to a question, which is asked at most once; a failure is remembered as well."""
        async with self._turns[question]:  # whoever asks the same meanwhile waits for this answer
            if question not in self._answers:
                try:
                    self._answers[question] = await ask()
                except AskFailedError as error:
                    failure = error.failure  # not the error itself, whose traceback holds on to all that led to it
                    self._answers[question] = AskFailedError(failure.kind, failure.detail, received=error.received)
        answer = self._answers[question]
        if isinstance(answer, AskFailedError):
            raise AskFailedError(answer.failure.kind, answer.failure.detail, received=answer.received)
        return cast(T, answer)  # what `ask` returned

    async def offer(self, hello: Hello, server_name: Name = OWN) -> Reply:
        """As `ask`, where only acceptance and refusal count.

        Raises AskFailedError when there is no answer, when an alert is not about what was offered, and when the server
        selects what was not.
        """
        try:
            flight = await self.ask(hello, server_name)
        except AskFailedError:
            if server_name == OWN and await self.hangs_up_on((hello, hello)):
                shown = "closed each time without an alert, while other hellos are accepted each time"
                return Reply(None, shown, closed=True)
            flight = await self.ask(hello, server_name)  # which may have had its answer now
        if flight.accepted is None:
            if flight.alert is not None and flight.alert.description in DECLINES:
                return Reply(None, str(flight))
            raise AskFailedError(FailureKind.MALFORMED, f"answered with {flight}, which is not about what was offered")
        if wrong := wrongly_selected(hello, flight):
            raise AskFailedError(FailureKind.MALFORMED, f"{wrong[0]}, which was not offered")
        return Reply(flight, str(flight))

    def was_sent(self, question: Hello | Sslv2Hello) -> bool:
        """Whether it went out at all: not to an address that takes no connection, nor after giving up."""
        return (question, OWN) in self._sent

    async def hangs_up_on(self, questions: Sequence[Hello | Sslv2Hello]) -> bool:
        """Whether closing is how this server declines these, of which the last was asked before.

        A hello that was accepted before is asked again before and after they are, one after the other while nothing
        else is: true if each is closed without an answer once more, the other is accepted once more, and no answer ever
        needed a second try. A reset or a timeout never counts. They are asked more often the first time, when little
        tells a server that means it from one that closes by chance.
        """
        return await self._closes([self._again(question) for question in dict.fromkeys(questions)])

    def _again(self, question: Hello | Sslv2Hello) -> Again:
        key = (question, OWN)
        if isinstance(question, Sslv2Hello):
            return key, partial(self._once, key, partial(self._sslv2_flight, question), alone=True)
        return key, partial(self._once, key, partial(self._flight, question, OWN), alone=True)

    async def _closes(self, again: Sequence[Again]) -> bool:
        """`again`: questions, the last of which was asked before, and how to ask each once more."""
        control = self._asker.control
        if self._asker.unsteady or again[-1][0] not in self._hung_up or control is None:
            return False
        first = not self._asker.closes
        asked = [*again, *[again[-1]] * 3] if first else [*again]
        try:
            async with self._asker.alone():
                answers = [await self._asker.once(control, self, alone=True)] if first else []
                for question, ask in asked:
                    with suppress(HungUpError):
                        self._answers[question] = await ask()
                        self._asker.unsteady = True
                        return False
                answers.append(await self._asker.once(control, self, alone=True))
        except AskFailedError:
            return False
        means_it = all(map(_is_accepted, answers)) and not self._asker.unsteady
        # closing at SSL 2.0 says less: to many a stack it is no TLS at all
        self._asker.closes = self._asker.closes or (means_it and not isinstance(again[-1][0][0], Sslv2Hello))
        return means_it

    async def shake_hands(
        self, hello: Hello, *, server_name: Name = OWN, finish: bool = False, ticket: Ticket | None = None
    ) -> Handshake | None:
        """All of a TLS 1.3 server's flight, in answer to a hello with key shares; with `finish`, what follows as well.

        None: the server declines by closing. Raises AskFailedError when there is no answer.
        """
        key = (hello, server_name, True, ticket)
        if not finish and not isinstance(self._answers.get(key), Handshake):
            key = (hello, server_name, False, ticket)
        work = partial(self._handshake, hello, server_name, finish=finish, ticket=ticket)
        try:
            return await self.recall(key, lambda: self._tls(key, work))
        except AskFailedError:
            if server_name == OWN and await self._closes([(key, partial(self._once, key, work, alone=True))]):
                return None
            return await self.recall(key, lambda: self._tls(key, work))  # which may have had its answer now

    async def establish(self, *, tickets: bool) -> Session | session.Declined:
        """A session up to TLS 1.2, begun without a client certificate. Raises AskFailedError when there is none."""
        key = ("session", tickets)
        work = partial(session.establish, server_name=self.endpoint.server_name, tickets=tickets)
        return await self.recall(key, lambda: self._tls(key, work))

    async def converse(self) -> Cleartext:
        """What the protocol finds out in the clear. Raises AskFailedError."""
        converse = self.protocol.converse
        if converse is None:
            await self.reach()
            return Cleartext(speaks="unknown")
        try:
            return await self._converse(converse)
        except AskAgainError as other:
            return await self._converse(other.converse)

    async def _converse(self, converse: Converse) -> Cleartext:
        return await self._asker.attempt("clear", lambda line: converse(line, self.endpoint, self.passive), self)

    async def talk(self, question: object, work: Callable[[Connection], Awaitable[T]], *, port: int | None = None) -> T:
        """What `work` finds out on a fresh connection, of a protocol that has its own words. Raises AskFailedError.

        `port`: another one of the same address, where the server says that the conversation goes on. What is said there
        is not remembered: it is no answer of this endpoint.
        """
        if port is not None:
            return await Asker(self._caller.elsewhere(port), per_address=1).attempt("clear", work, self)
        return await self.recall(question, lambda: self._asker.attempt("clear", work, self))

    async def inside(
        self,
        work: Callable[[Connection], Awaitable[T]],
        *,
        alpn: Sequence[str] = (),
        through: Layer | None = None,
        once: bool = False,
    ) -> T:
        """Do `work` on a fresh connection once TLS has begun on it, by upgrade where the protocol takes one.

        Up to three tries, or one, while no other question is under way (`once`); nothing is remembered. `through`: what
        the upgrade itself is said through, for one connection. Raises AskFailedError; DeclinedError when an alert ends
        the handshake.
        """
        run = partial(self._inside, work, alpn, through)
        if not once:
            return await self._asker.attempt("inside", run, self)
        async with self._asker.alone():
            return await self._asker.once(run, self, alone=True)


def _is_accepted(answer: object) -> bool:
    if isinstance(answer, Handshake):
        return answer.finished
    return isinstance(answer, Flight | Sslv2Flight) and bool(answer.accepted)
