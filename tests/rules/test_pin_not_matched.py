import pytest

from scanner.model import Verdict
from scanner.rules.pin_not_matched import judge
from tests.rules.make import TIMED_OUT, above, certificate, chain, facts, root, service

SEEN = certificate(chain(facts(), above(), root()))
OTHER = "sha256/b3RoZXI="


@pytest.mark.parametrize(
    ("pins", "verdict"),
    [
        (("sha256/bGVhZg==",), Verdict.PASS),
        (("sha256/bGVhZg",), Verdict.PASS),
        (("sha256/aW50ZXI=",), Verdict.PASS),
        (("sha256/cm9vdA==",), Verdict.PASS),
        ((OTHER, "sha256/bGVhZg=="), Verdict.PASS),
        ((OTHER,), Verdict.FAIL),
        (("sha256/bgvhzg==",), Verdict.FAIL),
        (("sha1/bGVhZg==",), Verdict.FAIL),
        (("sha256/",), Verdict.FAIL),
        ((), Verdict.NOT_APPLICABLE),
        (("SHA256:bGVhZg",), Verdict.NOT_APPLICABLE),  # an SSH host key's
        (("SHA256:bGVhZg", "sha256/bGVhZg=="), Verdict.PASS),
        (("SHA256:bGVhZg", OTHER), Verdict.FAIL),
    ],
)
def test_verdict(pins: tuple[str, ...], verdict: Verdict) -> None:
    assert judge(service(pins=pins), SEEN).verdict is verdict


def test_certificate_outside_the_path_does_not_count() -> None:
    stray = above(subject="CN=Pinned CA", spki_sha256="b3RoZXI=", sha256="09")
    assert judge(service(pins=(OTHER,)), certificate(chain(facts(), above(), stray))).verdict is Verdict.FAIL


def test_order_of_the_chain_does_not_matter() -> None:
    shuffled = certificate(chain(facts(), root(), above()))
    assert judge(service(pins=("sha256/cm9vdA==",)), shuffled).verdict is Verdict.PASS


def test_circle_of_issuers_ends() -> None:
    circle = certificate(chain(facts(), above(issuer=facts().subject)))
    assert judge(service(pins=(OTHER,)), circle).verdict is Verdict.FAIL


def test_key_that_did_not_parse_is_unknown_unless_another_matches() -> None:
    unread = certificate(chain(facts(), above(spki_sha256="", malformed="key")))
    assert judge(service(pins=(OTHER,)), unread).verdict is Verdict.UNKNOWN
    assert judge(service(pins=("sha256/bGVhZg==",)), unread).verdict is Verdict.PASS


def test_leaf_without_an_issuer_stands_alone() -> None:
    nameless = certificate(chain(facts(issuer=""), above(subject="", spki_sha256="b3RoZXI=")))
    assert judge(service(pins=(OTHER,)), nameless).verdict is Verdict.FAIL


def test_every_chain_needs_a_match() -> None:
    rsa = chain(facts(spki_sha256="cnNh"), key_type="rsa")
    found = judge(service(pins=("sha256/bGVhZg==",)), certificate(chain(), rsa))
    assert found.verdict is Verdict.FAIL
    assert found.cites == ("rsa",)
    assert judge(service(pins=("sha256/bGVhZg==", "sha256/cnNh")), certificate(chain(), rsa)).verdict is Verdict.PASS


def test_chain_that_could_not_be_asked_is_unknown() -> None:
    seen = certificate(failures={"rsa": TIMED_OUT})
    assert judge(service(pins=("sha256/bGVhZg==",)), seen).verdict is Verdict.UNKNOWN
    assert judge(service(), seen).verdict is Verdict.NOT_APPLICABLE
