import pytest

from scanner.model import Verdict
from scanner.rules.rmi_names_listed import judge
from tests.rules.make import HOST, java_rmi

URLS = [f"{scheme}://{HOST}:1099" for scheme in ("rmi", "rmis", "jmx", "jmxs")]


@pytest.mark.parametrize("url", URLS)
def test_names_are_listed(url: str) -> None:
    found = judge(java_rmi(names=("OXContext_V2", "\x1b[2J")))
    assert (found.verdict, found.cites) == (Verdict.WARN, ("names",))
    assert "'OXContext_V2'" in found.message
    assert found.message.isprintable()
    assert judge(java_rmi(names=())).verdict is Verdict.WARN


def test_a_refusal_passes() -> None:
    seen = java_rmi(lists_names=False, names=(), reasons={"lists_names": "TLS: sslv3 alert bad certificate"})
    found = judge(seen)
    assert found.verdict is Verdict.PASS
    assert "bad certificate" in found.message
