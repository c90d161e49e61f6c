import pytest

from scanner.model import Verdict
from scanner.rules.backup_pin_missing import judge
from tests.rules.make import above, certificate, chain, facts, root, service

SEEN = certificate(chain(facts(), above(), root()))
LEAF, ROOT, OTHER, ANOTHER = (f"sha256/{digest}" for digest in ("bGVhZg==", "cm9vdA==", "b3RoZXI=", "YW5vdGhlcg=="))


@pytest.mark.parametrize(
    ("pins", "verdict"),
    [
        ((), Verdict.NOT_APPLICABLE),
        ((LEAF,), Verdict.WARN),
        (("sha256/bGVhZg",), Verdict.WARN),
        ((LEAF, ROOT), Verdict.WARN),
        ((LEAF, OTHER), Verdict.PASS),
        ((OTHER, ANOTHER), Verdict.PASS),  # nothing matches: that is another rule's finding
    ],
)
def test_verdict(pins: tuple[str, ...], verdict: Verdict) -> None:
    assert judge(service(pins=pins), SEEN).verdict is verdict


def test_a_pin_that_is_served_by_another_chain_is_in_use() -> None:
    two = certificate(chain(facts()), chain(facts(spki_sha256="b3RoZXI="), key_type="rsa"))
    assert judge(service(pins=(LEAF, OTHER)), two).verdict is Verdict.WARN


def test_a_key_that_did_not_parse_may_be_the_one() -> None:
    unread = certificate(chain(facts(), above(spki_sha256="", malformed="key")))
    assert judge(service(pins=(LEAF,)), unread).verdict is Verdict.UNKNOWN
    assert judge(service(pins=(LEAF, OTHER)), unread).verdict is Verdict.UNKNOWN  # it may be this very one
    assert judge(service(pins=(LEAF, OTHER, ANOTHER)), unread).verdict is Verdict.PASS  # but not both
