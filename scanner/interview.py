"""Everything that is asked of one endpoint.

Theory of operation. Probes put their questions to the endpoint's one `Interview`. It asks a question at most once and
remembers the answer, so probes share connections without knowing of each other. Only an answer is an answer: whatever
else happens on a connection is tried once more on a fresh one and then is a failure, never a "no". An endpoint that
does not even answer the first question of its kind is not asked the others: a mute server costs two connections, not
twenty. The connection that showed that the port is open is handed to the next question instead of being wasted.

Some stacks (Dovecot 2.3, OpenLDAP over GnuTLS) never send an alert: they decline a hello by closing. A close is still
no answer, but `hangs_up_on` can show that the hello decides it: every try of it was closed, and no other hello ever was.
"""

import asyncio
import os
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import TypeVar

from scanner.model import AskFailedError, Endpoint, Evidence, Failure, FailureKind, Service
from scanner.net import openssl
from scanner.net.dial import Connection, dial
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
        self.connections = 0
        self._gate = gate
        self._limits = limits
        self._run_deadline = run_deadline
        self._deadline: float | None = None
        self._unreachable = unresolved
        self._given_up: dict[str, Failure] = {}
        self._answered: set[str] = set()
        self._spare: tuple[Connection, AsyncExitStack] | None = None
        self._flights: dict[Hello, Flight | AskFailedError] = {}
        self._hung_up: set[Hello] = set()
        self._unsteady = False
        self._evidence: list[Evidence] = []

    # questions

    async def reach(self) -> None:
        """Connect, if nobody has yet. Raises AskFailedError when the address does not take the connection."""
        if self._unreachable is not None:
            raise AskFailedError(self._unreachable.kind, self._unreachable.detail)
        if self.connections == 0:
            self._spare = await self._dial()

    async def ask(self, hello: Hello) -> Flight:
        """The server's answer to a ClientHello. Raises AskFailedError when there is none."""
        if hello not in self._flights:
            try:
                self._flights[hello] = await self._attempt("tls", lambda connection: self._exchange(connection, hello))
            except AskFailedError as error:
                self._flights[hello] = error
                if isinstance(error, _HungUpError):
                    self._hung_up.add(hello)
        answer = self._flights[hello]
        if isinstance(answer, AskFailedError):
            raise AskFailedError(answer.failure.kind, answer.failure.detail, received=answer.received)
        return answer

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
        async with self._connected() as connection:
            return await self._exchange(connection, hello)

    async def shake_hands(self, key_type: str) -> openssl.Handshake | None:
        """An authenticated TLS 1.3 handshake for one key type; None: the server answered with an alert."""

        async def work(connection: Connection) -> openssl.Handshake | None:
            await self._upgrade(connection)
            return await openssl.handshake(connection, key_type, self.endpoint.server_name, self.protocol.alpn)

        return await self._attempt("tls", work)

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
        url_host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
        numeric = f"[{endpoint.address}]" if ":" in endpoint.address else endpoint.address
        words = {"host": url_host, "address": endpoint.address, "numeric": numeric, "port": str(endpoint.port)}
        return self.protocol.reproduce.format(**{key: shlex.quote(word) for key, word in words.items()})

    def _where(self) -> str:
        address = self.endpoint.address
        return f"[{address}]:{self.endpoint.port}" if ":" in address else f"{address}:{self.endpoint.port}"

    # connections

    async def close(self) -> None:
        """Drop the connection that nobody used."""
        if self._spare is not None:
            connection, places = self._spare
            self._spare = None
            connection.close()
            await places.aclose()

    async def _attempt(self, kind: str, work: Callable[[Connection], Awaitable[T]]) -> T:
        if kind in self._given_up:
            failure = self._given_up[kind]
            raise AskFailedError(failure.kind, failure.detail)
        for again in (True, False):
            try:
                async with self._connected() as connection:
                    result = await work(connection)
            except AskFailedError as error:
                if again and error.failure.kind not in _DECIDED and not self._out_of_time():
                    continue
                if kind not in self._answered:
                    self._given_up[kind] = error.failure
                raise
            self._answered.add(kind)
            self._unsteady = self._unsteady or not again
            return result
        raise AssertionError("the second try returns or raises")

    def _out_of_time(self) -> bool:
        return self._deadline is not None and asyncio.get_running_loop().time() >= self._deadline

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        if self._unreachable is not None:
            raise AskFailedError(self._unreachable.kind, self._unreachable.detail)
        if self._spare is not None and not self._spare[0].ended:
            connection, places = self._spare
            self._spare = None
        else:
            await self.close()
            connection, places = await self._dial()
        try:
            yield connection
        finally:
            connection.close()
            await places.aclose()

    async def _dial(self) -> tuple[Connection, AsyncExitStack]:
        loop = asyncio.get_running_loop()
        places = AsyncExitStack()
        try:
            async with asyncio.timeout_at(self._deadline or self._run_deadline):
                await places.enter_async_context(self._gate.connection(self.endpoint.address))
            if self._deadline is None:  # the endpoint's time begins with its first connection, not in the queue
                self._deadline = min(loop.time() + self._limits.endpoint, self._run_deadline or float("inf"))
            left = self._deadline - loop.time()
            if left <= 0:
                raise TimeoutError
        except TimeoutError as error:
            await places.aclose()
            spent = f"the endpoint's {self._limits.endpoint:g} s (or the run's time) are spent"
            raise AskFailedError(FailureKind.DEADLINE, spent) from error
        first, self.connections = self.connections == 0, self.connections + 1
        seconds = min(self._limits.connection, left)
        try:
            connection = await dial(
                self.endpoint.address, self.endpoint.port,
                connect=self._limits.connect, seconds=seconds, budget=self._limits.budget,
            )  # fmt: skip
        except BaseException as error:
            await places.aclose()
            if first and isinstance(error, AskFailedError):
                self._unreachable = error.failure
            raise
        return connection, places

    async def _upgrade(self, connection: Connection) -> None:
        if self.protocol.upgrade is not None:
            await self.protocol.upgrade(connection)

    async def _exchange(self, connection: Connection, hello: Hello) -> Flight:
        await self._upgrade(connection)
        connection.send(encode_hello(hello, os.urandom(64)))
        flight = Flight()
        received = b""
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
