import pytest

from scanner.model import Verdict
from scanner.rules.jmx_without_authentication import judge
from tests.rules.make import HOST, connector, endpoint, java_rmi

URLS = [f"{scheme}://{HOST}:9999" for scheme in ("rmi", "rmis", "jmx", "jmxs")]


@pytest.mark.parametrize(
    ("login", "verdict"),
    [
        ("none", Verdict.FAIL),
        ("required", Verdict.PASS),
        ("unknown", Verdict.UNKNOWN),
        ("not-asked", Verdict.UNKNOWN),
    ],
)
@pytest.mark.parametrize("url", URLS)
def test_verdict(url: str, login: str, verdict: Verdict) -> None:
    found = judge(endpoint(url), java_rmi(connector(login=login)))
    assert (found.verdict, found.cites) == (verdict, ("objects",))
    assert "'jmxrmi' on port 9998" in found.message


def test_one_is_enough() -> None:
    seen = java_rmi(connector(), connector(login="unknown"), connector(name="other", login="none"))
    assert judge(endpoint(URLS[0]), seen).verdict is Verdict.FAIL


@pytest.mark.parametrize("url", URLS)
def test_without_a_connector(url: str) -> None:
    other = connector(login="not-asked", login_how="")
    for seen in (java_rmi(other), java_rmi(objects=())):
        found = judge(endpoint(url), seen)
        assert found.verdict is (Verdict.UNKNOWN if url.startswith("jmx") else Verdict.NOT_APPLICABLE)
