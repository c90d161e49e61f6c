import pytest

from scanner.model import Verdict
from scanner.rules.host_key_too_small import judge
from tests.rules.make import host_key, ssh, ssh1


@pytest.mark.parametrize(
    ("kind", "bits", "verdict"),
    [
        ("rsa", 1024, Verdict.FAIL),
        ("rsa", 2047, Verdict.FAIL),
        ("rsa", 2048, Verdict.PASS),
        ("rsa", 3072, Verdict.PASS),
        ("dsa", 1024, Verdict.FAIL),
        ("dsa", 3072, Verdict.FAIL),
        ("ecdsa-nistp256", 256, Verdict.PASS),
        ("ecdsa-nistp521", 521, Verdict.PASS),
        ("ed25519", 256, Verdict.PASS),
        ("ed448", 456, Verdict.PASS),
    ],
)
def test_verdict(kind: str, bits: int, verdict: Verdict) -> None:
    found = judge(ssh(host_keys=(host_key(kind, bits),)))
    assert (found.verdict, found.cites) == (verdict, (kind,))


def test_the_policy_sets_the_sizes() -> None:
    assert judge(ssh(), rsa_bits=3072).verdict is Verdict.PASS
    assert judge(ssh(), rsa_bits=3073).verdict is Verdict.FAIL
    assert judge(ssh(), ec_bits=384).verdict is Verdict.FAIL


def test_the_smallest_decides() -> None:
    found = judge(ssh(host_keys=(host_key(), host_key("rsa", 1024))))
    assert (found.verdict, found.cites) == (Verdict.FAIL, ("rsa",))


def test_keys_that_could_not_be_had_are_unknown_unless_another_is_too_small() -> None:
    reasons = {"rsa": "reset the connection"}
    assert judge(ssh(reasons=reasons)).verdict is Verdict.UNKNOWN
    assert judge(ssh(reasons=reasons, host_keys=(host_key("dsa", 1024),))).verdict is Verdict.FAIL
    assert judge(ssh(host_keys=())).verdict is Verdict.UNKNOWN
    assert judge(ssh1()).verdict is Verdict.UNKNOWN
