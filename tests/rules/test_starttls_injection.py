from typing import Any

import pytest

from scanner.model import Verdict
from scanner.observations.upgrade import Upgrade
from scanner.rules.starttls_injection import judge
from tests.rules.make import HOST, endpoint

UPGRADING = [f"imap://{HOST}:143", f"smtp://{HOST}:25", f"ldap://{HOST}:389"]


@pytest.mark.parametrize("url", UPGRADING)
@pytest.mark.parametrize(
    ("injection", "verdict", "cites"),
    [
        ("executed", Verdict.FAIL, ("injection",)),
        ("dropped", Verdict.PASS, ("injection",)),
        ("unknown", Verdict.UNKNOWN, ()),
        (None, Verdict.NOT_APPLICABLE, ()),
    ],
)
def test_verdict(url: str, injection: Any, verdict: Verdict, cites: tuple[str, ...]) -> None:
    found = judge(endpoint(url), Upgrade(injection=injection, how="as seen"))
    assert (found.verdict, found.cites) == (verdict, cites)
    assert ("as seen" in found.message) is (injection is not None)


def test_unknown_without_facts() -> None:
    assert judge(endpoint(UPGRADING[0]), None).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("url", [f"https://{HOST}:443", f"imaps://{HOST}:993", f"http://{HOST}:80"])
@pytest.mark.parametrize("seen", [None, Upgrade(), Upgrade(injection="executed")])
def test_only_where_tls_is_reached_by_upgrade(url: str, seen: Upgrade | None) -> None:
    assert judge(endpoint(url), seen).verdict is Verdict.NOT_APPLICABLE
