import pytest

from scanner.model import Verdict
from scanner.rules.issuer_not_as_declared import judge
from tests.rules.make import TIMED_OUT, above, certificate, chain, facts, leaf, service


@pytest.mark.parametrize(
    ("declared", "verdict"),
    [
        ("Example CA 1", Verdict.PASS),
        ("example  ca 1", Verdict.PASS),
        ("Example CA", Verdict.FAIL),
        ("Example Ltd", Verdict.FAIL),
        ("CN=Example CA 1,O=Example Ltd,C=DE", Verdict.PASS),
        ("C=DE,O=Example Ltd", Verdict.PASS),
        ("O=Example Ltd,C=AT", Verdict.FAIL),
        ("O=Example, Ltd", Verdict.UNKNOWN),
    ],
)
def test_verdict(declared: str, verdict: Verdict) -> None:
    assert judge(service(issuer=declared), leaf()).verdict is verdict


def test_only_the_issuer_of_the_leaf_counts() -> None:
    seen = certificate(chain(facts(), above()))
    assert judge(service(issuer="Example Root"), seen).verdict is Verdict.FAIL


@pytest.mark.parametrize("declared", [None, ""])
def test_nothing_declared(declared: str | None) -> None:
    assert judge(service(issuer=declared), leaf()).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("declared", ["Example CA 1", "O=Example Ltd"])
def test_issuer_that_did_not_parse_is_unknown(declared: str) -> None:
    assert judge(service(issuer=declared), leaf(issuer="", malformed="issuer: bad")).verdict is Verdict.UNKNOWN
    assert judge(service(issuer=declared), leaf(issuer="garbage")).verdict is Verdict.UNKNOWN
    assert judge(service(issuer=declared), leaf(issuer="")).verdict is Verdict.FAIL


def test_message_shows_what_was_seen_in_quotes() -> None:
    found = judge(service(issuer="Example CA 1"), leaf(issuer="CN=Proxy\x1b"))
    assert found.message == "issued by 'CN=Proxy\\x1b', not by Example CA 1"


def test_each_chain_is_judged() -> None:
    other = chain(facts(issuer="CN=Other"), key_type="rsa")
    assert judge(service(issuer="Example CA 1"), certificate(chain(), other)).cites == ("rsa",)
    seen = certificate(failures={"rsa": TIMED_OUT})
    assert judge(service(issuer="Example CA 1"), seen).verdict is Verdict.UNKNOWN
