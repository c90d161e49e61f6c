import pytest

from scanner.declared import TlsExpectation
from scanner.model import Verdict
from scanner.rules.boundary_crossed import judge
from tests.rules.make import reached, scope, service

STATES = ["open", "closed", "filtered", "unresolved", "unknown"]


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("open", Verdict.FAIL),
        ("closed", Verdict.PASS),
        ("filtered", Verdict.PASS),
        ("unresolved", Verdict.PASS),
        ("unknown", Verdict.UNKNOWN),
    ],
)
@pytest.mark.parametrize("tls", list(TlsExpectation))
def test_from_outside(tls: TlsExpectation, state: str, verdict: Verdict) -> None:
    inner = service(reachable_from=("internal", "admin"), tls=tls)
    found = judge(inner, reached(state, "no route\x1b"), scope(zone="internet"))
    assert found.verdict is verdict
    assert found.cites == ("reachability",)
    assert "\x1b" not in found.message


def test_message_names_the_zones() -> None:
    found = judge(service(reachable_from=("internal", "admin")), reached(), scope(zone="internet"))
    assert found.message == "open to internet, but declared for internal, admin only"


@pytest.mark.parametrize("state", STATES)
def test_not_judged(state: str) -> None:
    assert judge(service(), reached(state), scope(zone="internet")).verdict is Verdict.NOT_APPLICABLE
    inner = service(reachable_from=("internal",))
    assert judge(inner, reached(state), scope(zone="internal")).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("state", STATES)
def test_without_a_zone_nothing_is_known(state: str) -> None:
    found = judge(service(reachable_from=("internal",)), reached(state), scope())
    assert found.verdict is Verdict.UNKNOWN
    assert "--zone" in found.message
