import pytest

from scanner.declared import TlsExpectation
from scanner.model import Verdict
from scanner.observations.java_rmi import JavaRmi
from scanner.rules.rmi_tls_incomplete import judge
from tests.rules.make import HOST, connector, java_rmi, service

URL = f"jmx://{HOST}:9999"
PLAIN, OPEN = connector(name="OXUser_V2", port=1100, transport="plaintext"), connector(transport="unknown", how="reset")


@pytest.mark.parametrize(
    ("seen", "demanded", "not_demanded"),
    [
        (java_rmi(), Verdict.PASS, Verdict.PASS),
        (java_rmi(registry="plaintext"), Verdict.FAIL, Verdict.WARN),
        (java_rmi(PLAIN), Verdict.FAIL, Verdict.WARN),
        (java_rmi(PLAIN, connector()), Verdict.FAIL, Verdict.WARN),
        (java_rmi(PLAIN, OPEN), Verdict.FAIL, Verdict.WARN),
        (java_rmi(PLAIN, registry="plaintext"), Verdict.FAIL, Verdict.NOT_APPLICABLE),
        (java_rmi(registry="plaintext", objects=()), Verdict.FAIL, Verdict.NOT_APPLICABLE),
        (java_rmi(OPEN), Verdict.UNKNOWN, Verdict.UNKNOWN),
        (java_rmi(reasons={"objects": "of 17, the first 16 were looked up"}), Verdict.UNKNOWN, Verdict.UNKNOWN),
        (java_rmi(objects=(), names=()), Verdict.PASS, Verdict.PASS),
        (java_rmi(lists_names=False, names=(), objects=()), Verdict.UNKNOWN, Verdict.UNKNOWN),
        (java_rmi(lists_names=False, names=()), Verdict.PASS, Verdict.PASS),
    ],
)
def test_verdict(seen: JavaRmi, demanded: Verdict, not_demanded: Verdict) -> None:
    for tls in TlsExpectation:
        found = judge(service(URL, tls=tls), seen)
        assert found.verdict is (not_demanded if tls is TlsExpectation.NONE else demanded), tls
        assert found.cites == ("names", "objects")


def test_names_what_is_in_plaintext() -> None:
    found = judge(service(URL), java_rmi(PLAIN, registry="plaintext"))
    assert found.message == "reached in plaintext: the registry, 'OXUser_V2' on port 1100"
