"""Everything that is asked of one endpoint.

Theory of operation. Probes put their questions to the endpoint's one `Interview`. It asks a question at most once and
remembers the answer, so probes share connections without knowing of each other. Only an answer is an answer: whatever
else happens on a connection is tried once more on a fresh one and then is a failure, never a "no". An endpoint that
does not even answer the first question of its kind is not asked the others: a mute server costs two connections, not
twenty. One that ends the connection is asked a second question first: it may be this version that it does not like.

Some stacks (Dovecot 2.3, OpenLDAP over GnuTLS) never send an alert: they decline a hello by closing. A close is still
no answer, but `hangs_up_on` can show that the hello decides it: every try of it was closed, and no other ever was.
"""

import asyncio
import os
import shlex
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeVar

from scanner.declared import Service
from scanner.model import AskFailedError, Endpoint, Evidence, Failure, FailureKind
from scanner.net import openssl
from scanner.net.caller import Caller
from scanner.net.dial import Connection
from scanner.net.limits import Gate, Limits
from scanner.observations.cleartext import Cleartext
from scanner.protocols import Protocol
from scanner.wire.errors import MalformedError
from scanner.wire.text import printable
from scanner.wire.tls_flight import Flight
from scanner.wire.tls_hello import Hello, encode_hello

T = TypeVar("T")

_DECIDED = {
    FailureKind.REFUSED,
    FailureKind.FILTERED,
    FailureKind.UNREACHABLE,
    FailureKind.UNRESOLVED,
    FailureKind.UPGRADE_REFUSED,
    FailureKind.FLOODED,
    FailureKind.INTERNAL,
}
"""Asking again at once would change nothing, or would only invite more of the same."""


_ENDED = {FailureKind.RESET, FailureKind.CLOSED_EARLY}


class _HungUpError(AskFailedError):
    """The server closed in good order, instead of any answer to a ClientHello."""


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
        unresolved: Failure | None = None,
        run_deadline: float | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.service = service
        self.protocol = protocol
        self.passive = passive
        self._caller = Caller(
            endpoint.address, endpoint.port, gate=gate, limits=limits, unresolved=unresolved, run_deadline=run_deadline
        )
        self._given_up: dict[str, Failure] = {}
        self._ended: set[str] = set()
        self._answered: set[str] = set()
        self._flights: dict[Hello, Flight | AskFailedError] = {}
        self._turns: defaultdict[Hello, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._handshakes: dict[str, openssl.Handshake | None] = {}
        self._hung_up: set[Hello] = set()
        self._sent: set[Hello] = set()
        self._unsteady = False
        self._evidence: list[Evidence] = []

    @property
    def connections(self) -> int:
        """Connections tried so far."""
        return self._caller.connections

    async def close(self) -> None:
        """Drop the connection that nobody used."""
        await self._caller.close()

    # questions

    async def reach(self) -> None:
        """Connect, if nobody has yet. Raises AskFailedError when the address does not take the connection."""
        await self._caller.reach()

    async def ask(self, hello: Hello) -> Flight:
        """The server's answer to a ClientHello. Raises AskFailedError when there is none."""
        async with self._turns[hello]:  # whoever asks the same meanwhile waits for this answer
            if hello not in self._flights:
                try:
                    asked = self._attempt("tls", lambda connection: self._exchange(connection, hello))
                    self._flights[hello] = await asked
                except AskFailedError as error:
                    self._flights[hello] = error
                    if isinstance(error, _HungUpError):
                        self._hung_up.add(hello)
        answer = self._flights[hello]
        if isinstance(answer, AskFailedError):
            raise AskFailedError(answer.failure.kind, answer.failure.detail, received=answer.received)
        return answer

    def was_sent(self, hello: Hello) -> bool:
        """Whether a hello went out at all: not to an address that takes no connection, nor after giving up."""
        return hello in self._sent

    async def hangs_up_on(self, hellos: Sequence[Hello], accepted: Hello) -> bool:
        """Whether closing is how this server declines `hellos`, of which the last was asked before.

        They are asked again one after the other, nothing else under way, and then `accepted`, which was answered
        before: true if each is closed without a byte once more, `accepted` is accepted once more, and no answer ever
        needed a second try. A reset or a timeout never counts.
        """
        if self._unsteady or hellos[-1] not in self._hung_up:
            return False
        try:
            for hello in hellos:
                self._hung_up.discard(hello)
                with suppress(_HungUpError):
                    await self._once(hello)
                    return False
                self._hung_up.add(hello)
            return (await self._once(accepted)).accepted is not None
        except AskFailedError:
            return False

    async def _once(self, hello: Hello) -> Flight:
        async with self._caller.connected() as connection:
            return await self._exchange(connection, hello)

    async def shake_hands(self, key_type: str) -> openssl.Handshake | None:
        """An authenticated TLS 1.3 handshake for one key type; None: the server declined."""

        async def work(connection: Connection) -> openssl.Handshake | None:
            await self._upgrade(connection)
            return await openssl.handshake(connection, key_type, self.endpoint.server_name, self.protocol.alpn)

        if key_type not in self._handshakes:
            self._handshakes[key_type] = await self._attempt("tls", work)
        return self._handshakes[key_type]

    async def converse(self) -> Cleartext:
        """What the protocol finds out in the clear. Raises AskFailedError."""
        converse = self.protocol.converse
        if converse is None:
            return Cleartext(speaks="unknown")
        return await self._attempt("clear", lambda connection: converse(connection, self.endpoint, self.passive))

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
        name = self.endpoint.server_name
        words = ["openssl", "s_client", "-connect", self._where()]
        words += ["-servername", name] if name else ["-noservername"]
        words += ["-starttls", self.protocol.starttls] if self.protocol.starttls else []
        return shlex.join([*words, *options]) + " </dev/null"

    def in_the_clear(self) -> str:
        """A command that shows the conversation in the clear."""
        endpoint = self.endpoint
        url_host = f"[{endpoint.identity}]" if ":" in endpoint.identity else endpoint.identity
        numeric = f"[{endpoint.address}]" if ":" in endpoint.address else endpoint.address
        words = {"host": url_host, "address": endpoint.address, "numeric": numeric, "port": str(endpoint.port)}
        return self.protocol.reproduce.format(**{key: shlex.quote(word) for key, word in words.items()})

    def _where(self) -> str:
        address = self.endpoint.address
        return f"[{address}]:{self.endpoint.port}" if ":" in address else f"{address}:{self.endpoint.port}"

    # asking

    async def _attempt(self, kind: str, work: Callable[[Connection], Awaitable[T]]) -> T:
        if kind in self._given_up:
            failure = self._given_up[kind]
            raise AskFailedError(failure.kind, failure.detail)
        for again in (True, False):
            try:
                async with self._caller.connected() as connection:
                    result = await work(connection)
            except AskFailedError as error:
                if kind == "tls" and not isinstance(error, _HungUpError):
                    self._unsteady = True
                if again and error.failure.kind not in _DECIDED and not self._caller.out_of_time:
                    continue
                self._maybe_give_up(kind, error.failure)
                raise
            self._answered.add(kind)
            self._unsteady = self._unsteady or not again
            return result
        raise AssertionError("the second try returns or raises")

    def _maybe_give_up(self, kind: str, failure: Failure) -> None:
        if kind in self._answered:
            return
        if failure.kind in _ENDED and kind not in self._ended:
            self._ended.add(kind)
        else:
            self._given_up[kind] = failure

    async def _upgrade(self, connection: Connection) -> None:
        if self.protocol.upgrade is not None:
            await self.protocol.upgrade(connection)

    async def _exchange(self, connection: Connection, hello: Hello) -> Flight:
        await self._upgrade(connection)
        self._sent.add(hello)
        connection.send(encode_hello(hello, os.urandom(64)))
        flight, received = Flight(), b""
        while not flight.done:
            if not connection.buffer:
                await self._more(connection, received)
            received = (received + connection.buffer)[:512]
            try:
                flight.feed(bytes(connection.buffer))
            except MalformedError as error:
                detail = f"{error}; received '{printable(received[:64], 64)}'"
                raise AskFailedError(FailureKind.MALFORMED, detail, received=received) from error
            connection.buffer.clear()
        return flight

    async def _more(self, connection: Connection, received: bytes) -> None:
        try:
            await connection.more()
        except AskFailedError as error:
            if error.failure.kind is FailureKind.CLOSED_EARLY and not received:
                raise _HungUpError(FailureKind.CLOSED_EARLY, "closed instead of answering the ClientHello") from error
            raise
