"""What holds for every rule in `scanner/rules/`, whichever it is."""

import inspect
import re
from importlib import resources
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest
import yaml

from scanner import registry
from scanner.declared import Service
from scanner.model import Asks, Endpoint, Judgement, Observation, Policy, Scope, Severity, Verdict
from scanner.observations import observation_types
from scanner.peers import Peers
from tests.rules import make

RULES = registry.stems("rules")
HERE = Path(__file__).parent
FOLDER = Path(str(resources.files("scanner").joinpath("rules")))
SITE = msgspec.convert(yaml.safe_load(registry.data_files("policies", ".yaml")["site"]), Policy)


def test_site_policy_chooses_the_rules_of_any_site() -> None:
    assert len(SITE.rules) >= 24
    assert {rule.rule for rule in SITE.rules} <= set(registry.identifiers("rules"))


def test_there_are_rules() -> None:
    assert len(RULES) >= 24
    assert {path.stem for path in FOLDER.glob("[!_]*.py")} == set(RULES)


@pytest.mark.parametrize("stem", RULES)
def test_docstring_is_the_documentation(stem: str) -> None:
    doc = inspect.cleandoc(registry.load("rules", stem).__doc__ or "")
    defect, _, rest = doc.partition("\n\n")
    why, how, rest = rest.partition("\n\nHow to fix:\n")
    fix, origin, source = rest.partition("\n\nSource: ")
    assert re.fullmatch(r"[A-Z].*[^.]\.", defect), "the first line is one sentence"
    assert how
    assert origin
    assert len(why.split()) >= 15
    assert all(line.startswith(("- ", "  ")) for line in fix.splitlines()), "the cure is a list"
    assert len(fix.splitlines()) >= 2
    assert re.search(r"RFC \d+|^site: ", source), "an RFC, or the site's own demand"


@pytest.mark.parametrize("stem", RULES)
def test_severity(stem: str) -> None:
    assert isinstance(registry.load("rules", stem).SEVERITY, Severity)


def has_type(value: Any, annotation: Any) -> bool:
    """Whether a parameter has the type that it declares: a number, text, one of some words, or a tuple of these."""
    if get_origin(annotation) is tuple:
        of, _ = get_args(annotation)
        return type(value) is tuple and all(has_type(one, of) for one in value)
    if get_origin(annotation) is Literal:
        return value in get_args(annotation)
    return annotation in (bool, int, float, str) and type(value) is annotation


@pytest.mark.parametrize("stem", RULES)
def test_what_it_asks_depends_on_what_it_judges_by(stem: str) -> None:
    """`asks` takes what a policy may set of `judge`, with the same types and defaults."""
    module = registry.load("rules", stem)
    if not hasattr(module, "asks"):
        return
    judged, asked = inspect.signature(module.judge), inspect.signature(module.asks)
    tunable = {name: one for name, one in judged.parameters.items() if one.kind is one.KEYWORD_ONLY}
    assert dict(asked.parameters) == tunable
    assert asked.return_annotation is Asks
    assert module.asks() == module.asks(**{name: one.default for name, one in tunable.items()})
    assert Scope in [one.annotation for one in judged.parameters.values()], "or it cannot know what was not asked"


def test_some_rules_ask_for_less_than_everything() -> None:
    assert sum(hasattr(registry.load("rules", stem), "asks") for stem in RULES) >= 3


@pytest.mark.parametrize("stem", RULES)
def test_signature(stem: str) -> None:
    """Positional parameters by type; keyword-only ones with a type and a default of that type."""
    signature = inspect.signature(registry.load("rules", stem).judge)
    allowed = {Endpoint, Peers, Service, Scope, *observation_types().values()}
    needed = set()
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY:
            assert has_type(parameter.default, parameter.annotation), parameter
        else:
            assert parameter.kind is parameter.POSITIONAL_OR_KEYWORD
            assert parameter.default is parameter.empty
            choices = getattr(parameter.annotation, "__args__", (parameter.annotation,))
            assert set(choices) <= allowed | {NoneType}, parameter
            needed |= {choice for choice in choices if issubclass(choice, Observation)}
    assert needed, "a rule judges at least one observation"
    assert signature.return_annotation is Judgement


@pytest.mark.parametrize("stem", RULES)
def test_small(stem: str) -> None:
    assert len((FOLDER / f"{stem}.py").read_text("utf-8").splitlines()) <= 80


@pytest.mark.parametrize("stem", RULES)
def test_has_a_test_of_the_same_stem(stem: str) -> None:
    assert (HERE / f"test_{stem}.py").is_file()


@pytest.mark.parametrize("stem", RULES)
def test_site_policy_chooses_it_at_most_once(stem: str) -> None:
    chosen = [rule for rule in SITE.rules if rule.rule == registry.identifier(stem)]
    assert len(chosen) <= 1  # a rule may be for other policies alone
    assert all(rule.clause for rule in chosen)


def test_site_policy_names_only_rules_and_parameters_that_exist() -> None:
    for chosen in SITE.rules:
        stem = chosen.rule.replace("-", "_")
        assert stem in RULES
        parameters = inspect.signature(registry.load("rules", stem).judge).parameters
        for name, value in chosen.parameters.items():
            assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
            assert has_type(tuple(value) if isinstance(value, list) else value, parameters[name].annotation)
    assert SITE.id == "site"
    assert SITE.not_evaluated


@pytest.mark.parametrize("stem", RULES)
def test_rules_named_in_messages_exist(stem: str) -> None:
    """`judged by certificate-expired` has to lead somewhere."""
    text = (FOLDER / f"{stem}.py").read_text("utf-8")
    named = re.findall(r"(?:judged by|by) ((?:[a-z]+-)+[a-z]+(?: and (?:[a-z]+-)+[a-z]+)?)", text)
    for group in named:
        for rule in group.split(" and "):
            assert rule in registry.identifiers("rules"), rule


@pytest.mark.parametrize(
    ("stem", "given", "verdict"),
    [
        ("starttls_not_offered", (make.endpoint("imap://h.example.com:143"), make.service(), None), Verdict.UNKNOWN),
        ("starttls_not_offered", (make.endpoint(), make.service(), None), Verdict.NOT_APPLICABLE),
        ("credentials_before_tls", (make.endpoint("imap://h.example.com:143"), make.service(), None), Verdict.UNKNOWN),
        ("credentials_before_tls", (make.endpoint(), make.service(), None), Verdict.NOT_APPLICABLE),
        ("subject_not_as_declared", (make.service(subject="h.example.com"), None), Verdict.UNKNOWN),
        ("subject_not_as_declared", (make.service(), None), Verdict.NOT_APPLICABLE),
        ("issuer_not_as_declared", (make.service(issuer="CN=X"), None), Verdict.UNKNOWN),
        ("issuer_not_as_declared", (make.service(), None), Verdict.NOT_APPLICABLE),
        ("pin_not_matched", (make.service(pins=("sha256/x",)), None), Verdict.UNKNOWN),
        ("pin_not_matched", (make.service(), None), Verdict.NOT_APPLICABLE),
    ],
)
def test_what_does_not_apply_needs_no_facts_and_the_rest_is_unknown_without(
    stem: str, given: tuple[object, ...], verdict: Verdict
) -> None:
    assert registry.load("rules", stem).judge(*given).verdict is verdict
