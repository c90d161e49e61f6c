from typing import Any

import pytest

from scanner.model import Verdict
from scanner.rules._curves import CURVE_BITS, shorter_than
from scanner.rules.key_exchange_too_weak import RSA_EXPORT, asks, judge
from scanner.wire import tls_names
from tests.rules.make import groups, quick, scope, suites


@pytest.mark.parametrize(
    ("curve", "verdict"),
    [
        ("secp160r1", Verdict.FAIL),
        ("sect163k1", Verdict.FAIL),
        ("secp192r1", Verdict.FAIL),
        ("sect193r2", Verdict.FAIL),
        ("secp224r1", Verdict.PASS),
        ("sect233k1", Verdict.PASS),
        ("secp256r1", Verdict.PASS),
        ("x448", Verdict.PASS),
        ("ffdhe2048", Verdict.PASS),
        ("X25519MLKEM768", Verdict.PASS),
        ("0x1234", Verdict.PASS),
    ],
)
def test_curves(curve: str, verdict: Verdict) -> None:
    found = judge(scope(), groups(curve), suites())
    assert found.verdict is verdict
    if verdict is Verdict.FAIL:
        assert found.message == f"accepts {curve} (TLSv1.2)"


@pytest.mark.parametrize(
    ("bits", "verdict"),
    [
        ((512,), Verdict.FAIL),
        ((1024,), Verdict.FAIL),
        ((2047,), Verdict.FAIL),
        ((2048,), Verdict.PASS),
        ((), Verdict.PASS),
    ],
)
def test_primes(bits: tuple[int, ...], verdict: Verdict) -> None:
    assert judge(scope(), groups(dh=bits), suites()).verdict is verdict
    assert judge(scope(), groups(dh=(4096, *bits)), suites()).verdict is verdict


def test_the_message_says_which_prime() -> None:
    found = judge(scope(), groups("secp192r1", dh=(1024, 2048)), suites())
    assert found.message == "accepts secp192r1 (TLSv1.2), a Diffie-Hellman prime of 1024 bits (unknown)"
    assert "no Diffie-Hellman prime below 2048 bits" in judge(scope(), groups(dh=(2048,)), suites()).message


def test_what_decided_is_cited() -> None:
    dhe, export = "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_EXPORT_WITH_RC4_40_MD5"
    seen = suites(dhe, export)
    assert judge(scope(), groups("secp192r1"), seen).cites == ("TLSv1.2 secp192r1",)
    assert judge(scope(), groups(dh=(1024,)), seen).cites == ("Diffie-Hellman", f"TLSv1.2 {dhe}")
    assert judge(scope(), groups(rsa_export_bits=512), seen).cites == (f"TLSv1.2 {export}",)
    assert judge(scope(), groups(dh=(2048,)), seen).cites == (
        *("TLSv1.2 groups", "TLSv1.3 groups", "Diffie-Hellman", f"TLSv1.2 {dhe}"),
    )


def test_a_temporary_rsa_key_fails() -> None:
    found = judge(scope(), groups(rsa_export_bits=512), suites())
    assert (found.verdict, found.message) == (Verdict.FAIL, "accepts a temporary RSA key of 512 bits")


@pytest.mark.parametrize(
    ("parameters", "seen", "verdict"),
    [
        ({"dh_bits": 3072}, {"dh": (2048,)}, Verdict.FAIL),
        ({"dh_bits": 3072}, {"dh": (3072,)}, Verdict.PASS),
        ({"dh_bits": 1024}, {"dh": (1024,)}, Verdict.PASS),
        ({"curve_bits": 255}, {"groups": {"TLSv1.2": ("sect239k1",)}}, Verdict.FAIL),
        ({"curve_bits": 255}, {"groups": {"TLSv1.2": ("x25519", "secp256r1")}}, Verdict.PASS),
        ({"curve_bits": 160}, {"groups": {"TLSv1.2": ("secp160r1",)}}, Verdict.PASS),
    ],
)
def test_the_minimum_is_tunable(parameters: Any, seen: Any, verdict: Verdict) -> None:
    assert judge(scope(), groups(**seen), suites(), **parameters).verdict is verdict


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"reasons": {"TLSv1.2": "timed out"}}, Verdict.UNKNOWN),
        ({"open": {"TLSv1.2": ("secp192r1",)}, "reasons": {"TLSv1.2": "key's curve"}}, Verdict.PASS),
        ({"open": {"TLSv1.2": ("secp521r1",)}, "reasons": {"TLSv1.3": "timed out"}}, Verdict.UNKNOWN),
        ({"dh": (1024,), "reasons": {"TLSv1.2": "timed out"}}, Verdict.FAIL),
    ],
)
def test_what_could_not_be_asked_is_unknown_where_it_matters(changes: Any, verdict: Verdict) -> None:
    found = judge(scope(), groups(**changes), suites())
    assert found.verdict is verdict
    if verdict is Verdict.UNKNOWN:
        assert next(iter(changes["reasons"].values())) in found.message


def test_without_the_suites_a_temporary_rsa_key_may_hide() -> None:
    assert judge(scope(), groups(), None).verdict is Verdict.UNKNOWN
    assert judge(scope(), groups(), suites(reasons={"TLSv1.0": "reset"})).verdict is Verdict.UNKNOWN
    assert judge(scope(), groups("secp192r1"), None).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("planned", "verdict"),
    [
        (asks(), Verdict.PASS),
        (asks(curve_bits=255), Verdict.PASS),
        (asks(curve_bits=192), Verdict.NOT_APPLICABLE),
    ],
)
def test_what_the_run_did_not_ask_is_not_judged(planned: Any, verdict: Verdict) -> None:
    where = quick(groups=planned.groups, suites=planned.suites)
    found = judge(where, groups(asked="planned"), suites(asked="planned"))
    assert found.verdict is verdict
    assert judge(where, groups("secp160r1", asked="planned"), suites(asked="planned")).verdict is Verdict.FAIL
    without_suites = quick(groups=planned.groups)
    found = judge(without_suites, groups(asked="planned"), suites(asked="planned"))
    assert (found.verdict, found.message) == (Verdict.NOT_APPLICABLE, "not asked at this depth")


def test_names_are_those_of_the_registries() -> None:
    known = set(tls_names.groups().values())
    assert set(CURVE_BITS) <= known
    short = [
        name for name in known if any(name.startswith(("secp", "sect")) and str(n) in name for n in range(160, 255))
    ]
    assert set(short) == set(CURVE_BITS)
    assert shorter_than(160) == frozenset()
    assert shorter_than(161) == {"secp160k1", "secp160r1", "secp160r2"}
    assert shorter_than(255) == set(CURVE_BITS)
    assert len(RSA_EXPORT) == 7
    assert list(asks().groups) == sorted(asks().groups)
