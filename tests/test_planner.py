"""What the policies make of a depth, and of the probes that were chosen."""

from typing import Any

import pytest
from msgspec.structs import replace

from scanner import registry
from scanner.model import Asks, Policy, PolicyRule
from scanner.planner import names, plan_for
from scanner.policy import load_policy
from scanner.rules import cipher_suite_too_weak, key_exchange_too_weak

SITE = load_policy("site")
PROBES = registry.stems("probes")


def policy(*rules: tuple[str, dict[str, Any]]) -> Policy:
    return replace(SITE, rules=tuple(PolicyRule(rule=rule, clause="c", parameters=given) for rule, given in rules))


def test_full_asks_everything_whatever_the_policies() -> None:
    for policies in ([SITE], []):
        plan = plan_for(policies, "full")
        assert plan.probes is None
        assert names(plan) == PROBES
        assert plan.asks == Asks()
        assert not plan.quick
        assert all(map(plan.runs, PROBES))


def test_quick_runs_what_the_policy_judges_and_no_more() -> None:
    plan = plan_for([SITE], "quick")
    assert plan.quick
    assert plan.probes == (
        *("certificate", "cipher_suites", "cleartext", "conformance", "extensions", "groups", "java_rmi", "kerberos"),
        *("reachability", "ssh", "tls_versions", "upgrade"),
    )
    assert all(registry.load("probes", probe).QUICK for probe in plan.probes)
    assert not plan.runs("resumption")


@pytest.mark.parametrize(
    ("rule", "probes"),
    [
        ("service-unreachable", {"reachability"}),
        ("tls-version-below-minimum", {"reachability", "tls_versions"}),
        ("certificate-expired", {"reachability", "tls_versions", "certificate"}),
        ("credentials-before-tls", {"reachability", "cleartext"}),
        ("cipher-suite-too-weak", {"reachability", "tls_versions", "cipher_suites"}),
        ("key-exchange-too-weak", {"reachability", "tls_versions", "cipher_suites", "groups"}),
        ("compression-enabled", {"reachability", "tls_versions", "extensions"}),
        ("ssh-algorithm-too-weak", {"reachability", "cleartext", "ssh"}),
        ("answer-not-offered", {"reachability", "tls_versions", "conformance"}),
        ("starttls-injection", {"reachability", "tls_versions", "upgrade"}),
    ],
)
def test_quick_runs_what_a_rule_judges_and_what_that_builds_on(rule: str, probes: set[str]) -> None:
    assert set(plan_for([policy((rule, {}))], "quick").probes or ()) == probes


@pytest.mark.parametrize("depth", ["quick", "full"])
def test_chosen_probes_come_with_what_they_build_on(depth: Any) -> None:
    def chosen(*probes: str) -> set[str]:
        return set(plan_for([SITE], depth, probes).probes or ())

    assert chosen("reachability") == {"reachability"}
    assert chosen("tls_versions") == {"reachability", "tls_versions"}
    assert chosen("groups") == {"reachability", "tls_versions", "groups"}
    assert chosen("groups", "certificate") == {"reachability", "tls_versions", "groups", "certificate"}
    for probe in PROBES:
        assert {probe, "reachability"} <= chosen(probe)


def test_what_several_policies_ask_is_put_together() -> None:
    one = policy(("tls-version-below-minimum", {"minimum": "TLSv1.3"}), ("cipher-suite-too-weak", {"never": ("rc4",)}))
    other = policy(
        ("tls-version-below-minimum", {"minimum": "TLSv1.1"}),
        ("cipher-suite-too-weak", {"never": ("cbc",), "avoid": ()}),
        ("key-exchange-too-weak", {"curve_bits": 255}),
    )
    asks = plan_for([one, other], "quick").asks
    assert asks.minimum == "TLSv1.1"
    parts = (
        cipher_suite_too_weak.asks(never=("rc4",)).suites,
        cipher_suite_too_weak.asks(never=("cbc",), avoid=()).suites,
        key_exchange_too_weak.asks().suites,
    )
    assert set(asks.suites) == {name for part in parts for name in part}
    assert list(asks.suites) == sorted(asks.suites)
    assert asks.groups == key_exchange_too_weak.asks(curve_bits=255).groups
    assert plan_for([other, one], "quick").asks == asks


def test_a_policy_without_such_rules_asks_nothing_special() -> None:
    assert plan_for([policy(("certificate-expired", {}))], "quick").asks == Asks()
    assert plan_for([SITE], "quick").asks.minimum == "TLSv1.2"
