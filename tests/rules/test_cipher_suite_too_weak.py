from typing import Any

import pytest

from scanner.model import Asks, Verdict
from scanner.rules.cipher_suite_too_weak import AVOID, NEVER, asks, judge
from scanner.wire.suite_weaknesses import suites_with
from tests.rules.make import quick, scope, suites

RC4 = "TLS_RSA_WITH_RC4_128_SHA"
DHE = "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"
STATIC = "TLS_RSA_WITH_AES_128_GCM_SHA256"


@pytest.mark.parametrize(
    ("name", "version", "verdict", "because"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "TLSv1.2", Verdict.PASS, "none of the weak suites"),
        ("TLS_PSK_WITH_AES_128_GCM_SHA256", "TLSv1.2", Verdict.PASS, "none of the weak suites"),
        (STATIC, "TLSv1.2", Verdict.WARN, "RSA key transport"),
        (DHE, "TLSv1.2", Verdict.WARN, "finite-field Diffie-Hellman"),
        ("TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256", "TLSv1.2", Verdict.WARN, "static Diffie-Hellman"),
        ("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", "TLSv1.2", Verdict.WARN, "3DES"),
        ("TLS_KRB5_WITH_IDEA_CBC_SHA", "TLSv1.1", Verdict.WARN, "IDEA"),
        (RC4, "TLSv1.2", Verdict.FAIL, ": RC4"),
        ("TLS_RSA_WITH_NULL_SHA256", "TLSv1.2", Verdict.FAIL, ": no encryption"),
        ("TLS_NULL_WITH_NULL_NULL", "SSLv3", Verdict.FAIL, ": no encryption, no authentication"),
        ("TLS_ECDH_anon_WITH_AES_128_CBC_SHA", "TLSv1.1", Verdict.FAIL, ": no authentication"),
        ("TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5", "SSLv3", Verdict.FAIL, ": export keys of 40 or 56 bits, RC2, MD5"),
        ("TLS_RSA_WITH_DES_CBC_SHA", "TLSv1.0", Verdict.FAIL, ": DES"),
        ("TLS_SHA256_SHA256", "TLSv1.3", Verdict.FAIL, ": no encryption"),
        ("SSL_CK_RC4_128_WITH_MD5", "SSLv2", Verdict.FAIL, ": RC4, MD5"),
        ("SSL_CK_DES_64_CBC_WITH_SHA", "SSLv2", Verdict.FAIL, ": DES"),
        ("SSL_CK_DES_192_EDE3_CBC_WITH_MD5", "SSLv2", Verdict.FAIL, ": MD5"),
        ("SSL_CK_DES_192_EDE3_CBC_WITH_SHA", "SSLv2", Verdict.WARN, ": 3DES"),
    ],
)
def test_verdict(name: str, version: str, verdict: Verdict, because: str) -> None:
    found = judge(scope(), suites(name, version=version))
    assert found.verdict is verdict
    assert because in found.message
    if verdict is not Verdict.PASS:
        assert found.cites == (f"{version} {name}",)


def test_the_worst_decides_and_only_it_is_told() -> None:
    found = judge(scope(), suites(DHE, RC4, STATIC))
    assert (found.verdict, found.cites) == (Verdict.FAIL, (f"TLSv1.2 {RC4}",))
    assert found.message == f"accepts {RC4} (TLSv1.2): RC4"


def test_many_suites_are_counted_and_all_are_cited() -> None:
    weak = sorted(suites_with(frozenset({"rc4"})))[:7]
    found = judge(scope(), suites(*weak))
    assert f"{weak[3]} (TLSv1.2) and 3 more: " in found.message
    assert len(found.cites) == 7


def test_a_pass_cites_the_refusals() -> None:
    assert judge(scope(), suites()).cites == ("TLSv1.2 suites", "TLSv1.3 suites")


@pytest.mark.parametrize(
    ("parameters", "verdict"),
    [
        ({"never": ("rc4", "dhe"), "avoid": ()}, Verdict.FAIL),
        ({"never": ("rc4",), "avoid": ("dhe",)}, Verdict.WARN),
        ({"never": ("rc4",), "avoid": ("3des",)}, Verdict.PASS),
        ({"never": (), "avoid": ()}, Verdict.PASS),
    ],
)
def test_what_is_weak_is_for_the_policy_to_say(parameters: Any, verdict: Verdict) -> None:
    assert judge(scope(), suites(DHE), **parameters).verdict is verdict


@pytest.mark.parametrize(
    ("names", "verdict"), [((), Verdict.UNKNOWN), ((DHE,), Verdict.UNKNOWN), ((RC4,), Verdict.FAIL)]
)
def test_an_unfinished_enumeration_never_passes(names: tuple[str, ...], verdict: Verdict) -> None:
    """A warning would hide that a worse suite may be among those that could not be asked for."""
    found = judge(scope(), suites(*names, reasons={"TLSv1.0": "connection reset"}))
    assert found.verdict is verdict
    if verdict is Verdict.UNKNOWN:
        assert "TLSv1.0: connection reset" in found.message


@pytest.mark.parametrize(
    ("planned", "names", "verdict"),
    [
        (asks(), (), Verdict.PASS),
        (asks(), (DHE,), Verdict.WARN),
        (asks(), (RC4,), Verdict.FAIL),
        (asks(avoid=()), (), Verdict.NOT_APPLICABLE),
        (asks(avoid=()), (RC4,), Verdict.FAIL),
        (asks(never=()), (), Verdict.NOT_APPLICABLE),
        (asks(never=()), (DHE,), Verdict.NOT_APPLICABLE),  # a worse one was not asked for
        (Asks(), (), Verdict.NOT_APPLICABLE),
        (asks(never=(*NEVER, "cbc")), (), Verdict.PASS),
    ],
)
def test_what_the_run_did_not_ask_is_not_judged(planned: Asks, names: tuple[str, ...], verdict: Verdict) -> None:
    found = judge(quick(suites=planned.suites), suites(*names, asked="planned"))
    assert found.verdict is verdict
    if verdict is Verdict.NOT_APPLICABLE:
        assert found.message == "not asked at this depth"


def test_one_version_that_was_asked_less_is_enough_not_to_pass() -> None:
    whole = suites()
    mixed = type(whole)(suites=whole.suites, asked={"TLSv1.2": "all", "TLSv1.3": "planned"})
    assert judge(quick(), mixed).verdict is Verdict.NOT_APPLICABLE
    assert judge(scope(), type(whole)(suites=whole.suites)).verdict is Verdict.NOT_APPLICABLE


def test_it_asks_exactly_for_what_it_judges() -> None:
    wanted = asks().suites
    assert list(wanted) == sorted(set(wanted))
    assert {RC4, DHE, STATIC, "TLS_SHA256_SHA256", "SSL_CK_RC4_128_WITH_MD5"} <= set(wanted)
    assert "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA" not in wanted
    assert asks(never=("rc4",), avoid=()).suites == tuple(sorted(suites_with(frozenset({"rc4"}))))
    for name in wanted:
        assert judge(scope(), suites(name)).verdict in (Verdict.FAIL, Verdict.WARN), name
    assert not set(NEVER) & set(AVOID)
