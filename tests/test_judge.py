"""What happens before a rule is called, and to what it returns: the part of judging that all rules share."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner import judge as judging
from scanner.declared import DeclaredEndpoint, Inventory, ProtectionNeed, Service, TlsExpectation, Waiver
from scanner.judge import Judge, severity_of
from scanner.model import (
    Attempt,
    Endpoint,
    Evidence,
    Failure,
    FailureKind,
    Policy,
    PolicyRule,
    ReachTls,
    Scope,
    Severity,
    Verdict,
)
from scanner.observations.cleartext import Cleartext
from scanner.observations.reachability import Reachability
from scanner.observations.tls_versions import TlsVersions
from scanner.policy import load_policy
from scanner.report import Finding
from scanner.rules import tls_version_below_minimum

SITE = load_policy("site")
ENDPOINT = Endpoint(
    service="S",
    url="https://a.example.test",
    protocol="https",
    host="a.example.test",
    port=443,
    address="192.0.2.1",
    server_name="a.example.test",
    reach_tls=ReachTls.IMPLICIT,
)
HTTP = replace(ENDPOINT, url="http://a.example.test", protocol="http", port=80, reach_tls=ReachTls.NEVER)
SSH = replace(HTTP, url="ssh://a.example.test", protocol="ssh", port=22)
SERVICE = Service(id="S", endpoints=(DeclaredEndpoint(url=ENDPOINT.url),), reachable_from=("internal",))
OLD = TlsVersions(
    versions={
        "SSLv3": "refused",
        "TLSv1.0": "accepted",
        "TLSv1.1": "refused",
        "TLSv1.2": "accepted",
        "TLSv1.3": "refused",
    }
)


def policy(*rules: str, **parameters: Any) -> Policy:
    chosen = tuple(PolicyRule(rule=rule, clause=f"clause of {rule}", parameters=parameters) for rule in rules)
    return replace(SITE, rules=chosen)


def attempt(observation: Any = None, failure: Failure | None = None, *, probe: str = "") -> Attempt[Any]:
    name = probe or str(type(observation).__struct_config__.tag)
    lines = tuple(
        Evidence(about=about, asked="?", answered="!", at="2026-11-23T10:00:00Z") for about in ("TLSv1.0", "TLSv1.2")
    )
    return Attempt(endpoint=ENDPOINT, probe=name, observation=observation, failure=failure, evidence=lines)


def judge(
    attempts: list[Attempt[Any]],
    *,
    rules: Policy = SITE,
    endpoint: Endpoint = ENDPOINT,
    service: Service = SERVICE,
    zone: str | None = "internal",
    waivers: tuple[Waiver, ...] = (),
    as_of: str = "2026-11-23T10:00:00Z",
    scope: Scope | None = None,
) -> dict[str, Finding]:
    inventory = Inventory(name="i", services=(service,), waivers=waivers)
    found = Judge(inventory, [rules], scope or Scope(as_of=as_of, zone=zone)).findings(
        endpoint, {a.probe: a for a in attempts}
    )
    return {one.rule: one for one in found}


OPEN = attempt(Reachability(state="open"))


def test_without_any_fact_nothing_passes() -> None:
    for finding in judge([]).values():
        assert finding.verdict in {Verdict.UNKNOWN, Verdict.NOT_APPLICABLE}, finding


@pytest.mark.parametrize("kind", list(FailureKind))
def test_a_failed_probe_is_unknown_with_its_reason(kind: FailureKind) -> None:
    failed = [attempt(failure=Failure(kind, "why so"), probe=probe) for probe in ("tls_versions", "certificate")]
    found = judge([OPEN, *failed])
    assert found["tls-version-below-minimum"].verdict is Verdict.UNKNOWN
    assert "why so" in found["tls-version-below-minimum"].message
    assert not [
        one for one in found.values() if one.verdict is Verdict.PASS and one.rule.startswith(("tls", "cert", "chain"))
    ]


@given(st.sets(st.sampled_from(["reachability", "cleartext", "tls_versions"])))
def test_a_failure_in_place_of_an_observation_never_makes_a_pass(lost: set[str]) -> None:
    whole = [OPEN, attempt(Cleartext(speaks="tls")), attempt(OLD)]
    before = judge(whole)
    part = [a if a.probe not in lost else attempt(failure=Failure(FailureKind.RESET, ""), probe=a.probe) for a in whole]
    for rule, finding in judge(part).items():
        assert finding.verdict is not Verdict.PASS or before[rule].verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("depth", "why"),
    [("full", "not asked: certificate was not chosen"), ("quick", "not asked at this depth")],
)
def test_what_was_not_to_be_asked_is_not_applicable(depth: str, why: str) -> None:
    probes = ("reachability", "tls_versions")
    scope = Scope(as_of="2026-11-23T10:00:00Z", zone="internal", depth=depth, probes=probes)
    found = judge([OPEN, attempt(OLD)], scope=scope)
    assert (found["certificate-expired"].verdict, found["certificate-expired"].message) == (Verdict.NOT_APPLICABLE, why)
    assert found["tls-version-below-minimum"].verdict is Verdict.FAIL
    assert not [one for one in found.values() if one.verdict is Verdict.UNKNOWN]
    assert {one.rule for one in found.values() if one.verdict is Verdict.PASS} <= {"service-unreachable"}


def test_what_was_to_be_asked_and_is_not_there_stays_unknown() -> None:
    scope = Scope(as_of="2026-11-23T10:00:00Z", depth="quick", probes=("reachability", "tls_versions", "certificate"))
    found = judge([OPEN, attempt(OLD)], scope=scope)
    assert found["certificate-expired"].verdict is Verdict.UNKNOWN
    assert found["certificate-expired"].message == "certificate was not asked: the run ended before"


def test_a_rule_that_can_do_without_is_asked_for_its_verdict() -> None:
    """`starttls-not-offered` takes a conversation in the clear, or None."""
    imap = replace(ENDPOINT, url="imap://a.example.test", protocol="imap", port=143, reach_tls=ReachTls.UPGRADE)
    scope = Scope(as_of="2026-11-23T10:00:00Z", probes=("reachability", "tls_versions"))
    of_imap = judge([OPEN, attempt(OLD)], scope=scope, endpoint=imap)["starttls-not-offered"]
    assert (of_imap.verdict, of_imap.message) == (Verdict.NOT_APPLICABLE, "not asked: cleartext was not chosen")
    of_https = judge([OPEN, attempt(OLD)], scope=scope)["starttls-not-offered"]
    assert (of_https.verdict, of_https.message) == (Verdict.NOT_APPLICABLE, "https does not reach TLS by an upgrade")


def test_a_failure_beside_what_was_not_asked_stays_unknown() -> None:
    scope = Scope(as_of="2026-11-23T10:00:00Z", probes=("reachability", "groups", "tls_versions"))
    failed = attempt(failure=Failure(FailureKind.RESET, "reset"), probe="groups")
    finding = judge([OPEN, attempt(OLD), failed], scope=scope)["key-exchange-too-weak"]
    assert (finding.verdict, finding.message) == (Verdict.UNKNOWN, "could not be asked: reset")


def test_a_protocol_without_tls_is_not_judged_for_tls() -> None:
    found = judge([attempt(Reachability(state="open"))], endpoint=HTTP)
    assert found["tls-version-below-minimum"].verdict is Verdict.NOT_APPLICABLE
    assert found["certificate-expired"].message == "http has no TLS"


def test_a_rule_about_one_protocol_finds_nothing_on_another() -> None:
    open_ = attempt(Reachability(state="open"))
    of_ssh = {"ssh-algorithm-too-weak", "terrapin-exposed", "host-key-too-small", "host-key-not-pinned"}
    of_java = {"rmi-names-listed", "rmi-tls-incomplete", "jmx-without-authentication"}
    everything = {rule.rule for rule in SITE.rules}
    elsewhere = of_ssh | of_java | {"kerberos-encryption-too-weak", "undeclared-listener"}
    for endpoint in (ENDPOINT, HTTP):
        assert set(judge([open_], endpoint=endpoint)) == everything - elsewhere
    assert set(judge([open_], endpoint=SSH)) == everything - elsewhere | of_ssh
    rmi = replace(HTTP, protocol="rmi")
    found = judge([open_, attempt(failure=Failure(FailureKind.RESET, "reset"), probe="java_rmi")], endpoint=rmi)
    assert set(found) == everything - elsewhere | of_java
    assert {found[rule].verdict for rule in of_java} == {Verdict.UNKNOWN}
    found = judge([open_, attempt(failure=Failure(FailureKind.RESET, "reset"), probe="ssh")], endpoint=SSH)
    assert found["ssh-algorithm-too-weak"].message == "could not be asked: reset"
    assert found["ssh-algorithm-too-weak"].verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("state", ["closed", "filtered", "unresolved"])
def test_closed_from_a_zone_it_is_not_meant_for_is_as_it_should_be(state: Any) -> None:
    found = judge([attempt(Reachability(state=state))], zone="internet")
    assert found["boundary-crossed"].verdict is Verdict.PASS
    assert {one.verdict for one in found.values()} <= {Verdict.PASS, Verdict.NOT_APPLICABLE}


def test_closed_from_its_own_zone_fails_and_the_rest_is_unknown() -> None:
    found = judge([attempt(Reachability(state="closed"))])
    assert found["service-unreachable"].verdict is Verdict.FAIL
    assert found["tls-version-below-minimum"].verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("tls", [TlsExpectation.REQUIRED, TlsExpectation.ADVISED])
def test_a_closed_plaintext_port_is_as_it_should_be(tls: TlsExpectation) -> None:
    found = judge([attempt(Reachability(state="closed"))], endpoint=HTTP, service=replace(SERVICE, tls=tls))
    assert not [one for one in found.values() if one.verdict in {Verdict.FAIL, Verdict.UNKNOWN}]


def test_evidence_is_what_the_rule_cites() -> None:
    finding = judge([OPEN, attempt(OLD)])["tls-version-below-minimum"]
    assert finding.verdict is Verdict.FAIL
    assert [line.about for line in finding.evidence] == ["TLSv1.0"]
    assert finding.remediation
    assert finding.clause


def test_parameters_of_the_policy_reach_the_rule() -> None:
    strict = judge([OPEN, attempt(OLD)], rules=policy("tls-version-below-minimum", minimum="TLSv1.3"))
    assert "TLSv1.2" in strict["tls-version-below-minimum"].message


def test_a_rule_that_breaks_on_hostile_facts_is_unknown_and_costs_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(seen: TlsVersions, *, minimum: str = "") -> Any:
        raise KeyError(seen)

    monkeypatch.setattr(tls_version_below_minimum, "judge", broken)
    judging._rule.cache_clear()
    try:
        found = judge([OPEN, attempt(OLD)])
    finally:
        judging._rule.cache_clear()
    assert found["tls-version-below-minimum"].verdict is Verdict.UNKNOWN
    assert "KeyError" in found["tls-version-below-minimum"].message
    assert found["service-unreachable"].verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("need", "base", "expected"),
    [
        ("very high", "high", "critical"),
        ("very high", "critical", "critical"),
        ("high", "medium", "medium"),
        ("medium", "medium", "low"),
        ("medium", "low", "low"),
    ],
)
def test_the_protection_need_moves_severity_one_step(need: str, base: str, expected: str) -> None:
    assert severity_of(Severity(base), ProtectionNeed(need)) is Severity(expected)


def waiver(**changes: Any) -> Waiver:
    given = {
        "rule": "tls-version-below-minimum",
        "service": "S",
        "reason": "r",
        "owner": "o",
        "expires": date(2026, 12, 31),
    }
    return Waiver(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "as_of", "waived", "lapsed"),
    [
        ({}, "2026-12-31T23:59:59Z", True, False),
        ({}, "2027-01-01T00:00:00Z", False, True),
        ({"service": "S*"}, "2026-11-23T10:00:00Z", True, False),
        ({"rule": "*"}, "2026-11-23T10:00:00Z", True, False),
        ({"service": "T"}, "2026-11-23T10:00:00Z", False, None),
        ({"rule": "certificate-expired"}, "2026-11-23T10:00:00Z", False, None),
    ],
)
def test_a_waiver_marks_and_lapses_the_day_after(changes: Any, as_of: str, waived: bool, lapsed: bool | None) -> None:
    finding = judge([OPEN, attempt(OLD)], waivers=(waiver(**changes),), as_of=as_of)["tls-version-below-minimum"]
    assert finding.verdict is Verdict.FAIL
    assert finding.waived is waived
    assert (finding.waiver.lapsed if finding.waiver else None) is lapsed


def test_of_several_waivers_the_longest_counts_and_passes_have_none() -> None:
    both = (waiver(expires=date(2026, 1, 1)), waiver(expires=date(2027, 1, 1)))
    found = judge([OPEN, attempt(OLD)], waivers=(*both, waiver(rule="*")))
    assert found["tls-version-below-minimum"].waived
    assert found["service-unreachable"].waiver is None


def test_a_service_with_policies_of_its_own_is_judged_by_them() -> None:
    own = replace(policy("boundary-crossed"), id="own")
    inventory = Inventory(name="i", services=(replace(SERVICE, policies=("/somewhere/own.yaml",)),), policies=("site",))
    found = Judge(inventory, [SITE, own], Scope(as_of="2026-11-23T10:00:00Z")).findings(ENDPOINT, {})
    assert {one.policy for one in found} == {"own"}
    inventory = Inventory(name="i", services=(SERVICE,), policies=("site",))
    found = Judge(inventory, [SITE, own], Scope(as_of="2026-11-23T10:00:00Z")).findings(ENDPOINT, {})
    assert {one.policy for one in found} == {"site"}


def test_what_could_not_be_asked_shows_how_the_connection_failed() -> None:
    line = Evidence(about="reachability", asked="TCP connect", answered="connection refused", at="2026-11-23T10:00:00Z")
    closed = replace(attempt(Reachability(state="closed")), evidence=(line,))
    failed = replace(
        attempt(failure=Failure(FailureKind.REFUSED, "connection refused"), probe="tls_versions"), evidence=()
    )
    finding = judge([closed, failed])["tls-version-below-minimum"]
    assert finding.message == "could not be asked: connection refused"
    assert finding.evidence == (line,)
