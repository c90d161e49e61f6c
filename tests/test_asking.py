"""How often an endpoint is asked: tries, pauses, places and giving up, on a clock of the test's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from scanner import asking
from scanner.asking import PATIENCE, PAUSE, REST, RESTS, Asker, HungUpError, Pace
from scanner.model import AskFailedError, FailureKind
from scanner.net.caller import Caller
from scanner.net.dial import Connection
from scanner.net.limits import Gate, Limits

DECIDED = sorted(asking._DECIDED)
UNDECIDED = sorted(set(FailureKind) - asking._DECIDED)


class Clock:
    """The time of the running loop, which passes only when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: self.now)
        monkeypatch.setattr(asking.asyncio, "sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


async def turns() -> None:
    """Let everybody who can go on do so."""
    for _ in range(20):
        await asyncio.get_running_loop().run_in_executor(None, int)


class Tally:
    connections = 0


class Calls(Caller):
    """Connects at once, to nobody."""

    def __init__(self) -> None:
        limits = Limits()
        super().__init__("192.0.2.1", 443, gate=Gate(limits), limits=limits)
        self.over = False

    @property
    def out_of_time(self) -> bool:
        return self.over

    @asynccontextmanager
    async def connected(self, tally: Any) -> AsyncIterator[Connection]:
        self.connections += 1
        tally.connections += 1
        connection = Connection(60.0, 1)
        try:
            yield connection
        finally:
            connection.close()


def failed(kind: FailureKind) -> AskFailedError:
    return HungUpError(kind, "hung up") if kind is FailureKind.CLOSED_EARLY else AskFailedError(kind, "for a test")


class Server:
    """Gives these answers one after the other, the last one for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def work(self, _: Connection) -> Any:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if isinstance(answer, AskFailedError):
            raise answer
        return answer


async def asked(asker: Asker, server: Server, kind: str = "tls", tally: Any = None) -> FailureKind | Any:
    """The answer, or the kind of the failure."""
    try:
        return await asker.attempt(kind, server.work, tally or Tally())
    except AskFailedError as error:
        return error.failure.kind


# tries


async def test_an_answer_is_taken(clock: Clock) -> None:
    asker, server, tally = Asker(Calls(), 8), Server("yes"), Tally()
    assert await asked(asker, server, tally=tally) == "yes"
    assert (server.asked, asker.caller.connections, tally.connections, asker.unsteady) == (1, 1, 1, False)
    assert clock.slept == []


@pytest.mark.parametrize("kind", UNDECIDED)
async def test_what_is_no_answer_is_tried_again_at_once(clock: Clock, kind: FailureKind) -> None:
    asker, server = Asker(Calls(), 8), Server(failed(kind), "yes")
    assert await asked(asker, server) == "yes"
    assert (server.asked, clock.slept) == (2, [])
    # an answer after a close in good order may be to a load balancer's other node: unsteady all the same
    assert asker.unsteady


@pytest.mark.parametrize("kind", UNDECIDED)
async def test_two_tries_of_one_that_never_answered(clock: Clock, kind: FailureKind) -> None:
    asker, server = Asker(Calls(), 8), Server(failed(kind))
    assert await asked(asker, server) is kind
    assert (server.asked, clock.slept) == (2, [])


@pytest.mark.parametrize("kind", DECIDED)
async def test_one_try_where_another_would_change_nothing(clock: Clock, kind: FailureKind) -> None:
    asker, server = Asker(Calls(), 8), Server(failed(kind), "yes")
    assert await asked(asker, server) is kind
    assert server.asked == 1


async def test_no_second_try_once_the_time_is_over(clock: Clock) -> None:
    asker, server = Asker(calls := Calls(), 8), Server(failed(FailureKind.RESET), "yes")
    calls.over = True
    assert await asked(asker, server) is FailureKind.RESET
    assert server.asked == 1


async def test_a_pause_before_the_third_try_of_one_that_answers_others(clock: Clock) -> None:
    asker = Asker(Calls(), 8)
    await asked(asker, Server("yes"))
    server = Server(failed(FailureKind.RESET), failed(FailureKind.RESET), "yes")
    assert await asked(asker, server) == "yes"
    assert (server.asked, clock.slept) == (3, [PAUSE])
    server = Server(failed(FailureKind.RESET))
    assert await asked(asker, server) is FailureKind.RESET
    assert (server.asked, clock.slept) == (3, [PAUSE, PAUSE])


async def test_no_pause_for_one_that_hangs_up_in_good_order(clock: Clock) -> None:
    asker = Asker(Calls(), 8)
    await asked(asker, Server("yes"))
    server = Server(failed(FailureKind.CLOSED_EARLY))
    assert await asked(asker, server) is FailureKind.CLOSED_EARLY
    assert (server.asked, clock.slept, asker.unsteady) == (2, [], False)


@pytest.mark.parametrize("kind", ["tls", "clear"])
async def test_only_trouble_with_tls_is_unsteady_until_it_is_answered(clock: Clock, kind: str) -> None:
    asker = Asker(Calls(), 8)
    await asked(asker, Server(failed(FailureKind.RESET)), kind)
    assert asker.unsteady is (kind == "tls")


# giving up


@pytest.mark.parametrize("kind", [FailureKind.TIMED_OUT, FailureKind.DEADLINE, FailureKind.MALFORMED])
async def test_who_keeps_its_client_waiting_is_asked_one_question(clock: Clock, kind: FailureKind) -> None:
    asker, server = Asker(Calls(), 8), Server(failed(kind))
    for _ in range(5):
        assert await asked(asker, server) is kind
    assert server.asked == 2


@pytest.mark.parametrize("kind", [FailureKind.RESET, FailureKind.CLOSED_EARLY])
async def test_who_ends_the_connection_is_asked_a_second_question(clock: Clock, kind: FailureKind) -> None:
    asker, server = Asker(Calls(), 8), Server(failed(kind))
    for _ in range(5):
        assert await asked(asker, server) is kind
    assert server.asked == 4


async def test_giving_up_is_by_kind_of_question(clock: Clock) -> None:
    asker, mute = Asker(Calls(), 8), Server(failed(FailureKind.TIMED_OUT))
    for _ in range(3):
        assert await asked(asker, mute, "clear") is FailureKind.TIMED_OUT
    assert mute.asked == 2
    assert await asked(asker, Server("yes"), "tls") == "yes"


# the control question


async def silent_after(asker: Asker, server: Server, questions: int) -> None:
    for _ in range(questions):
        assert await asked(asker, server) is FailureKind.TIMED_OUT


async def test_a_server_that_answers_the_control_is_asked_on(clock: Clock) -> None:
    asker, server, control = Asker(Calls(), 8), Server(failed(FailureKind.TIMED_OUT)), Server("yes")
    await asked(asker, Server("yes"))
    asker.control = control.work
    await silent_after(asker, server, PATIENCE - 1)
    assert control.asked == 0
    await silent_after(asker, server, 1)
    assert control.asked == 1
    await silent_after(asker, server, PATIENCE)
    assert control.asked == 2
    assert server.asked == 3 * 2 * PATIENCE
    assert await asked(asker, Server("yes")) == "yes"


async def test_a_server_that_stops_answering_is_left_alone(clock: Clock) -> None:
    asker, server = Asker(Calls(), 8), Server(failed(FailureKind.TIMED_OUT))
    await asked(asker, Server("yes"))
    control = Server(failed(FailureKind.RESET))
    asker.control = control.work
    await silent_after(asker, server, PATIENCE)
    spent = asker.caller.connections
    with pytest.raises(AskFailedError) as caught:
        await asker.attempt("tls", server.work, Tally())
    assert caught.value.failure.kind is FailureKind.RESET
    assert "stopped answering after" in caught.value.failure.detail
    assert (asker.caller.connections, control.asked) == (spent, 2)  # before and after a rest
    assert clock.slept == [PAUSE] * PATIENCE + [REST * PAUSE]
    assert await asked(asker, Server("yes"), "clear") == "yes"  # that is another kind of question


async def test_a_rest_may_be_enough(clock: Clock) -> None:
    """A server that has had too many connections, and answers again after a while: so often, then it is left alone."""
    asker, server = Asker(Calls(), 8), Server(failed(FailureKind.TIMED_OUT))
    await asked(asker, Server("yes"))
    control = Server(*[failed(FailureKind.TIMED_OUT), "yes"] * RESTS, failed(FailureKind.TIMED_OUT))
    asker.control = control.work
    for rested in range(1, RESTS + 1):
        await silent_after(asker, server, PATIENCE)
        assert clock.slept.count(REST * PAUSE) == rested
    tried = server.asked
    await silent_after(asker, server, PATIENCE)
    assert server.asked > tried
    tried = server.asked
    await silent_after(asker, server, 1)
    assert server.asked == tried
    assert clock.slept.count(REST * PAUSE) == RESTS


async def test_an_answer_in_between_begins_the_count_anew(clock: Clock) -> None:
    asker, server = Asker(Calls(), 8), Server(failed(FailureKind.TIMED_OUT))
    await asked(asker, Server("yes"))
    control = Server("yes")
    asker.control = control.work
    for _ in range(3):
        await silent_after(asker, server, PATIENCE - 1)
        assert await asked(asker, Server("yes")) == "yes"
    assert control.asked == 0


# places


class Question:
    """Holds its place until it is told to end."""

    def __init__(self, pace: Pace) -> None:
        self.begun = False
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self._ask(pace))

    async def _ask(self, pace: Pace) -> None:
        async with pace.turn():
            self.begun = True
            await self._end

    async def end(self, error: Exception | None = None) -> None:
        if error is None:
            self._end.set_result(None)
        else:
            self._end.set_exception(error)
        await asyncio.wait([self.task])
        if error is not None:
            assert self.task.exception() is error
        await turns()


async def questions(pace: Pace, count: int) -> list[Question]:
    made = [Question(pace) for _ in range(count)]
    await turns()
    return made


def begun(made: list[Question]) -> list[bool]:
    return [one.begun for one in made]


async def grown(pace: Pace, window: int) -> None:
    """Answer at once until so many may be under way."""
    while pace.window < window:
        async with pace.turn():
            pass


async def end_all(made: list[Question]) -> None:
    for one in made:
        if not one.task.done():
            await one.end()


async def test_one_at_first_and_one_more_after_each_answer(clock: Clock) -> None:
    pace = Pace(3)
    made = await questions(pace, 6)
    assert begun(made) == [True] + [False] * 5
    await made[0].end()
    assert pace.window == 2
    assert begun(made) == [True] * 3 + [False] * 3
    await made[1].end()
    assert pace.window == 3
    assert begun(made) == [True] * 5 + [False]
    await made[2].end()
    assert pace.window == 3  # the most there may be
    assert all(begun(made))
    await end_all(made)


async def test_one_alone_after_trouble(clock: Clock) -> None:
    pace = Pace(8)
    await grown(pace, 4)
    made = await questions(pace, 6)
    assert begun(made) == [True] * 4 + [False] * 2
    await made[0].end(failed(FailureKind.RESET))
    assert pace.window == 1
    assert begun(made) == [True] * 4 + [False] * 2  # three are still under way
    await made[1].end()
    assert pace.window == 2
    await end_all(made)


async def test_what_is_no_failure_to_answer_is_no_trouble(clock: Clock) -> None:
    pace = Pace(8)
    await grown(pace, 4)
    (one,) = await questions(pace, 1)
    await one.end(ValueError("a defect"))
    assert pace.window == 4
    await end_all(await questions(pace, 4))


async def test_a_server_that_becomes_slower_is_asked_by_half_as_many(clock: Clock) -> None:
    pace = Pace(8)
    for _ in range(8):
        async with pace.turn():
            clock.now += 1.0
    assert pace.window == 8
    made = await questions(pace, 8)
    clock.now += 1.0 * Pace.SLOWER + Pace.GRACE
    await made[0].end()
    assert pace.window == 8  # not yet slower
    clock.now += 0.01
    await made[1].end()
    assert pace.window == 4
    await end_all(made)
    assert pace.window == 1  # each of them was as slow
    for _ in range(5):
        async with pace.turn():
            clock.now += 1.0
    assert pace.window == 1  # and never again by more


async def test_alone_nobody_else_makes_it_slow(clock: Clock) -> None:
    pace = Pace(8)
    async with pace.turn():
        clock.now += 0.1
    async with pace.turn():
        clock.now += 5.0
    assert pace.window == 3


async def test_a_short_delay_is_no_sign(clock: Clock) -> None:
    pace = Pace(4)
    await grown(pace, 4)
    made = await questions(pace, 4)
    clock.now += Pace.GRACE
    await end_all(made)
    assert pace.window == 4


async def test_who_comes_first_goes_first(clock: Clock) -> None:
    pace = Pace(1)
    made = await questions(pace, 3)
    await made[0].end()
    assert begun(made) == [True, True, False]
    await end_all(made)


async def cancel(one: Question) -> None:
    one.task.cancel()
    await asyncio.wait([one.task])
    await turns()


@pytest.mark.parametrize("which", ["waits", "runs", "was just told"])
async def test_who_is_cancelled_does_not_lose_a_place(clock: Clock, which: str) -> None:
    pace = Pace(1)
    made = await questions(pace, 3)
    if which == "runs":
        await cancel(made[0])
        assert begun(made) == [True, True, False]
    elif which == "waits":
        await cancel(made[1])
        await made[0].end()
        assert begun(made) == [True, False, True]
    else:
        made[0]._end.set_result(None)
        await asyncio.wait([made[0].task])  # the place is now promised to the second, who has not run yet
        made[1].task.cancel()
        await turns()
        assert made[2].begun
    await end_all(made)
    (last,) = await questions(pace, 1)
    assert last.begun
    await last.end()


async def test_all_who_wait_are_cancelled(clock: Clock) -> None:
    pace = Pace(2)
    made = await questions(pace, 5)
    for one in made:
        await cancel(one)
    again = await questions(pace, 1)
    assert again[0].begun
    await end_all(again)


async def test_at_least_one_place() -> None:
    async with Pace(0).turn():
        pass
