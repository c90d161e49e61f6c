"""The walk from marked data to typed values, on types that the inventory does not use but rules may."""

from datetime import date
from enum import StrEnum
from typing import Any, Literal

import pytest
from msgspec import UNSET, Struct

from scanner.declared import Source
from scanner.yamlfile import Issues, parse
from scanner.yamlrecord import Walker, accepted


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Leaf(Struct, frozen=True):
    size: int
    source: Source | None = None
    sha256: str = ""


def walk(text: str, kind: Any) -> tuple[Any, list[str]]:
    issues = Issues()
    node = parse(f"key: {text}".encode(), "f.yaml", issues)
    assert isinstance(node, dict)
    return Walker(issues, {}).value(node["key"], kind, "key"), [issue.message for issue in issues]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("7", int, 7),
        ("7", float, 7.0),
        ("7.5", float, 7.5),
        ("true", bool, True),
        ("no", str, "no"),
        ("none", str, "none"),
        ("red", Colour, Colour.RED),
        ("'a'", Literal["a", "b"], "a"),
        ("2", Literal[1, 2], 2),
        ("2027-03-31", date, date(2027, 3, 31)),
        ("'2027-03-31'", date, date(2027, 3, 31)),
        ("2027-03-31", str, "2027-03-31"),
        ("[a, b]", tuple[str, ...], ("a", "b")),
        ("[]", tuple[str, ...], ()),
        ("{a: 1}", dict[str, int], {"a": 1}),
        ("{a: [1, x]}", dict[str, Any], {"a": [1, "x"]}),
        ("null", int | None, None),
        ("7", int | None, 7),
        ("x", int | str, "x"),
        ("{size: 1}", Leaf, Leaf(1, Source("f.yaml", 1))),
    ],
)
def test_a_value_of_the_annotated_type(text: str, kind: Any, value: object) -> None:
    found, messages = walk(text, kind)
    assert messages == []
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("'7'", int, "'key' must be a whole number, not '7'"),
        ("7.5", int, "'key' must be a whole number, not the number 7.5"),
        ("true", int, "'key' must be a whole number, not true"),
        ("x", float, "'key' must be a number, not 'x'"),
        ("yes", bool, "'key' must be true or false, not 'yes'"),
        ("0", bool, "'key' must be true or false, not the number 0"),
        ("7", str, "'key' must be text, not the number 7: put it in quotes, '7'"),
        ("1.10", str, "'key' must be text, not the number 1.10: put it in quotes, '1.10'"),
        ("gren", Colour, "'key' must be one of red, green, not 'gren' (did you mean 'green'?)"),
        ("[red]", Colour, "'key' must be one of red, green, not a list"),
        ("x", tuple[str, ...], "'key' must be a list, not 'x': write key: [x]"),
        ("[a, 1]", tuple[str, ...], "'key' must be text, not the number 1: put it in quotes, '1'"),
        ("x", dict[str, int], "'key' must be a mapping (key: value), not 'x'"),
        ("{a: x}", dict[str, int], "'a' must be a whole number, not 'x'"),
        ("", int | None, "'key' has no value: give one, or leave the key out"),
        ("null", int, "'key' has no value: give one, or leave the key out"),
        ("x", int | None, "'key' must be a whole number, not 'x'"),
        ("{}", Leaf, "missing key 'size'"),
        ("{size: 1, sha256: x}", Leaf, "unknown key 'sha256'"),
        ("x" * 200, int, f"'key' must be a whole number, not '{'x' * 79}…'"),
    ],
)
def test_what_does_not_fit_is_an_issue(text: str, kind: Any, message: str) -> None:
    found, messages = walk(text, kind)
    assert messages == [message]
    assert found is UNSET or found is not None


def test_what_the_loader_fills_in_is_no_key() -> None:
    assert list(accepted(Leaf)) == ["size"]


def test_a_type_without_a_rule_is_a_bug_and_says_so() -> None:
    with pytest.raises(TypeError, match="no rule for loading"):
        walk("x", complex)
