"""Marked YAML data as records: a walk along the type annotations of msgspec Structs, every mistake with its line.

What a file may say is read from the records themselves, so a new field of `scanner.model` is a new key.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from enum import EnumType
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from msgspec import UNSET, Struct
from msgspec.structs import FieldInfo, fields

from scanner.declared import Source
from scanner.registry import nearest
from scanner.yamlfile import Dictionary, Issues, Node, Scalar, Sequence

T = TypeVar("T", bound=Struct)
Check = Callable[[str, Source], str]
"""Judges one text and returns what to store instead; raises ValueError with a message for people."""


def describe(node: Node) -> str:
    """What a node is, for messages."""
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node, Dictionary):
        return "a mapping"
    if node.value is None:
        return "an empty value"
    shown = repr(node.text if len(node.text) <= 80 else node.text[:79] + "…")
    if isinstance(node.value, str):
        return shown
    return node.text if isinstance(node.value, bool) else f"the number {node.text}"


def quoting(node: Node) -> str:
    """The cure for text that YAML reads as something else."""
    if isinstance(node, Scalar) and node.value is not None and len(node.text) <= 80:
        return f": put it in quotes, '{node.text}'"
    return ": put values with { } in quotes" if isinstance(node, Dictionary) else ""


def plain(node: Node) -> Any:
    """The node as dict, list and scalars, without its marks."""
    if isinstance(node, Sequence):
        return [plain(item) for item in node]
    if isinstance(node, Dictionary):
        return {key: plain(item) for key, item in node.items()}
    return node.value


@cache
def accepted(kind: type[Struct]) -> dict[str, FieldInfo]:
    """Fields of a record that a file may give, by key: all but those the loader fills in."""
    filled = {"sha256"} | {field.name for field in fields(kind) if field.type == Source | None}
    return {field.name: field for field in fields(kind) if field.name not in filled}


class Walker:
    """Turns nodes into typed values; what does not fit becomes an issue and `UNSET`."""

    def __init__(self, issues: Issues, checks: Mapping[tuple[type[Struct], str], Check]) -> None:
        self.issues = issues
        self.checks = checks

    def issue(self, at: Source, message: str) -> Any:
        """Note a mistake and return UNSET."""
        self.issues.add(at.file, at.line, message)
        return UNSET

    def unknown_keys(self, node: Dictionary, known: Collection[str]) -> None:
        """An issue for each key that is not known, naming the nearest one."""
        for at, key, _ in node.entries():
            if key not in known:
                self.issue(at, f"unknown key {key!r}{nearest(key, list(known))}")

    def record(self, node: Node, kind: type[T], label: str) -> T | None:
        """A Struct of this kind, or None when something is wrong with it."""
        if not isinstance(node, Dictionary):
            self.issue(node.source, f"{label!r} must be a mapping (key: value), not {describe(node)}")
            return None
        known = accepted(kind)
        self.unknown_keys(node, known)
        missing = [key for key, field in known.items() if field.required and key not in node]
        for key in missing:
            self.issue(node.source, f"missing key {key!r}")
        values = {
            key: self.value(item, known[key].type, key, self.checks.get((kind, key)))
            for key, item in node.items()
            if key in known
        }
        if missing or any(value is UNSET for value in values.values()):
            return None
        if "source" not in known and "source" in kind.__struct_fields__:
            values["source"] = node.source
        return kind(**values)

    def value(self, node: Node, kind: Any, label: str, check: Check | None = None) -> Any:
        """A value of the annotated type; UNSET when it is wrong. `label` is the key for messages."""
        origin = get_origin(kind)
        if kind is Any:
            return plain(node)
        if origin in (Union, UnionType):
            return self.union(node, get_args(kind), label, check)
        if isinstance(node, Scalar) and node.value is None:
            return self.issue(node.source, f"{label!r} has no value: give one, or leave the key out")
        if origin is tuple:
            return self.items(node, get_args(kind)[0], label, check)
        if origin is dict or kind is dict:
            return self.dictionary(node, (get_args(kind) or (str, Any))[1], label, check)
        if isinstance(kind, type) and issubclass(kind, Struct):
            record = self.record(node, kind, label)
            return UNSET if record is None else record
        return self.scalar(node, kind, label, check)

    def union(self, node: Node, options: tuple[Any, ...], label: str, check: Check | None) -> Any:
        if NoneType in options and isinstance(node, Scalar) and node.value is None and node.text:
            return None
        for option in options:
            if option is not NoneType:
                trial = Walker(Issues(), self.checks)
                value = trial.value(node, option, label, check)
                if not trial.issues:
                    return value
        for issue in trial.issues:
            self.issues.add(*issue)
        return UNSET

    def items(self, node: Node, kind: Any, label: str, check: Check | None) -> Any:
        if not isinstance(node, Sequence):
            cure = f": write {label}: [{node.text}]" if isinstance(node, Scalar) and len(node.text) <= 80 else ""
            return self.issue(node.source, f"{label!r} must be a list, not {describe(node)}{cure}")
        values = []
        seen: set[str] = set()
        for item in node:
            values.append(value := self.value(item, kind, label, check))
            if isinstance(value, str):
                if value in seen:
                    self.issue(item.source, f"{label!r} lists {value!r} twice")
                seen.add(value)
        return UNSET if any(value is UNSET for value in values) else tuple(values)

    def dictionary(self, node: Node, kind: Any, label: str, check: Check | None) -> Any:
        if not isinstance(node, Dictionary):
            return self.issue(node.source, f"{label!r} must be a mapping (key: value), not {describe(node)}")
        values = {key: self.value(item, kind, key, check) for key, item in node.items()}
        return UNSET if any(value is UNSET for value in values.values()) else values

    def scalar(self, node: Node, kind: Any, label: str, check: Check | None) -> Any:
        value = node.value if isinstance(node, Scalar) else UNSET
        expected = ""
        if kind is date:
            expected = "a date as YYYY-MM-DD"
            value = _date(node.text) if isinstance(node, Scalar) else UNSET
        elif isinstance(kind, EnumType) or get_origin(kind) is Literal:
            return self.choice(node, kind, label)
        elif kind is str:
            if not isinstance(value, str):
                return self.issue(node.source, f"{label!r} must be text, not {describe(node)}{quoting(node)}")
            return self.text(value, node.source, label, check)
        elif kind is bool:
            expected = "true or false"
            value = value if isinstance(value, bool) else UNSET
        elif kind in (int, float):
            expected = "a whole number" if kind is int else "a number"
            fits = isinstance(value, int if kind is int else (int, float)) and not isinstance(value, bool)
            value = kind(value) if fits else UNSET
        else:
            raise TypeError(f"{label}: no rule for loading {kind}")
        return (
            self.issue(node.source, f"{label!r} must be {expected}, not {describe(node)}") if value is UNSET else value
        )

    def text(self, value: str, at: Source, label: str, check: Check | None) -> Any:
        if not value.strip():
            return self.issue(at, f"{label!r} has no value: give one, or leave the key out")
        try:
            return check(value, at) if check else value
        except ValueError as error:
            return self.issue(at, f"{label}: {error}")

    def choice(self, node: Node, kind: Any, label: str) -> Any:
        options = {str(one): one for one in (kind if isinstance(kind, EnumType) else get_args(kind))}
        text = node.text if isinstance(node, Scalar) else None
        if text in options:
            return options[text]
        near = nearest(text, list(options)) if text else ""
        return self.issue(node.source, f"{label!r} must be one of {', '.join(options)}, not {describe(node)}{near}")


def _date(text: str) -> Any:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else UNSET
    except ValueError:
        return UNSET
