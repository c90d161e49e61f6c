"""Servers that do not answer every connection: slow ones, busy ones, and ones that reset, close or limit the rate.

Whatever they do not answer is unknown, with a reason; it is never refused.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from scanner import asking
from scanner.model import FailureKind
from scanner.net.limits import Limits
from scanner.plan import FULL, Plan
from tests.hostile import Peer, Talk, hangs_up, serving
from tests.hostile_tls import after, every, late, limited, one_at_a_time, smtp, some
from tests.probes.looking import LIMITS, PLANS, QUICK, SHORT, Looked, look, unclaimed
from tests.probes.tls_servers import context, speaks_tls
from tests.servers.certificates import Pki

SUITES = (
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
)
REASONS = {
    "cipher_suites": "suites",
    "groups": "groups",
    "signature_schemes": "schemes",
}
"""Probe → its lists, for which it gives reasons by version."""


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PAUSE", 0.02)


@pytest.fixture(scope="module")
def talk(pki: Pki) -> Talk:
    """A sound server."""
    return speaks_tls(context(pki, ciphers="ECDHE+AESGCM:AES128-SHA:@SECLEVEL=0"))


@pytest.fixture(scope="module")
def steady(talk: Talk) -> dict[str, Looked]:
    """What it shows when nothing is in the way, by depth."""

    async def both() -> dict[str, Looked]:
        with serving(talk) as (port, _):
            return {plan.depth: await look(port, plan=plan) for plan in PLANS}

    with ThreadPoolExecutor() as pool:
        return pool.submit(asyncio.run, both()).result()


def test_the_sound_server(steady: dict[str, Looked]) -> None:
    seen = steady["full"]
    versions = seen["tls_versions"].versions
    assert [label for label, answer in versions.items() if answer == "accepted"] == ["TLSv1.2", "TLSv1.3"]
    assert set(versions.values()) == {"accepted", "refused"}
    assert seen["cipher_suites"].suites["TLSv1.2"] == SUITES
    assert not any(getattr(seen[probe], "reasons", {}) for probe in seen.attempts)
    assert steady["quick"]["cipher_suites"].suites["TLSv1.2"] == ("TLS_RSA_WITH_AES_128_CBC_SHA",)


def reasons(looked: Looked) -> dict[str, Any]:
    """All that any probe gives a reason for."""
    found = {name: getattr(attempt.observation, "reasons", {}) for name, attempt in looked.attempts.items()}
    return {name: given for name, given in found.items() if given}


# --- slow and busy ones ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", PLANS, ids=["full", "quick"])
@pytest.mark.parametrize("scheme", ["tls", "smtp"])
async def test_one_that_greets_late(talk: Talk, steady: dict[str, Looked], scheme: str, plan: Plan) -> None:
    """Every answer takes its time: many at once are welcome, more of them are not."""
    slow = late(0.05, talk) if scheme == "tls" else smtp(talk, greets_after=0.05)
    with serving(slow) as (port, counters):
        looked = await look(port, scheme=scheme, plan=plan)
    assert not unclaimed(looked, steady[plan.depth])
    assert not (reasons(looked).keys() - {"tls_versions"})
    # the conversation in the clear, and one inside TLS, where this server says nothing
    extra = 3 if scheme == "smtp" and plan is FULL else 0
    assert counters.accepted == looked.connections <= steady[plan.depth].connections + extra
    assert counters.most_open > 1


async def test_one_that_greets_later_than_there_is_time(talk: Talk, steady: dict[str, Looked]) -> None:
    """In the ratio of four seconds to the sixty of an endpoint: quick is done, full is cut off with reasons."""
    limits = Limits(connect=5.0, connection=5.0, endpoint=1.0, rate=100_000, per_address_rate=100_000)
    with serving(late(0.05, talk)) as (port, _):
        quick = await look(port, plan=QUICK, limits=limits)
        full = await look(port, limits=limits)
    assert not unclaimed(quick, steady["quick"])
    assert quick["cipher_suites"].suites == steady["quick"]["cipher_suites"].suites
    assert not unclaimed(full, steady["full"])
    assert full["tls_versions"].versions == steady["full"]["tls_versions"].versions
    told = [reason for given in reasons(full).values() for reason in given.values()]
    assert told
    assert all("are spent" in reason for reason in told)


@pytest.mark.parametrize("plan", PLANS, ids=["full", "quick"])
async def test_one_that_serves_one_at_a_time(
    talk: Talk, steady: dict[str, Looked], plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second connection waits for the first to end: that shows, and from then on there is but one."""
    paces: list[asking.Pace] = []

    class Noted(asking.Pace):
        def __init__(self, most: int) -> None:
            super().__init__(most)
            paces.append(self)

    monkeypatch.setattr(asking, "Pace", Noted)
    monkeypatch.setattr(Noted, "GRACE", 0.01)  # to scale
    # longer than a busy machine takes over its first answer, which the others are compared with
    with serving(one_at_a_time(late(0.12, talk))) as (port, counters):
        looked = await look(port, plan=plan)
    assert not unclaimed(looked, steady[plan.depth])
    assert not (reasons(looked).keys() - {"tls_versions"})
    assert counters.accepted <= steady[plan.depth].connections
    assert counters.most_open <= 3
    assert [pace.window for pace in paces] == [1]


# --- ones that end connections --------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", PLANS, ids=["full", "quick"])
@pytest.mark.parametrize("scheme", ["tls", "smtp"])
@pytest.mark.parametrize("trouble", [Peer.reset, hangs_up], ids=["resets", "closes"])
async def test_one_that_ends_every_second_connection(
    talk: Talk, steady: dict[str, Looked], trouble: Talk, scheme: str, plan: Plan
) -> None:
    """Tried again at once, and nobody else in between, every question gets its answer."""
    tricky = every(2, trouble, talk if scheme == "tls" else smtp(talk))
    with serving(tricky) as (port, counters):
        looked = await look(port, scheme=scheme, plan=plan)
    assert not unclaimed(looked, steady[plan.depth])
    assert looked["cipher_suites"].suites == steady[plan.depth]["cipher_suites"].suites
    assert looked["groups"].groups == steady[plan.depth]["groups"].groups
    assert counters.accepted == looked.connections <= 2 * (steady[plan.depth].connections + 2) + 10


@pytest.mark.parametrize("plan", PLANS, ids=["full", "quick"])
@pytest.mark.parametrize("trouble", [Peer.reset, hangs_up], ids=["resets", "closes"])
@pytest.mark.parametrize("seed", range(4))
async def test_one_that_ends_a_third_of_all_connections(
    talk: Talk, steady: dict[str, Looked], trouble: Talk, seed: int, plan: Plan
) -> None:
    with serving(some(1 / 3, seed, trouble, talk)) as (port, counters):
        looked = await look(port, plan=plan)
    assert not unclaimed(looked, steady[plan.depth])
    assert counters.accepted == looked.connections <= 3 * steady[plan.depth].connections


# --- ones that have had enough --------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", PLANS, ids=["full", "quick"])
@pytest.mark.parametrize(
    ("enough", "trouble"),
    [
        *[pytest.param(enough, Peer.reset, id=f"resets after {enough}") for enough in (1, 5, 20)],
        *[pytest.param(enough, hangs_up, id=f"closes after {enough}") for enough in (1, 5, 20)],
        pytest.param(5, Peer.drain, id="is silent after 5"),
    ],
)
async def test_one_that_has_enough_for_ever(
    talk: Talk, steady: dict[str, Looked], enough: int, trouble: Talk, plan: Plan
) -> None:
    """It is asked what it did answer, left alone for a while, asked again, and then left alone for good."""
    with serving(after(enough, trouble, talk)) as (port, counters):
        looked = await look(port, plan=plan, limits=SHORT)
    assert not unclaimed(looked, steady[plan.depth])
    assert counters.accepted == looked.connections <= enough + 25
    if plan is FULL:
        told = [attempt.failure.detail for attempt in looked.attempts.values() if attempt.failure]
        told += [reason for given in reasons(looked).values() for reason in given.values()]
        assert any("stopped answering after" in one for one in told)


@pytest.mark.parametrize("plan", PLANS, ids=["full", "quick"])
async def test_one_that_limits_the_rate(
    talk: Talk, steady: dict[str, Looked], plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a pause it answers again: everything is found out, with few connections in vain."""
    monkeypatch.setattr(asking, "PAUSE", 0.15)
    with serving(limited(8, 0.12, Peer.reset, talk)) as (port, counters):
        looked = await look(port, plan=plan)
    assert not unclaimed(looked, steady[plan.depth])
    assert looked["cipher_suites"].suites == steady[plan.depth]["cipher_suites"].suites
    assert counters.accepted == looked.connections <= 2 * steady[plan.depth].connections


async def test_one_that_forgives_after_a_rest(talk: Talk, steady: dict[str, Looked]) -> None:
    """What had no answer before the rest stays unknown; what comes after it is asked."""
    with serving(lambda peer: (Peer.reset if 12 <= peer.number < 22 else talk)(peer)) as (port, counters):
        looked = await look(port)
    assert not unclaimed(looked, steady["full"])
    assert reasons(looked)
    assert counters.accepted > 30
    assert looked["certificate"].chains


async def test_one_that_stops_listening(talk: Talk, steady: dict[str, Looked]) -> None:
    """A port that is closed after a while is no answer to what had not been asked yet."""
    with serving(talk, connections=10) as (port, _):
        looked = await look(port)
    assert not unclaimed(looked, steady["full"])
    kinds = {attempt.failure.kind for attempt in looked.attempts.values() if attempt.failure}
    assert kinds <= {FailureKind.REFUSED, FailureKind.RESET}
    assert reasons(looked)
    assert LIMITS.endpoint > looked.seconds
