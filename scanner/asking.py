"""How an endpoint is asked: how often, how many connections at once, and when to leave it alone.

Theory of operation. Only an answer is an answer: whatever else happens on a connection is tried again on a fresh one,
and once more after a pause where the server did answer others, before it is a failure. One that ends connections may
do so by turns, or because they are too many: such a question is tried again while no other is under way. An endpoint
that does not even answer the first question of its kind is not asked the others: a mute server costs two connections,
not fifty. One that ends the connection is asked a second question first: it may be this version that it does not
like.

Questions go out side by side as long as that does not make the server slower (`Pace`): one that serves a connection
at a time, or greets each with a delay, decides for itself how much it is asked. Of one that falls silent after a
while a question is asked again that it did answer: if that has no answer either, it is left alone for a while, and
after that for good.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TypeVar

from scanner.model import AskFailedError, Failure, FailureKind
from scanner.net.caller import Caller, Tally
from scanner.net.dial import Connection
from scanner.net.exchange import HungUpError

T = TypeVar("T")

PAUSE = 1.0
"""Seconds before the last try of a question, for servers that limit the rate of connections."""
REST = 5
"""Times PAUSE, that a server is left alone that no longer answers what it did answer."""
RESTS = 3
"""How often, of one endpoint."""
PATIENCE = 3
"""Questions in a row without an answer, after which a server that answered before is asked what it did answer."""

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


class Pace:
    """How many questions are under way at once: one more after each good answer, one alone after trouble.

    As in congestion control (RFC 5681 §3.1), with the answer's delay as the sign: a server that needs half as long
    again as it once did is asked by half as many at a time, and never again by more.
    """

    SLOWER = 1.5
    GRACE = 0.05
    """Seconds: below this, a delay is no sign of anything."""

    def __init__(self, most: int) -> None:
        self.window = 1
        self._most = max(1, most)
        self._running = 0
        self._best = float("inf")
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._alone = asyncio.Lock()
        self._idle: asyncio.Future[None] | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold one of the places for a question; an error that leaves the context counts as trouble."""
        while self._running >= self.window or self._alone.locked():
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                self._wake()  # whoever comes next may have the place
                raise
        self._running += 1
        started = asyncio.get_running_loop().time()
        alone = self._running == 1
        try:
            yield
        except AskFailedError:
            self.window = 1
            raise
        else:
            self._answered(asyncio.get_running_loop().time() - started, alone=alone)
        finally:
            self._running -= 1
            self._wake()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Wait until no question is under way; as long as this is held, no other begins."""
        try:
            async with self._alone:
                while self._running:
                    self._idle = asyncio.get_running_loop().create_future()
                    await self._idle
                yield
        finally:
            self._wake()

    def _answered(self, seconds: float, *, alone: bool) -> None:
        if seconds <= self._best * self.SLOWER + self.GRACE or alone:
            self.window = min(self.window + 1, self._most)
        else:
            self.window = self._most = max(1, self.window // 2)
        self._best = min(self._best, seconds)

    def _wake(self) -> None:
        if self._alone.locked():
            if not self._running and self._idle is not None and not self._idle.done():
                self._idle.set_result(None)
            return
        for _ in range(self.window - self._running):
            while self._waiting and self._waiting[0].done():
                self._waiting.popleft()  # cancelled while it waited
            if self._waiting:
                self._waiting.popleft().set_result(None)


class Asker:
    """Puts questions to one endpoint until each has an answer or a failure."""

    def __init__(self, caller: Caller, per_address: int) -> None:
        self.caller = caller
        self.unsteady = False
        """Whether any TLS question needed more than one try, other than by being closed in good order."""
        self.closes = False
        """Whether closing in good order was shown to be how this server declines."""
        self.plain = False
        """Whether the server closes at extensions that it could ignore."""
        self.silent = False
        """Whether any TLS question was met with silence."""
        self.control: Callable[[Connection], Awaitable[object]] | None = None
        """The work of a question that was answered before."""
        self._pace = Pace(per_address)
        self._given_up: dict[str, Failure] = {}
        self._ended: set[str] = set()
        self._answered: set[str] = set()
        self._in_a_row = 0
        self._rests = 0

    async def attempt(self, kind: str, work: Callable[[Connection], Awaitable[T]], tally: Tally) -> T:
        """Do `work` on a fresh connection, and again on another if it gets no answer. Raises AskFailedError."""
        try:
            result = await self._persist(kind, work, tally)
        except AskFailedError as error:
            if kind not in self._given_up:
                await self._give_up_if_silent(kind, error.failure, tally)
            raise
        self.note_answer(kind)
        return result

    def note_answer(self, kind: str) -> None:
        """A question of this kind was answered: also by `once`."""
        self._answered.add(kind)
        self._in_a_row = 0

    def ends(self, kind: str) -> bool:
        """Whether questions of this kind are no longer asked, because the server ends the connection at each."""
        return kind in self._given_up and self._given_up[kind].kind in _ENDED

    def alone(self) -> AbstractAsyncContextManager[None]:
        """No other question is under way, or begins, as long as this is held: for `once(…, alone=True)`."""
        return self._pace.alone()

    async def once(self, work: Callable[[Connection], Awaitable[T]], tally: Tally, *, alone: bool = False) -> T:
        """Do `work` on a fresh connection. Raises AskFailedError."""
        async with nullcontext() if alone else self._pace.turn(), self.caller.connected(tally) as connection:
            return await work(connection)

    async def _persist(self, kind: str, work: Callable[[Connection], Awaitable[T]], tally: Tally) -> T:
        """Up to three tries. Raises AskFailedError."""
        try:
            async with self._pace.turn():
                self._raise_if_given_up(kind)  # perhaps while it waited
                return await self.once(work, tally, alone=True)
        except AskFailedError as error:
            failed = error
        alone = failed.failure.kind in _ENDED
        async with self.alone() if alone else nullcontext():
            for number in (2, 3):
                self._note_trouble(kind, failed)
                if not await self._may_try_again(kind, failed, number):
                    break
                try:
                    result = await self.once(work, tally, alone=alone)
                except AskFailedError as error:
                    failed = error
                else:
                    self.unsteady = True
                    return result
        raise failed

    def _note_trouble(self, kind: str, error: AskFailedError) -> None:
        if kind == "tls" and error.failure.kind is not FailureKind.CLOSED_EARLY:
            self.unsteady = True
            self.silent = self.silent or error.failure.kind is FailureKind.TIMED_OUT

    async def _may_try_again(self, kind: str, error: AskFailedError, number: int) -> bool:
        if error.failure.kind in _DECIDED or kind in self._given_up or self.caller.out_of_time:
            return False
        if number == 2:
            return True
        if kind not in self._answered or (isinstance(error, HungUpError) and not self.unsteady):
            return False  # who has closed twice, and nothing else, will close again
        await self.caller.pause(PAUSE)
        return not self.caller.out_of_time

    def _raise_if_given_up(self, kind: str) -> None:
        if kind in self._given_up:
            failure = self._given_up[kind]
            raise AskFailedError(failure.kind, failure.detail)

    async def _give_up_if_silent(self, kind: str, failure: Failure, tally: Tally) -> None:
        if kind not in self._answered:
            if failure.kind in _ENDED and kind not in self._ended:
                self._ended.add(kind)
            else:
                self._given_up[kind] = failure
            return
        self._in_a_row += 1
        if kind != "tls" or self._in_a_row < PATIENCE or self.control is None or self.caller.out_of_time:
            return
        self._in_a_row = 0
        async with self.alone():
            error = await self._still_silent(tally)
        if error is not None and kind not in self._given_up:
            detail = f"stopped answering after {self.caller.connections} connections: {error.failure}"
            self._given_up[kind] = Failure(error.failure.kind, detail)

    async def _still_silent(self, tally: Tally) -> AskFailedError | None:
        """Ask what was answered before, and again after a rest: what happened instead of an answer."""
        error = await self._control_fails(tally)
        if error is not None and self._rests < RESTS and not self.caller.out_of_time:
            self._rests += 1
            await self.caller.pause(REST * PAUSE)
            error = await self._control_fails(tally)
        return error

    async def _control_fails(self, tally: Tally) -> AskFailedError | None:
        try:
            if self.control is not None:
                await self.once(self.control, tally, alone=True)
        except AskFailedError as error:
            return error
        return None
