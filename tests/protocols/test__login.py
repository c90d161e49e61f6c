"""When a login is tried, and what its answer may change."""

import pytest

from scanner.model import AskFailedError, FailureKind
from scanner.observations.cleartext import Credentials
from scanner.protocols._login import Claim, settle

ALL: tuple[Credentials, ...] = ("accepted", "refused", "none", "unknown")


async def never() -> tuple[Credentials, str]:
    raise AssertionError("asked")


async def unanswered() -> tuple[Credentials, str]:
    raise AskFailedError(FailureKind.CLOSED_EARLY, "closed the connection")


@pytest.mark.parametrize("passive", [True, False])
async def test_what_is_proven_is_not_asked(passive: bool) -> None:
    assert await settle(Claim("accepted", "AUTH=PLAIN", proven=True), passive, never) == ("accepted", "AUTH=PLAIN")


@pytest.mark.parametrize("credentials", ALL)
async def test_passive_does_not_ask(credentials: Credentials) -> None:
    found, how = await settle(Claim(credentials, "x"), True, never)
    assert found == credentials
    assert how.startswith("x")
    assert ("--passive" in how) == (credentials == "unknown")


@pytest.mark.parametrize("claimed", ALL)
@pytest.mark.parametrize("answer", ALL)
async def test_the_answer_counts_if_it_tells(claimed: Credentials, answer: Credentials) -> None:
    async def log_in() -> tuple[Credentials, str]:
        return answer, "y"

    assert await settle(Claim(claimed, "x"), False, log_in) == (claimed if answer == "unknown" else answer, "x; y")


@pytest.mark.parametrize("claimed", ALL)
async def test_no_answer_leaves_the_claim_and_says_so(claimed: Credentials) -> None:
    found, how = await settle(Claim(claimed, "x"), False, unanswered)
    assert found == claimed
    assert how.startswith("x; a login as an unused name was not answered: ")
    assert "closed the connection" in how
