import pytest
from msgspec.structs import replace

from scanner.model import Judgement, Verdict
from scanner.observations.certificate import Certificate
from scanner.peers import Peers, Seen
from scanner.rules.certificate_not_shared import judge
from tests.rules.make import TIMED_OUT, certificate, chain, endpoint, facts, service

MINE = certificate(chain(facts(sha256="a" * 64), key_type="rsa"), chain(facts(sha256="b" * 64), key_type="ecdsa"))
RSA_ALONE = certificate(chain(facts(sha256="a" * 64), key_type="rsa"))
OTHER = certificate(chain(facts(sha256="c" * 64), key_type="rsa"))
ONE_OTHER = certificate(chain(facts(sha256="a" * 64), key_type="rsa"), chain(facts(sha256="d" * 64), key_type="ecdsa"))
ED25519 = certificate(chain(facts(sha256="e" * 64), key_type="ed25519"))


def judged(*theirs: Certificate | None) -> Judgement:
    seen = tuple(Seen(endpoint(), {} if one is None else {"certificate": one}) for one in theirs)
    return judge(replace(service(), same_certificate=("T",)), Peers((), {"T": seen}), MINE)


@pytest.mark.parametrize(
    ("theirs", "verdict"),
    [
        ((MINE,), Verdict.PASS),
        ((RSA_ALONE,), Verdict.PASS),
        ((MINE, RSA_ALONE), Verdict.PASS),
        ((OTHER,), Verdict.FAIL),
        ((ONE_OTHER,), Verdict.FAIL),
        ((ED25519,), Verdict.FAIL),
        ((MINE, OTHER), Verdict.FAIL),
        ((None, OTHER), Verdict.FAIL),
        ((None,), Verdict.UNKNOWN),
        ((MINE, None), Verdict.UNKNOWN),
        ((), Verdict.UNKNOWN),  # not looked at at all
    ],
)
def test_compared_by_kind_of_key(theirs: tuple[Certificate | None, ...], verdict: Verdict) -> None:
    found = judged(*theirs)
    assert found.verdict is verdict
    assert "T" in found.message


def test_names_where_the_other_is() -> None:
    assert judged(OTHER).message == "another certificate than that of T (https://www.example.com:443 at 192.0.2.1)"


def test_not_declared_is_not_judged() -> None:
    assert judge(service(), Peers(), MINE).verdict is Verdict.NOT_APPLICABLE


def test_what_could_not_be_asked_for_is_no_difference() -> None:
    """Each side shows a kind of key that the other could not be asked for."""
    rsa, ecdsa = (chain(facts(sha256=digit * 64), key_type=kind) for digit, kind in (("a", "rsa"), ("b", "ecdsa")))
    for mine, theirs in (({"ecdsa": TIMED_OUT}, {}), ({}, {"rsa": TIMED_OUT})):
        peers = Peers((), {"T": (Seen(endpoint(), {"certificate": certificate(ecdsa, failures=theirs)}),)})
        declared = replace(service(), same_certificate=("T",))
        assert judge(declared, peers, certificate(rsa, failures=mine)).verdict is Verdict.UNKNOWN
    peers = Peers((), {"T": (Seen(endpoint(), {"certificate": certificate(ecdsa)}),)})
    assert judge(declared, peers, certificate(rsa)).verdict is Verdict.FAIL


def test_a_plaintext_endpoint_has_no_certificate_to_share() -> None:
    plain, secured = Seen(endpoint("http://www.example.com:80"), {}), Seen(endpoint(), {"certificate": MINE})
    declared = replace(service(), same_certificate=("T",))
    assert judge(declared, Peers((), {"T": (plain, secured)}), MINE).verdict is Verdict.PASS
    assert judge(declared, Peers((), {"T": (plain,)}), MINE).verdict is Verdict.UNKNOWN
