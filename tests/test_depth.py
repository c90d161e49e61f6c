"""What depth quick decides, it decides as depth full does; the rest it does not judge."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.dh import DHParameterNumbers
from cryptography.hazmat.primitives.serialization import Encoding, ParameterFormat
from msgspec.structs import replace

from scanner.assess import assess
from scanner.declared import CertificateExpectation, DeclaredEndpoint, Inventory, Service
from scanner.journal import StoredRun
from scanner.model import Policy, PolicyRule, Severity, Verdict
from scanner.net.limits import Limits
from scanner.plan import Depth
from scanner.planner import plan_for
from scanner.policy import load_policy
from scanner.run import JOURNAL, Options, scan_to_journal
from tests.probes.tls_servers import ECDSA, RSA, context, tls_server
from tests.servers.certificates import SERVER_NAME, CertificateSpec, Pki

SITE = load_policy("site")
LIMITS = Limits(connect=5.0, connection=5.0, endpoint=60.0, rate=100_000, per_address_rate=100_000)
SOUND = "ECDHE+AESGCM:ECDHE+CHACHA20"
OAKLEY_2 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE"
    "649286651ECE65381FFFFFFFFFFFFFFFF",
    16,
)
"""The prime of 1024 bits of RFC 2409 §6.2."""


def with_weak_prime(pki: Pki) -> ssl.SSLContext:
    made = context(pki, ciphers="DHE+AESGCM:ECDHE+AESGCM:@SECLEVEL=0")
    path = pki.root.with_name("dh1024.pem")
    parameters = DHParameterNumbers(OAKLEY_2, 2).parameters()
    path.write_bytes(parameters.parameter_bytes(Encoding.PEM, ParameterFormat.PKCS3))
    made.load_dh_params(path)
    return made


def with_short_curve(pki: Pki, key: CertificateSpec = RSA) -> ssl.SSLContext:
    made = context(pki, key, newest="TLSv1_2", ciphers=f"{SOUND}:@SECLEVEL=0")
    made.set_ecdh_curve("prime192v1")
    return made


def without_extended_master_secret(pki: Pki) -> ssl.SSLContext:
    made = context(pki, ciphers=SOUND)
    made.options |= 1  # SSL_OP_NO_EXTENDED_MASTER_SECRET, which the standard library has no name for
    return made


SERVERS: dict[str, tuple[Callable[[Pki], ssl.SSLContext], dict[str, str]]] = {
    "sound": (lambda pki: context(pki, ciphers=SOUND), {}),
    "two-keys": (lambda pki: context(pki, RSA, ECDSA, ciphers=SOUND), {}),
    "ecdsa": (lambda pki: context(pki, ECDSA, ciphers=SOUND), {}),
    "tls13-only": (lambda pki: context(pki, oldest="TLSv1_3"), {}),
    "default-suites": (context, {"cipher-suite-too-weak": "warn"}),
    "tls10-too": (
        lambda pki: context(pki, oldest="TLSv1", ciphers="ECDHE+AES:@SECLEVEL=0"),
        {"tls-version-below-minimum": "fail"},
    ),
    "tls10-only": (
        lambda pki: context(pki, oldest="TLSv1", newest="TLSv1"),
        {"tls-version-below-minimum": "fail", "cipher-suite-too-weak": "warn"},
    ),
    "every-suite": (
        lambda pki: context(pki, RSA, ECDSA, oldest="TLSv1", ciphers="ALL:COMPLEMENTOFALL:@SECLEVEL=0"),
        {"tls-version-below-minimum": "fail", "cipher-suite-too-weak": "fail"},
    ),
    "weak-prime": (with_weak_prime, {"cipher-suite-too-weak": "warn", "key-exchange-too-weak": "fail"}),
    "short-curve": (with_short_curve, {"key-exchange-too-weak": "fail"}),
    "short-curve-ecdsa": (lambda pki: with_short_curve(pki, ECDSA), {"key-exchange-too-weak": "fail"}),
    "no-extended-master-secret": (without_extended_master_secret, {"extended-master-secret-missing": "warn"}),
    "expired": (
        lambda pki: context(pki, CertificateSpec(validity="past"), ciphers=SOUND),
        {"certificate-expired": "fail"},
    ),
    "small-key": (
        lambda pki: context(pki, CertificateSpec(bits=1024), ciphers=f"{SOUND}:@SECLEVEL=0"),
        {"key-too-small": "fail"},
    ),
}
"""Name → its configuration, and what is found there besides passes."""
NEW = (
    "cipher-suite-too-weak",
    "key-exchange-too-weak",
    "compression-enabled",
    "renegotiation-insecure",
    "extended-master-secret-missing",
    "answer-not-offered",
)


def scanned(port: int, pki: Pki, folder: Path, depth: Depth, policy: Policy = SITE) -> StoredRun:
    service = Service(
        id="S",
        endpoints=(DeclaredEndpoint(url=f"https://127.0.0.1:{port}", server_name=SERVER_NAME),),
        certificate=CertificateExpectation(trust=(str(pki.root),)),
    )
    options = Options(output=folder / depth, limits=LIMITS, plan=plan_for([policy], depth))
    run = scan_to_journal(Inventory(name="i", services=(service,), policies=("site",)), options, lambda: None)
    return StoredRun(run / JOURNAL)


def judged(run: StoredRun, policy: Policy = SITE) -> dict[str, tuple[Verdict, Severity, str]]:
    report = assess([run], [policy], version="0")
    return {one.rule: (one.verdict, one.severity, one.message) for one in report.findings}


@pytest.mark.parametrize("name", SERVERS)
def test_quick_decides_as_full_does(name: str, pki: Pki, tmp_path: Path) -> None:
    made, expected = SERVERS[name]
    with tls_server(made(pki)) as (port, _):
        runs = {depth: scanned(port, pki, tmp_path, depth) for depth in ("full", "quick")}
    full, quick = (judged(runs[depth]) for depth in ("full", "quick"))
    found = {rule: verdict.value for rule, (verdict, *_) in full.items() if verdict in ("fail", "warn", "unknown")}
    assert found == expected, full
    assert {rule: found[:2] for rule, found in quick.items()} == {rule: found[:2] for rule, found in full.items()}
    assert runs["quick"].run.connections < runs["full"].run.connections * 0.6


@pytest.mark.parametrize("depth", ["quick", "full"])
@pytest.mark.parametrize("name", ["every-suite", "weak-prime", "short-curve", "no-extended-master-secret", "two-keys"])
def test_what_was_decided_shows_its_evidence(name: str, depth: Depth, pki: Pki, tmp_path: Path) -> None:
    with tls_server(SERVERS[name][0](pki)) as (port, _):
        report = assess([scanned(port, pki, tmp_path, depth)], [SITE], version="0")
    about_tls = {"tls-version-below-minimum", *NEW}
    for one in report.findings:
        if one.rule in about_tls and one.verdict in (Verdict.PASS, Verdict.WARN, Verdict.FAIL):
            assert one.evidence, one.rule
            assert "reachability" not in [line.about for line in one.evidence], one
            assert all(line.asked and line.answered and line.reproduce for line in one.evidence), one


@pytest.mark.parametrize("name", ["sound", "two-keys", "tls13-only"])
def test_a_sound_host_is_asked_little(name: str, pki: Pki, tmp_path: Path) -> None:
    with tls_server(SERVERS[name][0](pki)) as (port, seen):
        run = scanned(port, pki, tmp_path, "quick")
    assert run.run.connections <= 8, seen
    assert run.run.depth == "quick"
    assert run.run.asks.minimum == "TLSv1.2"
    assert "resumption" not in run.run.probes


ALONE = (
    "tls-version-below-minimum",
    "cipher-suite-too-weak",
    "key-exchange-too-weak",
    "compression-enabled",
    "extended-master-secret-missing",
    "answer-not-offered",
    "certificate-expired",
)


@pytest.mark.parametrize("name", ["every-suite", "tls10-only", "weak-prime", "short-curve", "tls13-only"])
def test_a_policy_of_one_rule_is_decided_as_well(name: str, pki: Pki, tmp_path: Path) -> None:
    """What other rules ask for must not be needed by chance."""
    with tls_server(SERVERS[name][0](pki)) as (port, _):
        full = judged(scanned(port, pki, tmp_path, "full"))
        for rule in ALONE:
            policy = replace(SITE, rules=tuple(one for one in SITE.rules if one.rule == rule))
            found = judged(scanned(port, pki, tmp_path / rule, "quick", policy), policy)
            assert found[rule][:2] == full[rule][:2], rule


def stricter(rule: str, **parameters: object) -> Policy:
    return replace(SITE, rules=(PolicyRule(rule=rule, clause="c", parameters=parameters),))


@pytest.mark.parametrize(
    ("asked", "judged_by", "verdict"),
    [
        (SITE, SITE, Verdict.PASS),
        (SITE, stricter("cipher-suite-too-weak", never=("rc4",), avoid=()), Verdict.PASS),
        (SITE, stricter("cipher-suite-too-weak", never=("rc4", "cbc")), Verdict.NOT_APPLICABLE),
        (SITE, stricter("key-exchange-too-weak", curve_bits=255), Verdict.NOT_APPLICABLE),
        (SITE, stricter("key-exchange-too-weak", dh_bits=8192), Verdict.PASS),
        (SITE, stricter("tls-version-below-minimum", minimum="TLSv1.1"), Verdict.PASS),
        (SITE, stricter("tls-version-below-minimum", minimum="TLSv1.3"), Verdict.FAIL),
        (stricter("certificate-expired"), stricter("cipher-suite-too-weak"), Verdict.NOT_APPLICABLE),
        (stricter("certificate-expired"), stricter("key-exchange-too-weak"), Verdict.NOT_APPLICABLE),
        (stricter("certificate-expired"), stricter("compression-enabled"), Verdict.NOT_APPLICABLE),
        (stricter("certificate-expired"), stricter("answer-not-offered"), Verdict.NOT_APPLICABLE),
        (stricter("certificate-expired"), stricter("tls-version-below-minimum"), Verdict.PASS),
        (stricter("service-unreachable"), stricter("certificate-expired"), Verdict.NOT_APPLICABLE),
        (
            stricter("cipher-suite-too-weak", never=(), avoid=()),
            stricter("cipher-suite-too-weak"),
            Verdict.NOT_APPLICABLE,
        ),
    ],
)
def test_a_quick_run_judged_by_more_than_it_asked(
    asked: Policy, judged_by: Policy, verdict: Verdict, pki: Pki, tmp_path: Path
) -> None:
    with tls_server(SERVERS["sound"][0](pki)) as (port, _):
        run = scanned(port, pki, tmp_path, "quick", asked)
    for rule, (found, _, message) in judged(run, judged_by).items():
        if judged_by is SITE:
            assert found in (Verdict.PASS, Verdict.NOT_APPLICABLE), rule
        else:
            assert found is verdict, message
        assert (found is Verdict.NOT_APPLICABLE) is message.startswith("not asked at this depth") or judged_by is SITE


def test_the_lowest_of_several_minimums_decides_what_is_asked_for_all(pki: Pki, tmp_path: Path) -> None:
    lax, strict = (stricter("tls-version-below-minimum", minimum=one) for one in ("TLSv1.0", "TLSv1.2"))
    both = replace(lax, rules=(*lax.rules, *strict.rules))
    with tls_server(SERVERS["tls10-too"][0](pki)) as (port, _):
        run = scanned(port, pki, tmp_path, "quick", both)
    assert run.run.asks.minimum == "TLSv1.0"
    assert judged(run, lax)["tls-version-below-minimum"][0] is Verdict.PASS
    assert judged(run, strict)["tls-version-below-minimum"][0] is Verdict.FAIL
