"""`policies/*.yaml` → Policy: unknown rules, parameters and values are errors at load, `file:line: message`.

What a rule lets a policy tune is read from the keyword-only parameters of its `judge`: there is no second list of them.
"""

import hashlib
import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from msgspec import UNSET, structs

from scanner import registry
from scanner.declared import Source
from scanner.model import Policy, PolicyRule
from scanner.registry import nearest
from scanner.yamlfile import Dictionary, InputError, Issue, Issues, Node, Scalar, Sequence, parse, read_bytes
from scanner.yamlrecord import Walker


def load_policy(id_or_path: str) -> Policy:
    """A shipped policy by its ID, or a site's own by its path: that contains a slash or ends in .yaml.

    Raises InputError with every mistake in the file.
    """
    if "/" in id_or_path or id_or_path.endswith((".yaml", ".yml")):
        issues = Issues()
        data = read_bytes(Path(id_or_path), issues)
        if data is None:
            raise InputError(issues)
        return _policy(data, id_or_path, Path(id_or_path).stem)
    shipped = registry.data_files("policies", ".yaml")
    if id_or_path not in shipped:
        hint = nearest(id_or_path, list(shipped)) or f": one of {', '.join(shipped)}, or a path ending in .yaml"
        raise InputError([Issue("command line", 1, f"unknown policy {id_or_path!r}{hint}")])
    return _policy(shipped[id_or_path].encode(), f"policies/{id_or_path}.yaml", id_or_path)


def load_policies(ids: Iterable[str]) -> tuple[Policy, ...]:
    """Policies in the order named, each once.

    Raises InputError with the mistakes of them all, and when two files claim one ID: findings could not be told apart.
    """
    policies: dict[str, Policy] = {}
    issues = Issues()
    for name in dict.fromkeys(ids):
        try:
            policy = load_policy(name)
        except InputError as error:
            issues += error.issues
            continue
        if policy.id in policies:
            issues.add(name, 1, f"policy ID {policy.id!r} is taken by another policy of this run")
        policies[policy.id] = policy
    if issues:
        raise InputError(issues)
    return tuple(policies.values())


def tunable(rule: str) -> dict[str, Any]:
    """Types of the parameters that a policy may set for a rule, by name. `rule` is the ID of an existing rule."""
    judge: Callable[..., Any] = registry.load("rules", rule.replace("-", "_")).judge
    parameters = inspect.signature(judge, eval_str=True).parameters.values()
    return {one.name: one.annotation for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY}


def _policy(data: bytes, file: str, expected_id: str) -> Policy:
    issues = Issues()
    document = parse(data, file, issues)
    if document is None:
        raise InputError(issues)
    walker = Walker(issues, {(PolicyRule, "rule"): _known_rule})
    policy = walker.record(document, Policy, "policy")
    rules = document.get("rules") if isinstance(document, Dictionary) else None
    chosen = rules if isinstance(rules, Sequence) else Sequence(Source(file, 1))
    parameters = [_parameters(rule, walker) for rule in chosen]
    _check_rules(rules, issues)
    if policy is None or issues:
        raise InputError(issues)
    if policy.id != expected_id:
        raise InputError([Issue(file, 1, f"'id' is {policy.id!r}, but the file's name says {expected_id!r}")])
    tuned = (structs.replace(rule, parameters=own) for rule, own in zip(policy.rules, parameters, strict=True))
    return structs.replace(policy, rules=tuple(tuned), sha256=hashlib.sha256(data).hexdigest())


def _known_rule(value: str, _: Source) -> str:
    known = registry.identifiers("rules")
    if value not in known:
        raise ValueError(f"unknown rule {value!r}{nearest(value, known)}")
    return value


def _check_rules(rules: Node | None, issues: Issues) -> None:
    if not isinstance(rules, Sequence):
        return
    if not rules:
        issues.at(rules.source, "'rules' is empty: the policy asserts nothing")
    first: dict[str, int] = {}
    for rule in rules:
        name = rule.get("rule") if isinstance(rule, Dictionary) else None
        if isinstance(name, Scalar) and name.text in first:
            issues.at(name.source, f"duplicate rule {name.text!r}, first chosen on line {first[name.text]}")
        elif isinstance(name, Scalar):
            first[name.text] = name.source.line


def _parameters(rule: Node, walker: Walker) -> dict[str, Any]:
    """The parameters of one rule in the types that its `judge` declares; what does not fit is an issue."""
    name = rule.get("rule") if isinstance(rule, Dictionary) else None
    given = rule.get("parameters") if isinstance(rule, Dictionary) else None
    if not isinstance(name, Scalar) or not isinstance(given, Dictionary):
        return {}
    if name.text not in registry.identifiers("rules"):
        return {}
    known = tunable(name.text)
    values = {}
    for at, key, node in given.entries():
        if key not in known:
            hint = nearest(key, list(known)) or f": {name.text} has {', '.join(known) or 'none'}"
            walker.issue(at, f"unknown parameter {key!r}{hint}")
        elif (value := walker.value(node, known[key], key)) is not UNSET:
            values[key] = value
    return values
