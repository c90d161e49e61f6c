"""YAML files as data that remembers its file and lines: strict, bounded, every mistake reported with its place.

`parse` composes libyaml's events into nodes. Scalars follow the YAML 1.2 core schema (yaml.org/spec/1.2.2 §10.3), so
`no`, `on` and `22:22` are text, and a date is text until a record asks for one. Mistakes are noted as `Issue`s and
reading goes on, so that all of a file's mistakes are reported together in one `InputError`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from msgspec import Struct

from scanner.declared import Source

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 50
MAX_ALIASED = 100_000
"""Nodes that aliases may add; what is written out is bounded by the file's size."""

MAX_ISSUES = 1000

_NEEDS_QUOTES = " (a value that holds { } [ ] , # @ or ': ' needs quotes)"


class Issue(NamedTuple):
    """One mistake in a file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class InputError(Exception):
    """Everything that is wrong with the files that were read, in line order."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(sorted(set(issues)))
        super().__init__("\n".join(map(str, self.issues)))


class Issues(list[Issue]):
    """The mistakes found so far."""

    def add(self, file: str, line: int, message: str) -> None:
        """Note a mistake. Raises InputError when there are so many that reading on helps nobody."""
        self.append(Issue(file, line, message))
        if len(self) >= MAX_ISSUES:
            raise InputError(self)

    def at(self, place: Source, message: str) -> None:
        """Note a mistake at a place."""
        self.add(place.file, place.line, message)


class Scalar(Struct, frozen=True):
    """A single value; `text` is how it was written."""

    value: str | int | float | bool | None
    text: str
    source: Source


class Sequence(list["Node"]):
    """A list that knows where it stands."""

    def __init__(self, source: Source, items: Iterable["Node"] = ()) -> None:
        super().__init__(items)
        self.source = source


class Dictionary(dict[str, "Node"]):
    """A mapping that knows where it and each of its keys stand."""

    def __init__(self, source: Source, items: Iterable[tuple[Source, str, "Node"]] = ()) -> None:
        self.keys_at: dict[str, Source] = {}
        for at, key, value in items:
            self[key] = value
            self.keys_at[key] = at
        self.source = source

    def entries(self) -> Iterator[tuple[Source, str, "Node"]]:
        """(where the key stands, key, value)."""
        return ((self.keys_at[key], key, value) for key, value in self.items())


Node = Scalar | Sequence | Dictionary


def read_bytes(path: Path, issues: Issues, named_at: Source | None = None) -> bytes | None:
    """A file, or enough of it for `parse`; None with an issue (where it is named, else on line 1) when that fails."""
    try:
        if not path.exists() or path.is_file():  # reading a device or a pipe might never end
            with path.open("rb") as stream:
                return stream.read(MAX_BYTES + 1)
        reason = "not a file"
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    issues.at(named_at or Source(str(path), 1), f"{str(path)!r} cannot be read: {reason}")
    return None


def parse(data: bytes, file: str, issues: Issues) -> Node | None:
    """Compose one YAML document; None when it cannot be read at all. What is wrong is appended to `issues`."""
    if len(data) > MAX_BYTES:
        issues.add(file, 1, f"the file is larger than {MAX_BYTES // 1024**2} MiB")
        return None
    try:
        text = data.decode("utf-8-sig")
        return _Composer(text, file, issues).document()
    except UnicodeDecodeError as error:
        line, message = data.count(b"\n", 0, error.start) + 1, f"not UTF-8: byte 0x{data[error.start]:02x}"
    except yaml.reader.ReaderError as error:
        line, message = text.count("\n", 0, error.position) + 1, f"not valid YAML: {error.reason}"
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        unquoted = any(sign in str(error.problem) for sign in ("did not find expected", "cannot start", "not allowed"))
        message = f"not valid YAML: {error.problem}{_NEEDS_QUOTES if unquoted else ''}"
    except _UnreadableError as error:
        line, message = error.line, str(error)
    issues.add(file, line, message)
    return None


class _UnreadableError(Exception):
    def __init__(self, event: Any, message: str) -> None:
        self.line: int = event.start_mark.line + 1
        super().__init__(message)


_CORE: tuple[tuple[str, re.Pattern[str], Callable[[str], int | float | bool | None]], ...] = (
    ("null", re.compile(r"~|null|Null|NULL|"), lambda _: None),
    ("bool", re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.lower() == "true"),
    ("int", re.compile(r"[-+]?[0-9]{1,40}"), int),
    ("int", re.compile(r"0o[0-7]{1,40}|0x[0-9a-fA-F]{1,40}"), lambda text: int(text, 0)),
    ("float", re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"), float),
    ("float", re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"), lambda text: float(text.replace(".", ""))),
)
_NOT_TEXT = frozenset(["", *"~nNtTfF-+.0123456789"])
"""First characters of all that the core schema knows besides text."""

_TAG = "tag:yaml.org,2002:"


def _measure(node: Node) -> tuple[int, int]:
    """How many nodes there are, aliases expanded, and how many levels."""
    if isinstance(node, Scalar):
        return 1, 1
    parts = [_measure(part) for part in (node if isinstance(node, Sequence) else node.values())]
    return 1 + sum(size for size, _ in parts), 1 + max((height for _, height in parts), default=0)


class _Composer:
    """One pass over libyaml's events, so that depth and aliases are checked before anything is built."""

    def __init__(self, text: str, file: str, issues: Issues) -> None:
        self.events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self.file = file
        self.issues = issues
        self.anchors: dict[str, tuple[Node, int, int] | None] = {}
        self.aliased = 0

    def document(self) -> Node:
        next(self.events)
        if not isinstance(event := next(self.events), yaml.DocumentStartEvent):
            raise _UnreadableError(event, "the file is empty")
        node = self.node(next(self.events), 1)
        next(self.events)
        if isinstance(event := next(self.events), yaml.DocumentStartEvent):
            raise _UnreadableError(event, "a second document starts here: a file holds one")
        return node

    def node(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, depth)
        if depth > MAX_DEPTH:
            raise _UnreadableError(event, f"nested deeper than {MAX_DEPTH} levels")
        at = Source(self.file, event.start_mark.line + 1)
        if event.anchor:
            self.anchors[event.anchor] = None  # an alias to it is now a cycle
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = self.scalar(event, at)
        elif isinstance(event, yaml.SequenceStartEvent):
            self.check_tag(event.tag, "seq", at)
            node = Sequence(at, self.items(yaml.SequenceEndEvent, depth))
        else:
            self.check_tag(event.tag, "map", at)
            node = self.mapping(at, depth)
        if event.anchor:
            self.anchors[event.anchor] = (node, *_measure(node))
        return node

    def alias(self, event: Any, depth: int) -> Node:
        if event.anchor not in self.anchors:
            raise _UnreadableError(event, f"alias *{event.anchor} has no anchor before it")
        target = self.anchors[event.anchor]
        if target is None:
            raise _UnreadableError(event, f"alias *{event.anchor} contains itself")
        node, size, height = target
        self.aliased += size
        if self.aliased > MAX_ALIASED:
            raise _UnreadableError(event, f"aliases expand to more than {MAX_ALIASED} values")
        if depth + height - 1 > MAX_DEPTH:
            raise _UnreadableError(event, f"nested deeper than {MAX_DEPTH} levels")
        return node

    def items(self, end: type[yaml.Event], depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self.events), end):
            yield self.node(event, depth + 1)

    def mapping(self, at: Source, depth: int) -> Dictionary:
        found: dict[str, tuple[Source, str, Node]] = {}
        for key in (items := self.items(yaml.MappingEndEvent, depth)):
            value = next(items)
            if not isinstance(key, Scalar) or not isinstance(key.value, str):
                cure = (
                    f"put {key.text!r} in quotes" if isinstance(key, Scalar) else "put what holds { } or [ ] in quotes"
                )
                self.issues.at(key.source, f"a key must be text: {cure}")
            elif key.value == "<<":
                self.issues.at(key.source, "merge keys (<<) are not supported: write the keys out, or use 'extends'")
            elif key.value in found:
                first = found[key.value][0].line
                self.issues.at(key.source, f"duplicate key {key.value!r}, first given on line {first}")
            else:
                found[key.value] = (key.source, key.value, value)
        return Dictionary(at, found.values())

    def scalar(self, event: Any, at: Source) -> Scalar:
        text: str = event.value
        if event.tag == "!" or (event.tag is None and not (event.implicit[0] and text[:1] in _NOT_TEXT)):
            return Scalar(text, text, at)
        for tag, pattern, construct in _CORE:
            if event.tag in (None, _TAG + tag) and pattern.fullmatch(text):
                return Scalar(construct(text), text, at)
        self.check_tag(event.tag, "str", at)
        return Scalar(text, text, at)

    def check_tag(self, tag: str | None, expected: str, at: Source) -> None:
        if tag not in (None, "!", _TAG + expected):
            self.issues.at(at, f"tag {tag.replace(_TAG, '!!')!r} is not supported here: leave it out")
