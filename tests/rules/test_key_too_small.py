import pytest

from scanner.model import Verdict
from scanner.observations.certificate import PublicKey
from scanner.rules.key_too_small import judge
from tests.rules.make import TIMED_OUT, above, certificate, chain, facts, leaf, root


@pytest.mark.parametrize(
    ("kind", "bits", "verdict"),
    [
        ("rsa", 1024, Verdict.FAIL),
        ("rsa", 2047, Verdict.FAIL),
        ("rsa", 2048, Verdict.PASS),
        ("rsa", 16384, Verdict.PASS),
        ("ecdsa", 224, Verdict.FAIL),
        ("ecdsa", 255, Verdict.FAIL),
        ("ecdsa", 256, Verdict.PASS),
        ("ecdsa", 521, Verdict.PASS),
        ("ed25519", 256, Verdict.PASS),
        ("ed25519", 0, Verdict.PASS),
        ("ed448", 456, Verdict.PASS),
        ("dsa", 3072, Verdict.FAIL),
        ("rsa", 0, Verdict.UNKNOWN),
        ("ecdsa", 0, Verdict.UNKNOWN),
        ("unknown", 0, Verdict.UNKNOWN),
        ("ml-dsa-65", 15616, Verdict.UNKNOWN),
        ("", 4096, Verdict.UNKNOWN),
    ],
)
def test_boundary(kind: str, bits: int, verdict: Verdict) -> None:
    assert judge(leaf(key=PublicKey(type=kind, bits=bits))).verdict is verdict


def test_minimum_is_tunable() -> None:
    assert judge(leaf(key=PublicKey(type="rsa", bits=2048)), rsa_bits=3072).verdict is Verdict.FAIL
    assert judge(leaf(key=PublicKey(type="rsa", bits=3072)), rsa_bits=3072).verdict is Verdict.PASS
    assert judge(leaf(key=PublicKey(type="ecdsa", bits=224)), ec_bits=224).verdict is Verdict.PASS
    assert judge(leaf(key=PublicKey(type="ecdsa", bits=256)), ec_bits=384).verdict is Verdict.FAIL
    assert judge(leaf(key=PublicKey(type="ed25519", bits=256)), ec_bits=384).verdict is Verdict.PASS


def test_unread_key_says_why() -> None:
    assert "bad point" in judge(leaf(key=PublicKey(type="unknown", bits=0), malformed="bad point")).message


def test_message_names_the_curve() -> None:
    found = judge(leaf(key=PublicKey(type="ecdsa", bits=192, curve="secp192r1")))
    assert found.message == "ecdsa key of 192 bits on 'secp192r1', fewer than 256"


def test_intermediate_counts_and_served_root_does_not() -> None:
    small = PublicKey(type="rsa", bits=1024)
    assert judge(certificate(chain(facts(), above(key=small)))).verdict is Verdict.FAIL
    assert judge(certificate(chain(facts(), above(), root(key=small)))).verdict is Verdict.PASS


def test_self_signed_leaf_counts() -> None:
    assert judge(leaf(self_issued=True, key=PublicKey(type="rsa", bits=1024))).verdict is Verdict.FAIL


def test_chain_that_could_not_be_asked_is_unknown() -> None:
    assert judge(certificate(failures={"rsa": TIMED_OUT})).verdict is Verdict.UNKNOWN
