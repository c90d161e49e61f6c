"""How a question gets to an endpoint, on a fresh connection and after what it takes to get to TLS, and what is noted.

Theory of operation. An upgrade comes first where the protocol has one. What a server accepts is noted for other probes
to read, what it selects without having been offered it as a deviation, and the first hello that it accepts becomes the
control: the question that it is known to answer.
"""

import asyncio
import copy
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Self, TypeVar

from scanner.asking import Asker
from scanner.declared import Service
from scanner.memory import OWN, Memory
from scanner.model import Endpoint, Failure
from scanner.net import exchange
from scanner.net.caller import Caller
from scanner.net.dial import Connection, Layer
from scanner.net.exchange import HungUpError
from scanner.net.limits import Gate, Limits
from scanner.net.tls import begin_tls
from scanner.notes import Notes
from scanner.plan import FULL, Plan
from scanner.protocols import Protocol
from scanner.wire.sslv2 import Sslv2Flight, Sslv2Hello
from scanner.wire.tls13 import Handshake
from scanner.wire.tls13_messages import Ticket
from scanner.wire.tls_flight import Flight
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_offered import not_offered, not_offered_in_handshake, wrongly_selected

T = TypeVar("T")
Name = str | None


class Approach(Notes, Memory):
    """The way to one endpoint; which questions there are is `Interview`'s."""

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
        Notes.__init__(self, endpoint, protocol)
        Memory.__init__(self)
        self.service = service
        self.passive = passive
        self.plan = plan
        self.connections = 0
        """Connections tried for this view."""
        self._caller = Caller(
            endpoint.address,
            endpoint.port,
            gate=gate,
            limits=limits,
            transport=protocol.transport,
            unresolved=unresolved,
            run_deadline=run_deadline,
        )
        self._asker = Asker(self._caller, limits.per_address)
        self._turns: defaultdict[object, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._hung_up: set[object] = set()
        self._sent: set[object] = set()

    def view(self) -> Self:
        """The same interview for another probe: answers are shared, evidence and counts are not."""
        other = copy.copy(self)
        other._evidence, other.connections = [], 0
        return other

    async def close(self) -> None:
        """Drop the connection that nobody used."""
        await self._caller.close()

    @property
    def unsteady(self) -> bool:
        """Whether any TLS question needed more than one try, other than by being closed in good order."""
        return self._asker.unsteady

    @property
    def plain(self) -> bool:
        """Whether extensions that are merely watched are left out: some stacks close at one that they could ignore."""
        return self._asker.plain

    def leave_out_what_is_watched(self) -> None:
        """From now on."""
        self._asker.plain = True

    def _named(self, server_name: Name) -> str | None:
        return self.endpoint.server_name if server_name == OWN else server_name

    async def _tls(self, key: object, work: Callable[[Connection], Awaitable[T]], kind: str = "tls") -> T:
        """The answer to a question in TLS, after what it takes to get there; asked until there is one, or none."""
        try:
            return await self._asker.attempt(kind, partial(self._upgraded, key, work), self)
        except HungUpError:
            self._hung_up.add(key)
            raise

    async def _once(self, key: object, work: Callable[[Connection], Awaitable[T]], *, alone: bool = False) -> T:
        return await self._asker.once(partial(self._upgraded, key, work), self, alone=alone)

    async def _upgraded(self, key: object, work: Callable[[Connection], Awaitable[T]], line: Connection) -> T:
        await self._upgrade(line)
        self._sent.add(key)
        return await work(line)

    async def _upgrade(self, line: Connection) -> None:
        if self.protocol.upgrade is not None:
            line.called = self.endpoint.identity
            await self.protocol.upgrade(line)

    async def _inside(
        self,
        work: Callable[[Connection], Awaitable[T]],
        alpn: Sequence[str],
        through: Layer | None,
        line: Connection,
    ) -> T:
        if through is not None:
            line.put_on(through)
        await self._upgrade(line)
        await begin_tls(line, self.endpoint.server_name, alpn)
        return await work(line)

    async def _flight(self, hello: Hello, server_name: Name, line: Connection) -> Flight:
        flight = await exchange.first_flight(line, self._as_liked(hello), self._named(server_name))
        if flight.accepted is not None:
            wrong = not_offered(hello, flight)
            self._note_deviations(hello, wrong)
            if not wrongly_selected(hello, flight) and server_name == OWN:
                self._heard.append((hello, flight))
            if self._asker.control is None and server_name == OWN:
                key = (hello, server_name)
                self._asker.control = partial(self._upgraded, key, partial(self._flight, *key))
        return flight

    async def _sslv2_flight(self, hello: Sslv2Hello, line: Connection) -> Sslv2Flight:
        flight = await exchange.sslv2_hello(line, hello)
        if flight.accepted and self._asker.control is None:
            self._asker.control = partial(self._upgraded, (hello, OWN), partial(self._sslv2_flight, hello))
        return flight

    async def _handshake(
        self, hello: Hello, server_name: Name, line: Connection, *, finish: bool, ticket: Ticket | None
    ) -> Handshake:
        name = self._named(server_name)
        answer = await exchange.handshake(line, self._as_liked(hello), name, finish=finish, ticket=ticket)
        if self._asker.control is None and server_name == OWN and ticket is None and answer.finished:
            work = partial(self._handshake, hello, server_name, finish=False, ticket=None)
            self._asker.control = partial(self._upgraded, (hello, server_name), work)
        self._note_deviations(hello, not_offered_in_handshake(hello, answer))
        return answer

    def _as_liked(self, hello: Hello) -> Hello:
        """Once there was silence: of another length than those that some load balancers do not answer (RFC 7685 §1)."""
        return replace(hello, padded=True) if self._asker.silent and not hello.padded else hello
