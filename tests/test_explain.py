"""A rule's docstring, read once for explain, docs and remediation."""

from types import ModuleType
from typing import Any, Literal

import pytest

from scanner import registry
from scanner.explain import Parameter, rule_text, text_of
from scanner.model import Endpoint, Judgement, Severity
from scanner.observations.tls_versions import TlsVersions

DOC = """A defect.

Why it matters.

A second paragraph.

How to fix:
- one
- two

Source: RFC 9325 §3
"""


def judge(
    endpoint: Endpoint,
    seen: TlsVersions,
    *,
    minimum: str = "TLSv1.2",
    days: float = 3,
    level: Literal["low", "high"] = "low",
    names: tuple[str, ...] = (),
    kinds: tuple[Literal["a", "b"], ...] = ("a",),
) -> Judgement:
    """Never called."""
    raise NotImplementedError


def rule(doc: str) -> Any:
    """A rule module made on the spot."""
    module: Any = ModuleType("scanner.rules.some_defect", doc)
    module.SEVERITY, module.judge = Severity.LOW, judge
    return module


def test_every_part_is_read() -> None:
    text = text_of(rule(DOC))
    assert (text.id, text.title, text.severity) == ("some-defect", "A defect.", Severity.LOW)
    assert text.why == "Why it matters.\n\nA second paragraph."
    assert text.fix == "- one\n- two"
    assert text.source == "RFC 9325 §3"
    assert text.parameters == (
        Parameter("minimum", "str", "TLSv1.2"),
        Parameter("days", "float", 3),
        Parameter("level", "one of low, high", "low"),
        Parameter("names", "list of str", ()),
        Parameter("kinds", "list of a, b", ("a",)),
    )
    assert text.needs == ("tls_versions",)


@pytest.mark.parametrize("missing", ["Why it matters.\n\nA second paragraph.\n", "How to fix:", "Source:", DOC])
def test_a_docstring_that_lacks_a_section_is_an_error(missing: str) -> None:
    with pytest.raises(ValueError, match="docstring of rule some_defect"):
        text_of(rule(DOC.replace(missing, "")))


def test_an_unknown_rule_is_an_error() -> None:
    with pytest.raises(KeyError):
        rule_text("no-such-rule")


def test_every_rule_explains_itself() -> None:
    stems = registry.stems("rules")
    assert stems
    for stem in stems:
        text = rule_text(stem)
        assert text.title.endswith("."), stem
        assert text.why, stem
        assert text.fix, stem
        assert text.source, stem
        assert rule_text(text.id) == text
