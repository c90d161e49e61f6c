"""Everything that is asked of one endpoint.

Theory of operation. Probes put their questions to the endpoint's one `Interview`. It asks a question at most once and
remembers the answer, so probes share connections without knowing of each other; `heard` lets them read what others were
told. Each probe has a view of its own, which collects its evidence and counts its connections.

Some stacks (Dovecot 2.3, OpenLDAP over GnuTLS) never send an alert: they decline a hello by closing. A close is still
no answer, but `hangs_up_on` can show that the hello decides it: every try of it was closed, and no other ever was.
"""

import asyncio
import copy
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar, overload

from scanner.asking import Asker, HungUpError
from scanner.declared import Service
from scanner.model import AskFailedError, Endpoint, Evidence, Failure, FailureKind
from scanner.net import session
from scanner.net.caller import Caller
from scanner.net.dial import Connection
from scanner.net.limits import Gate, Limits
from scanner.observations.cleartext import Cleartext
from scanner.plan import FULL, Plan
from scanner.protocols import Protocol
from scanner.reproduce import in_the_clear, s_client
from scanner.wire.errors import MalformedError
from scanner.wire.sslv2 import Sslv2Flight, Sslv2Hello, encode_sslv2_hello
from scanner.wire.text import printable
from scanner.wire.tls13 import Handshake
from scanner.wire.tls13_messages import Ticket
from scanner.wire.tls13_psk import offer_psk
from scanner.wire.tls13_shares import make_share
from scanner.wire.tls_flight import Flight, ServerHello
from scanner.wire.tls_hello import Hello, encode_hello, encode_message, in_record
from scanner.wire.tls_names import Alert
from scanner.wire.tls_offered import not_offered, not_offered_in_handshake
from scanner.wire.tls_session import Session

T = TypeVar("T")
F = TypeVar("F", Flight, Sslv2Flight, Handshake)

DECLINES = {
    Alert.PROTOCOL_VERSION,
    Alert.HANDSHAKE_FAILURE,
    Alert.INSUFFICIENT_SECURITY,
    Alert.ILLEGAL_PARAMETER,
    Alert.DECODE_ERROR,
    Alert.UNSUPPORTED_EXTENSION,
    Alert.MISSING_EXTENSION,
    Alert.UNEXPECTED_MESSAGE,
    Alert.NO_CERTIFICATE,
    Alert.UNSUPPORTED_CERTIFICATE,
    Alert.ACCESS_DENIED,  # rustls, when it has no certificate of the kind
    Alert.INTERNAL_ERROR,  # OpenSSL 3, when its security level leaves no digest for TLS 1.0
}
"""Alerts that decline a hello for what it offers; others (unrecognized_name, no_application_protocol …) tell nothing."""

AFTERWARDS = 1.0
"""Seconds to wait for what a TLS 1.3 server says after the handshake, where it says anything."""

Name = str | None
_OWN = "\0"
"""In place of a server name: the endpoint's own."""


@dataclass(frozen=True)
class Reply:
    """What an offer came to: accepted, or declined for what was offered."""

    flight: Flight | None
    how: str
    """What the server said, or did."""

    @property
    def accepted(self) -> ServerHello | None:
        """The ServerHello; None when the offer was declined."""
        return self.flight.accepted if self.flight else None


class Interview:
    """The questions put to one endpoint and their answers."""

    def __init__(
        self,
        endpoint: Endpoint,
        service: Service,
        protocol: Protocol,
        *,
        gate: Gate,
        limits: Limits,
        passive: bool = False,
        plan: Plan = FULL,
        unresolved: Failure | None = None,
        run_deadline: float | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.service = service
        self.protocol = protocol
        self.passive = passive
        self.plan = plan
        self.connections = 0
        """Connections tried for this view."""
        self._caller = Caller(
            endpoint.address, endpoint.port, gate=gate, limits=limits, unresolved=unresolved, run_deadline=run_deadline
        )
        self._asker = Asker(self._caller, limits.per_address)
        self._answers: dict[object, object | AskFailedError] = {}
        self._turns: defaultdict[object, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._hung_up: set[object] = set()
        self._sent: set[object] = set()
        self._evidence: list[Evidence] = []
        self.deviations: dict[str, str] = {}
        """What the server selected without having been offered it → the question."""

    @property
    def answers(self) -> int:
        """Answers to ClientHellos so far, refusals included."""
        return sum(not isinstance(answer, AskFailedError) for answer in self._answers.values())

    def view(self) -> "Interview":
        """The same interview for another probe: answers are shared, evidence and counts are not."""
        other = copy.copy(self)
        other._evidence, other.connections = [], 0
        return other

    async def close(self) -> None:
        """Drop the connection that nobody used."""
        await self._caller.close()

    # questions

    async def reach(self) -> None:
        """Connect, if nobody has yet. Raises AskFailedError when the address does not take the connection."""
        await self._caller.reach(self)

    @overload
    async def ask(self, question: Hello, server_name: Name = _OWN) -> Flight: ...
    @overload
    async def ask(self, question: Sslv2Hello) -> Sslv2Flight: ...
    async def ask(self, question: Hello | Sslv2Hello, server_name: Name = _OWN) -> Flight | Sslv2Flight:
        """The server's answer to a first message. Raises AskFailedError when there is none."""
        return await self.recall((question, server_name), lambda: self._first_flight(question, server_name))

    async def try_once(self, hello: Hello) -> Flight | None:
        """As `ask`, but without a second try, and as if nothing had been asked when there is no answer: then None."""
        with suppress(AskFailedError):
            flight = await self._once(hello)
            if isinstance(flight, Flight):
                self._asker.note_answer("tls")
                self._answers.setdefault((hello, _OWN), flight)
                return flight
        return None

    async def recall(self, question: object, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to a question, which is asked at most once; a failure is remembered as well."""
        async with self._turns[question]:  # whoever asks the same meanwhile waits for this answer
            if question not in self._answers:
                try:
                    self._answers[question] = await ask()
                except AskFailedError as error:
                    self._answers[question] = error
        answer = self._answers[question]
        if isinstance(answer, AskFailedError):
            raise type(answer)(answer.failure.kind, answer.failure.detail, received=answer.received)
        return answer  # type: ignore[return-value]

    async def offer(self, hello: Hello, server_name: Name = _OWN) -> Reply:
        """As `ask`, where only acceptance and refusal count.

        Raises AskFailedError when there is no answer, when an alert is not about what was offered, and when the server
        selects what was not.
        """
        try:
            flight = await self.ask(hello, server_name)
        except AskFailedError:
            if await self._closes(hello, server_name):
                return Reply(None, "closed each time without an alert, while other hellos are accepted each time")
            flight = await self.ask(hello, server_name)  # which may have had its answer now
        if flight.accepted is None:
            if flight.alert is not None and flight.alert.description in DECLINES:
                return Reply(None, str(flight))
            raise AskFailedError(FailureKind.MALFORMED, f"answered with {flight}, which is not about what was offered")
        if wrong := not_offered(hello, flight):
            raise AskFailedError(FailureKind.MALFORMED, f"{wrong[0]}, which was not offered")
        return Reply(flight, str(flight))

    async def _closes(self, hello: Hello, server_name: Name) -> bool:
        """Whether the server declines this hello by closing, where another of its kind is accepted."""
        control = next((one for one, _ in self.heard()), None)
        return control is not None and server_name == _OWN and await self.hangs_up_on((hello, hello), control)

    def heard(self) -> Iterator[tuple[Hello, Flight]]:
        """What was accepted so far of the hellos with the endpoint's own name."""
        for key, answer in list(self._answers.items()):
            if isinstance(answer, Flight) and answer.accepted and isinstance(key, tuple) and key[1] == _OWN:
                hello = key[0]
                if isinstance(hello, Hello) and not not_offered(hello, answer):
                    yield hello, answer

    def declined(self) -> Iterator[tuple[Hello, int]]:
        """The hellos with the endpoint's own name that were declined for what they offer, and the alert."""
        for key, answer in list(self._answers.items()):
            if isinstance(answer, Flight | Handshake) and answer.alert and isinstance(key, tuple) and key[1] == _OWN:
                before = not (isinstance(answer, Handshake) and answer.finished)
                if before and isinstance(key[0], Hello) and answer.alert.description in DECLINES:
                    yield key[0], answer.alert.description

    def declined_alpn(self, names: frozenset[str]) -> bool:
        """Whether a hello that offered all of these application protocols was answered with none of them."""
        for key, answer in self._answers.items():
            if not isinstance(answer, Flight) or not isinstance(key, tuple) or not names <= set(key[0].alpn):
                continue
            alert = answer.alert.description if answer.alert else None
            if alert == Alert.NO_APPLICATION_PROTOCOL or (answer.accepted and answer.accepted.alpn is None):
                return True
        return False

    def was_sent(self, question: Hello | Sslv2Hello) -> bool:
        """Whether it went out at all: not to an address that takes no connection, nor after giving up."""
        return (question, _OWN) in self._sent

    async def hangs_up_on(self, hellos: Sequence[Hello | Sslv2Hello], accepted: Hello) -> bool:
        """Whether closing is how this server declines `hellos`, of which the last was asked before.

        `accepted`, which was answered before, is asked again before and after they are, one after the other: true if each
        is closed without a byte once more, `accepted` is accepted once more, and no answer ever needed a second try. A
        reset or a timeout never counts. They are asked more often the first time, when little tells a server that means
        it from one that closes by chance.
        """
        if self._asker.unsteady or (hellos[-1], _OWN) not in self._hung_up:
            return False
        first = not self._asker.closes
        asked = (*hellos, *[hellos[-1]] * 3) if first else tuple(dict.fromkeys(hellos))
        try:
            async with self._asker.alone():
                again = [await self._once(accepted, alone=True)] if first else []
                for hello in asked:
                    with suppress(HungUpError):
                        self._answers[hello, _OWN] = await self._once(hello, alone=True)
                        self._asker.unsteady = True
                        return False
                again.append(await self._once(accepted, alone=True))
        except AskFailedError:
            return False
        means_it = all(isinstance(one, Flight) and one.accepted for one in again) and not self._asker.unsteady
        self._asker.closes = self._asker.closes or means_it
        return means_it

    async def shake_hands(
        self, hello: Hello, *, server_name: Name = _OWN, finish: bool = False, ticket: Ticket | None = None
    ) -> Handshake:
        """All of a TLS 1.3 server's flight, in answer to a hello with key shares; with `finish`, what follows it as well.

        Raises AskFailedError when there is no answer, also when a key share cannot be made.
        """
        finished = (hello, server_name, True, ticket)
        key = finished if finish or isinstance(self._answers.get(finished), Handshake) else (*finished[:2], False, ticket)
        ask = partial(self._shake_hands, hello=hello, server_name=server_name, finish=finish, ticket=ticket)
        return await self.recall(key, lambda: self._asker.attempt("tls", ask, self))

    async def establish(self, *, tickets: bool) -> Session:
        """A session up to TLS 1.2, begun without a client certificate. Raises AskFailedError when there is none."""

        async def work(line: Connection) -> Session | session.DeclinedError:
            if self.protocol.upgrade is not None:
                await self.protocol.upgrade(line)
            try:
                return await session.establish(line, self.endpoint.server_name, tickets=tickets)
            except session.DeclinedError as error:
                return error  # an alert is an answer: nothing to try again

        answer = await self.recall(("session", tickets), lambda: self._asker.attempt("tls", work, self))
        assert isinstance(answer, Session)  # noqa: S101 - `recall` has raised the other
        return answer

    def handshakes(self) -> Iterator[tuple[Hello, Handshake]]:
        """The handshakes so far that the server went through with, all with the endpoint's own name."""
        for key, answer in list(self._answers.items()):
            if isinstance(answer, Handshake) and answer.finished and isinstance(key, tuple) and key[1] == _OWN:
                yield key[0], answer

    async def converse(self) -> Cleartext:
        """What the protocol finds out in the clear. Raises AskFailedError."""
        converse = self.protocol.converse
        if converse is None:
            return Cleartext(speaks="unknown")
        return await self._asker.attempt("clear", lambda line: converse(line, self.endpoint, self.passive), self)

    # evidence

    def cite(self, about: str, asked: str, answered: str, reproduce: str = "") -> None:
        """Note what was asked and what came back, for the attempt that is under way."""
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        line = Evidence(about=about, asked=asked, answered=printable(answered), at=moment, reproduce=reproduce)
        self._evidence.append(line)

    def take_evidence(self) -> tuple[Evidence, ...]:
        """What was noted since the last time."""
        taken, self._evidence = tuple(self._evidence), []
        return taken

    def s_client(self, *options: str) -> str:
        """An `openssl s_client` command that asks this endpoint the same."""
        return s_client(self.endpoint, self.protocol, *options)

    def in_the_clear(self) -> str:
        """A command that shows the conversation in the clear."""
        return in_the_clear(self.endpoint, self.protocol)

    # asking

    async def _first_flight(self, question: Hello | Sslv2Hello, server_name: Name) -> Flight | Sslv2Flight:
        try:
            return await self._asker.attempt("tls", lambda one: self._exchange(one, question, server_name), self)
        except HungUpError:
            self._hung_up.add((question, server_name))
            raise

    async def _once(self, question: Hello | Sslv2Hello, *, alone: bool = False) -> Flight | Sslv2Flight:
        return await self._asker.once(lambda one: self._exchange(one, question, _OWN), self, alone=alone)

    async def _exchange(self, line: Connection, question: Hello | Sslv2Hello, name: Name) -> Flight | Sslv2Flight:
        if self.protocol.upgrade is not None:
            await self.protocol.upgrade(line)
        self._sent.add((question, name))
        if isinstance(question, Sslv2Hello):
            line.send(encode_sslv2_hello(question, os.urandom(16)))
            return await self._read(line, Sslv2Flight())
        sent = self._as_liked(question)
        line.send(encode_hello(sent, os.urandom(64), self.endpoint.server_name if name == _OWN else name))
        flight = await self._read(line, Flight())
        if flight.accepted is not None:
            self._note_deviations(question, not_offered(question, flight))
            if self._asker.control is None and name == _OWN:
                self._asker.control = lambda one: self._exchange(one, question, _OWN)
        return flight

    def _note_deviations(self, hello: Hello, wrong: tuple[str, ...]) -> None:
        for what in wrong:
            self.deviations.setdefault(what, str(hello))

    async def _shake_hands(
        self, line: Connection, *, hello: Hello, server_name: Name, finish: bool, ticket: Ticket | None
    ) -> Handshake:
        if self.protocol.upgrade is not None:
            await self.protocol.upgrade(line)
        shares = [make_share(group) for group in hello.key_shares]
        public = {share.group: share.public for share in shares}
        name = self.endpoint.server_name if server_name == _OWN else server_name
        message = encode_message(self._as_liked(hello), os.urandom(64), name, public)
        if ticket is not None:
            message = offer_psk(message, ticket, ticket.age_add, early_data=ticket.max_early_data is not None)
        line.send(in_record(hello, message))
        handshake = await self._read(line, Handshake(message, shares, psk=ticket))
        self._note_deviations(hello, not_offered_in_handshake(hello, handshake))
        if finish and handshake.finished:
            line.send(handshake.finish())
            await self._read_on(line, handshake)
        return handshake

    def _as_liked(self, hello: Hello) -> Hello:
        """Once there was silence: of another length than those that some load balancers do not answer (RFC 7685 §1)."""
        return replace(hello, padded=True) if self._asker.silent and not hello.padded else hello

    async def _read_on(self, line: Connection, handshake: Handshake) -> None:
        """What a server says to a client that is in: tickets, or that it wants a certificate; perhaps nothing."""
        with suppress(TimeoutError, AskFailedError):
            handshake.feed(b"")
            async with asyncio.timeout(AFTERWARDS):
                while not handshake.tickets and handshake.alert is None and not handshake.application_bytes:
                    await self._feed(line, handshake, b"")

    async def _read(self, line: Connection, flight: F) -> F:
        received = b""
        while not flight.done:
            received = await self._feed(line, flight, received)
        return flight

    async def _feed(self, line: Connection, flight: F, received: bytes) -> bytes:
        """Wait for bytes, and read them; what was received so far, cut to a length that can be shown."""
        if not line.buffer:
            await self._more(line, received)
        received = (received + line.buffer)[:512]
        try:
            flight.feed(bytes(line.buffer))
        except MalformedError as error:
            detail = f"{error}; received '{printable(received[:64], 64)}'"
            raise AskFailedError(FailureKind.MALFORMED, detail, received=received) from error
        line.buffer.clear()
        return received

    async def _more(self, line: Connection, received: bytes) -> None:
        try:
            await line.more()
        except AskFailedError as error:
            if error.failure.kind is FailureKind.CLOSED_EARLY and not received:
                raise HungUpError(FailureKind.CLOSED_EARLY, "closed instead of answering the ClientHello") from error
            raise
