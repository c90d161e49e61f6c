"""What a rule says about itself: its module docstring, severity and parameters. Explain, docs and fixes read this."""

import inspect
import re
from types import ModuleType
from typing import Any, Literal, get_args, get_origin

from msgspec import Struct

from scanner import registry
from scanner.model import Observation, Severity, snake_case

_SECTIONS = re.compile(
    r"\A(?P<title>[^\n]+)\n\s*\n(?P<why>.+?)\n\s*How to fix:(?P<fix>.+?)\n\s*Source:(?P<source>.+)\Z", re.DOTALL
)


class Parameter(Struct, frozen=True):
    """One thing a policy may tune: its name, its type as people say it, and its default."""

    name: str
    type: str
    default: Any


class RuleText(Struct, frozen=True, kw_only=True):
    """The documentation of one rule. `why`, `fix` and `source` may hold several paragraphs."""

    id: str
    title: str
    """The defect, in one line."""
    why: str
    fix: str
    source: str
    severity: Severity
    parameters: tuple[Parameter, ...]
    needs: tuple[str, ...]
    """Probes whose observations the rule judges."""


def rule_text(stem: str) -> RuleText:
    """Read the text of `scanner/rules/<stem>.py`; an ID with hyphens will do as well.

    Raises KeyError for an unknown rule, ValueError for a docstring that lacks a section.
    """
    stem = stem.replace("-", "_")
    if stem not in registry.stems("rules"):
        raise KeyError(stem)
    return text_of(registry.load("rules", stem))


def text_of(module: ModuleType) -> RuleText:
    """Read a rule's text from its module. Raises ValueError for a docstring that lacks a section."""
    stem = module.__name__.rpartition(".")[2]
    parts = _SECTIONS.match(inspect.cleandoc(module.__doc__ or ""))
    if parts is None:
        raise ValueError(f"docstring of rule {stem} is not: defect, why, 'How to fix:' and 'Source:'")
    signature = inspect.signature(module.judge, eval_str=True)
    tuned = [p for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY]
    given = [p.annotation for p in signature.parameters.values() if p.kind is not p.KEYWORD_ONLY]
    return RuleText(
        id=registry.identifier(stem),
        **{name: inspect.cleandoc(text).strip() for name, text in parts.groupdict().items()},
        severity=module.SEVERITY,
        parameters=tuple(Parameter(p.name, _spoken(p.annotation), p.default) for p in tuned),
        needs=tuple(snake_case(t.__name__) for t in given if isinstance(t, type) and issubclass(t, Observation)),
    )


def _spoken(annotation: Any) -> str:
    """A parameter's type for people: `int`, `one of low, high`, `list of str`."""
    if get_origin(annotation) is Literal:
        return f"one of {', '.join(map(str, get_args(annotation)))}"
    if get_origin(annotation) is tuple:
        return f"list of {_spoken(get_args(annotation)[0]).removeprefix('one of ')}"
    return inspect.formatannotation(annotation)
