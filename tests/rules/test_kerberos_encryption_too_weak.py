from collections.abc import Collection

import pytest

from scanner.model import Judgement, Verdict
from scanner.observations.kerberos import Answer, Kerberos
from scanner.rules.kerberos_encryption_too_weak import Weakness, judge
from scanner.wire.kerberos import ENCRYPTION_TYPES

STRONG = {"aes128-cts-hmac-sha1-96", "aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha256-128"} | {
    "aes256-cts-hmac-sha384-192", "camellia128-cts-cmac", "camellia256-cts-cmac"
}  # fmt: skip
WEAK = set(ENCRYPTION_TYPES.values()) - STRONG


def seen(accepted: set[str], unknown: Collection[str] = ()) -> Kerberos:
    types: dict[str, Answer] = dict.fromkeys(ENCRYPTION_TYPES.values(), "refused")
    types |= dict.fromkeys(accepted, "accepted") | dict.fromkeys(unknown, "unknown")
    reasons = dict.fromkeys(unknown, "no answer")
    return Kerberos(realm="EXAMPLE.TEST", principal="krbtgt/EXAMPLE.TEST", encryption_types=types, reasons=reasons)


def test_what_is_weak() -> None:
    assert {"des-cbc-crc", "des-cbc-md4", "des-cbc-md5", "des3-cbc-sha1-kd", "rc4-hmac", "rc4-hmac-exp"} == WEAK


def test_strong_ones_pass_as_far_as_can_be_asked() -> None:
    found = judge(seen(STRONG))
    assert found.verdict is Verdict.PASS
    assert "other principals" in found.message


@pytest.mark.parametrize("name", sorted(WEAK))
def test_a_weak_one_fails(name: str) -> None:
    assert judge(seen(STRONG | {name})) == Judgement(Verdict.FAIL, f"uses {name} for krbtgt/EXAMPLE.TEST", (name,))


@pytest.mark.parametrize("name", sorted(WEAK))
def test_a_weak_one_that_is_not_known_is_unknown(name: str) -> None:
    found = judge(seen(STRONG, {name}))
    assert found.verdict is Verdict.UNKNOWN
    assert found.message == f"not known of {name}: no answer"


def test_a_violation_is_one_whatever_else_is_not_known() -> None:
    assert judge(seen({"rc4-hmac"}, WEAK - {"rc4-hmac"})).verdict is Verdict.FAIL


def test_a_strong_one_that_is_not_known_does_not_matter() -> None:
    assert judge(seen({"aes256-cts-hmac-sha1-96"}, STRONG - {"aes256-cts-hmac-sha1-96"})).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("never", "avoid", "verdict"),
    [
        (("des", "rc4", "3des"), (), Verdict.FAIL),
        (("des", "3des"), ("rc4",), Verdict.WARN),
        (("des",), (), Verdict.PASS),
        ((), (), Verdict.PASS),
        ((), ("des", "3des"), Verdict.PASS),
    ],
)
def test_a_policy_may_choose(never: tuple[Weakness, ...], avoid: tuple[Weakness, ...], verdict: Verdict) -> None:
    assert judge(seen(STRONG | {"rc4-hmac", "rc4-hmac-exp"}), never=never, avoid=avoid).verdict is verdict
