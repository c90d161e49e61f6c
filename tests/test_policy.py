"""Policies: what a file means, and one bad file for each mistake."""

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import registry
from scanner.model import NotEvaluated, Severity
from scanner.policy import load_policies, load_policy, tunable
from scanner.wire.suite_weaknesses import WEAKNESSES
from scanner.yamlfile import InputError

HEAD = "id: own\ntitle: t\nedition: '1'\nsource: s\nlicence: l\nverified_by: v\n"
"""Six lines: what follows starts on line 7."""
VERSIONS = "one of SSLv3, TLSv1.0, TLSv1.1, TLSv1.2, TLSv1.3"


def write(folder: Path, text: str, name: str = "own.yaml") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def with_rule(rest: str = "", rule: str = "tls-version-below-minimum") -> str:
    """A policy whose only rule is on line 8 and whose `rest` starts on line 10."""
    return f"{HEAD}rules:\n  - rule: {rule}\n    clause: §1\n{rest}"


@pytest.fixture
def tuned_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule with a parameter of each type beside the real ones."""

    def judge(
        endpoint: object,
        *,
        text: str = "",
        bits: int = 0,
        share: float = 0.0,
        strict: bool = False,
        names: tuple[str, ...] = (),
        level: Literal["low", "high"] = "low",
        limit: int | None = 3,
    ) -> None: ...

    identifiers, load = registry.identifiers, registry.load

    def with_tuned(folder: str) -> tuple[str, ...]:
        return (*identifiers(folder), "tuned-rule") if folder == "rules" else identifiers(folder)

    def load_tuned(folder: str, stem: str) -> Any:
        return SimpleNamespace(judge=judge) if (folder, stem) == ("rules", "tuned_rule") else load(folder, stem)

    monkeypatch.setattr(registry, "identifiers", with_tuned)
    monkeypatch.setattr(registry, "load", load_tuned)


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        with_rule(
            "    parameters: {minimum: TLSv1.3}\n    severity: critical\n"
            "  - {rule: certificate-expired, clause: §2}\n"
            "not_evaluated:\n  - {clause: §3, why: not asked}\n"
        ),
    )
    policy = load_policy(path)
    assert (policy.id, policy.title, policy.edition, policy.source) == ("own", "t", "1", "s")
    assert (policy.licence, policy.verified_by) == ("l", "v")
    first, second = policy.rules
    assert (first.rule, first.clause, first.severity) == ("tls-version-below-minimum", "§1", Severity.CRITICAL)
    assert first.parameters == {"minimum": "TLSv1.3"}
    assert (second.rule, second.parameters, second.severity) == ("certificate-expired", {}, None)
    assert policy.not_evaluated == (NotEvaluated(clause="§3", why="not asked"),)
    assert policy.sha256 == hashlib.sha256(Path(path).read_bytes()).hexdigest()


@pytest.mark.parametrize("shipped", registry.data_files("policies", ".yaml"))
def test_every_shipped_policy_loads_under_its_own_name(shipped: str) -> None:
    assert load_policy(shipped).id == shipped


def test_a_shipped_policy_has_its_files_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "data_files", lambda *_: {"other": with_rule()})
    with pytest.raises(InputError) as caught:
        load_policy("other")
    assert str(caught.value) == "policies/other.yaml:1: 'id' is 'own', but the file's name says 'other'"


@pytest.mark.usefixtures("tuned_rule")
def test_parameters_have_the_types_that_the_rule_declares(tmp_path: Path) -> None:
    given_parameters = "{text: a, bits: 7, share: 1, strict: true, names: [a, b], level: high, limit: null}"
    path = write(tmp_path, with_rule(f"    parameters: {given_parameters}", rule="tuned-rule"))
    (rule,) = load_policy(path).rules
    assert rule.parameters == {
        "text": "a",
        "bits": 7,
        "share": 1.0,
        "strict": True,
        "names": ("a", "b"),
        "level": "high",
        "limit": None,
    }
    assert isinstance(rule.parameters["share"], float)


def test_a_policy_says_which_weaknesses_it_means(tmp_path: Path) -> None:
    text = with_rule('    parameters: {never: ["null", rc4], avoid: []}', rule="cipher-suite-too-weak")
    (rule,) = load_policy(write(tmp_path, text)).rules
    assert rule.parameters == {"never": ("null", "rc4"), "avoid": ()}


def test_only_keyword_only_parameters_are_tunable() -> None:
    assert list(tunable("tls-version-below-minimum")) == ["minimum"]


@pytest.mark.parametrize("rule", registry.identifiers("rules"))
def test_every_parameter_of_every_rule_has_a_loadable_type(rule: str, tmp_path: Path) -> None:
    """A type the loader has no rule for would be a traceback for whoever tunes it."""
    for parameter in tunable(rule):
        path = write(tmp_path, with_rule(f"    parameters: {{{parameter}: {{}}}}", rule=rule))
        with pytest.raises(InputError, match=rf":10: '{parameter}' must be"):
            load_policy(path)


@pytest.mark.usefixtures("tuned_rule")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", "1: 'policy' must be a mapping (key: value), not a list"),
        (HEAD, "1: missing key 'rules'"),
        (HEAD + "rules: []", "7: 'rules' is empty: the policy asserts nothing"),
        (with_rule().replace("licence: l\n", ""), "1: missing key 'licence'"),
        (
            with_rule().replace("edition: '1'", "edition: 2022"),
            "3: 'edition' must be text, not the number 2022: put it in quotes, '2022'",
        ),
        (with_rule("ruls: []"), "10: unknown key 'ruls' (did you mean 'rules'?)"),
        (with_rule("sha256: x"), "10: unknown key 'sha256'"),
        (with_rule("    clauses: x"), "10: unknown key 'clauses' (did you mean 'clause'?)"),
        (
            with_rule("    severity: hgh"),
            "10: 'severity' must be one of low, medium, high, critical, not 'hgh' (did you mean 'high'?)",
        ),
        (with_rule("not_evaluated: [{clause: x}]"), "10: missing key 'why'"),
        (
            with_rule(rule="tls-version-below-minimun"),
            "8: rule: unknown rule 'tls-version-below-minimun' (did you mean 'tls-version-below-minimum'?)",
        ),
        (
            with_rule(rule="tls_version_below_minimum"),
            "8: rule: unknown rule 'tls_version_below_minimum' (did you mean 'tls-version-below-minimum'?)",
        ),
        (
            with_rule("  - {rule: tls-version-below-minimum, clause: x}"),
            "10: duplicate rule 'tls-version-below-minimum', first chosen on line 8",
        ),
        (
            with_rule("    parameters:\n      minimun: TLSv1.2"),
            "11: unknown parameter 'minimun' (did you mean 'minimum'?)",
        ),
        (
            with_rule("    parameters: {days: 3}"),
            "10: unknown parameter 'days': tls-version-below-minimum has minimum",
        ),
        (
            with_rule("    parameters: {days: 3}", rule="certificate-expired"),
            "10: unknown parameter 'days': certificate-expired has none",
        ),
        (
            with_rule("    parameters: {minimum: 1.2}"),
            f"10: 'minimum' must be {VERSIONS}, not the number 1.2 (did you mean 'TLSv1.2'?)",
        ),
        (
            with_rule("    parameters: {minimum: TLSv1.9}"),
            f"10: 'minimum' must be {VERSIONS}, not 'TLSv1.9' (did you mean 'TLSv1.3'?)",
        ),
        (
            with_rule("    parameters:\n      never: [rc4,\n        rc5]", rule="cipher-suite-too-weak"),
            f"12: 'never' must be one of {', '.join(WEAKNESSES)}, not 'rc5' (did you mean 'rc4'?)",
        ),
        (
            with_rule("    parameters: {never: [null]}", rule="cipher-suite-too-weak"),
            "10: 'never' has no value: give one, or leave the key out",
        ),
        (
            with_rule("    parameters: {avoid: dhe}", rule="cipher-suite-too-weak"),
            "10: 'avoid' must be a list, not 'dhe': write avoid: [dhe]",
        ),
        (
            with_rule("    parameters: {text: 1.2}", rule="tuned-rule"),
            "10: 'text' must be text, not the number 1.2: put it in quotes, '1.2'",
        ),
        (with_rule("    parameters: {bits: x}", rule="tuned-rule"), "10: 'bits' must be a whole number, not 'x'"),
        (
            with_rule("    parameters: {strict: yes}", rule="tuned-rule"),
            "10: 'strict' must be true or false, not 'yes'",
        ),
        (
            with_rule("    parameters: {names: a}", rule="tuned-rule"),
            "10: 'names' must be a list, not 'a': write names: [a]",
        ),
        (
            with_rule("    parameters: {level: hihg}", rule="tuned-rule"),
            "10: 'level' must be one of low, high, not 'hihg' (did you mean 'high'?)",
        ),
        (with_rule("    parameters: [minimum]"), "10: 'parameters' must be a mapping (key: value), not a list"),
        (with_rule("    parameters:"), "10: 'parameters' has no value: give one, or leave the key out"),
    ],
)
def test_a_mistake_is_reported_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_policy(path)
    assert str(caught.value) == f"{path}:{expected}"


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path, with_rule("    parameters: {minimun: 1}\n  - {rule: x, claus: y}\n").replace("id: own", "ID: own")
    )
    with pytest.raises(InputError) as caught:
        load_policy(path)
    assert [issue.line for issue in caught.value.issues] == [1, 1, 10, 11, 11, 11]


def test_an_unknown_policy_names_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        load_policy("sitte")
    assert str(caught.value) == "command line:1: unknown policy 'sitte' (did you mean 'site'?)"


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no\.yaml:1: .* cannot be read: No such file"):
        load_policy(str(tmp_path / "no.yaml"))


def test_several_policies_keep_their_order_and_come_once(tmp_path: Path) -> None:
    own = write(tmp_path, with_rule())
    assert [policy.id for policy in load_policies([own, "site", own])] == ["own", "site"]


def test_two_policies_may_not_share_an_id(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    first, second = write(tmp_path, with_rule(), "own.yaml"), write(tmp_path / "elsewhere", with_rule(), "own.yaml")
    with pytest.raises(InputError) as caught:
        load_policies([first, second])
    assert str(caught.value) == f"{second}:1: policy ID 'own' is taken by another policy of this run"


def test_the_mistakes_of_several_policies_are_reported_together(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_policies(["sitte", write(tmp_path, "[]"), "site"])
    assert len(caught.value.issues) == 2


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rest=st.text(max_size=100), parameters=st.text(max_size=40))
def test_any_file_loads_or_is_an_input_error(tmp_path: Path, rest: str, parameters: str) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(f"{with_rule()}    parameters: {parameters}\n{rest}".encode())
    try:
        outcome: tuple[Any, ...] = load_policy(str(path)).rules
    except InputError as error:
        outcome = error.issues
    assert outcome
