"""What to ask, from the policies that will judge: which probes, and at depth quick how little of each."""

import inspect
from collections.abc import Iterable, Iterator, Sequence
from typing import get_args, get_type_hints

from scanner import registry
from scanner.model import Asks, Observation, Policy, PolicyRule
from scanner.observations import observation_types
from scanner.plan import Depth, Plan
from scanner.probes import builds_on

ALWAYS = ("reachability",)
"""Costs no connection of its own."""


def plan_for(policies: Sequence[Policy], depth: Depth, probes: Iterable[str] = ()) -> Plan:
    """The plan of a scan. `probes`: only these, and what they build on; none: all that the depth has."""
    chosen = tuple(probes)
    rules = [rule for policy in policies for rule in policy.rules]
    if depth == "full":
        return Plan(probes=_with_needs(chosen) if chosen else None)
    quick = chosen or (probe for probe in _needed(rules) if getattr(registry.load("probes", probe), "QUICK", False))
    return Plan(depth=depth, probes=_with_needs(quick), asks=_asks(rules))


def names(plan: Plan) -> tuple[str, ...]:
    """The probes of a plan by name."""
    return registry.stems("probes") if plan.probes is None else plan.probes


def _with_needs(probes: Iterable[str]) -> tuple[str, ...]:
    found = dict.fromkeys(ALWAYS)
    waiting = list(probes)
    while waiting:
        probe = waiting.pop()
        found[probe] = None
        waiting += [need.probe for need in builds_on(probe) if not need.optional and need.probe not in found]
    return tuple(sorted(found))


def _needed(rules: Iterable[PolicyRule]) -> Iterator[str]:
    """The probes whose observations the rules judge."""
    kinds = {kind: stem for stem, kind in observation_types().items()}
    for rule in rules:
        judge = registry.load("rules", rule.rule.replace("-", "_")).judge
        hints = get_type_hints(judge)
        for name in inspect.signature(judge).parameters:
            for part in get_args(hints[name]) or (hints[name],):
                if isinstance(part, type) and issubclass(part, Observation):
                    yield kinds[part]


def _asks(rules: Iterable[PolicyRule]) -> Asks:
    """What the rules ask, together."""
    order = ("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
    asked = []
    for rule in rules:
        module = registry.load("rules", rule.rule.replace("-", "_"))
        if hasattr(module, "asks"):
            asked.append(module.asks(**rule.parameters))
    return Asks(
        # below the lowest minimum one hello asks for everything; from there on each version is asked for by itself
        minimum=min((one.minimum for one in asked if one.minimum in order), key=order.index, default=None),
        suites=tuple(sorted({name for one in asked for name in one.suites})),
        groups=tuple(sorted({name for one in asked for name in one.groups})),
    )
