import pytest
from msgspec.structs import replace

from scanner.model import Verdict
from scanner.observations.java_rmi import RemoteObject
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


def test_objects_that_were_not_looked_at_may_take_anybody() -> None:
    """Of many names only the first are looked up, and some lead to nothing that can be read."""
    wanted = java_rmi(connector(login="required"))
    more = replace(wanted, reasons={"objects": "of 17, the first 16 were looked up"})
    unread = replace(wanted, objects=(*wanted.objects, RemoteObject(name="odd", how="a stub without a reference")))
    for seen, why in ((more, "of 17"), (unread, "a stub without a reference")):
        for url in URLS:
            found = judge(endpoint(url), seen)
            assert (found.verdict, why in found.message) == (Verdict.UNKNOWN, True)
    taken = java_rmi(connector(login="none"))
    assert judge(endpoint(URLS[0]), replace(taken, reasons=more.reasons)).verdict is Verdict.FAIL
