"""Marked YAML: what it says, where it says it, and that no file can make it run away."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.declared import Source
from scanner.yamlfile import (
    MAX_ALIASED,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_ISSUES,
    Dictionary,
    InputError,
    Issue,
    Issues,
    Scalar,
    Sequence,
    parse,
    read_bytes,
)
from scanner.yamlrecord import plain

NEEDS_QUOTES = " (a value that holds { } [ ] , # @ or ': ' needs quotes)"


def read(text: str | bytes) -> tuple[object, list[tuple[int, str]]]:
    """The plain data, and the issues as (line, message)."""
    issues = Issues()
    node = parse(text.encode() if isinstance(text, str) else text, "f.yaml", issues)
    return None if node is None else plain(node), [(issue.line, issue.message) for issue in issues]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("none", "none"),
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("22:22", "22:22"),
        ("2027-03-31", "2027-03-31"),
        ("10.0.0.5:3307", "10.0.0.5:3307"),
        ("2001:db8::1", "2001:db8::1"),
        ("'123'", "123"),
        ("! 123", "123"),
        ("!!str 123", "123"),
        ("123", 123),
        ("-7", -7),
        ("!!int 7", 7),
        ("0123", 123),
        ("0o17", 15),
        ("0xff", 255),
        ("1.5", 1.5),
        ("!!float 1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-.inf", float("-inf")),
        ("1_000", "1_000"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    data, issues = read(f"key: {text}\n")
    assert issues == []
    assert isinstance(data, dict)
    assert data["key"] == value
    assert type(data["key"]) is type(value)


def test_a_number_beyond_all_bounds_is_no_traceback() -> None:
    data, issues = read("key: " + "9" * 5000)
    assert issues == []
    assert data == {"key": float("inf")}


def test_every_node_and_key_keeps_its_place() -> None:
    node = parse(b"\xef\xbb\xbf# comment\na: 1\nb:\n  - x\n  - {c: y}\nd:\n  z\n", "f.yaml", Issues())
    assert isinstance(node, Dictionary)
    assert node.source == Source("f.yaml", 2)
    assert [at.line for at in node.keys_at.values()] == [2, 3, 6]
    listed = node["b"]
    assert isinstance(listed, Sequence)
    assert [item.source.line for item in listed] == [4, 5]
    assert node["d"] == Scalar("z", "z", Source("f.yaml", 7))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "duplicate key 'a', first given on line 1"),
        ("a: {b: 1, b: 2}\n", 1, "duplicate key 'b', first given on line 1"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", 3, "merge keys (<<) are not supported: write the keys out, or use 'extends'"),
        ("a: 1\n123: x\n", 2, "a key must be text: put '123' in quotes"),
        ("true: x\n", 1, "a key must be text: put 'true' in quotes"),
        ("? [a]\n: x\n", 1, "a key must be text: put what holds { } or [ ] in quotes"),
        ("url: {imap}://x", 1, "not valid YAML: "),
        ("{{imap}: 1}", 1, "a key must be text: put what holds { } or [ ] in quotes"),
        ("a: !!python/object:os.system x\n", 1, "tag '!!python/object:os.system' is not supported here: leave it out"),
        ("a:\n  !vault\n  x: y\n", 2, "tag '!vault' is not supported here: leave it out"),
        ("a: !!set [x]\n", 1, "tag '!!set' is not supported here: leave it out"),
        ("a: !!int x\n", 1, "tag '!!int' is not supported here: leave it out"),
        ("a: !!timestamp 2027-03-31\n", 1, "tag '!!timestamp' is not supported here: leave it out"),
        ("a: 1\n---\nb: 2\n", 2, "a second document starts here: a file holds one"),
        ("", 1, "the file is empty"),
        ("# nothing\n\n", 3, "the file is empty"),
        ("a: *x\n", 1, "alias *x has no anchor before it"),
        ("a: &x\n  b: *x\n", 2, "alias *x contains itself"),
        ("a: 1\nb: c: d\n", 2, f"not valid YAML: mapping values are not allowed in this context{NEEDS_QUOTES}"),
        ("a: @x\n", 1, f"not valid YAML: found character that cannot start any token{NEEDS_QUOTES}"),
        ("a: 1\n\tb: 2\n", 2, "not valid YAML: found "),
        ("a: 'x\n", 2, "not valid YAML: found unexpected end of stream"),
        ("a: 1\nb: \x07\n", 2, "not valid YAML: control characters are not allowed"),
        (b"a: 1\nb: \xe4\n", 2, "not UTF-8: byte 0xe4"),
        ("a: 1".encode("utf-16"), 1, "not UTF-8: byte 0xff"),
        (b" " * (MAX_BYTES + 1), 1, "the file is larger than 4 MiB"),
    ],
)
def test_a_mistake_is_reported_where_it_is(text: str | bytes, line: int, message: str) -> None:
    _, issues = read(text)
    assert [(at, said[: len(message)]) for at, said in issues] == [(line, message)]


def test_all_mistakes_are_reported_at_once_and_in_line_order() -> None:
    data, issues = read("a: 1\na: 2\n3: 4\nb: !x 5\n")
    assert [line for line, _ in issues] == [2, 3, 4]
    assert data == {"a": 1, "b": "5"}
    error = InputError([Issue("f.yaml", 9, "late"), Issue("f.yaml", 2, "early"), Issue("f.yaml", 9, "late")])
    assert str(error) == "f.yaml:2: early\nf.yaml:9: late"


def test_a_hopeless_file_stops_being_reported() -> None:
    with pytest.raises(InputError) as caught:
        read("a: 1\n" * 5000)
    assert len(caught.value.issues) == MAX_ISSUES


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}"), ("- ", "")])
def test_depth_is_bounded(opening: str, closing: str) -> None:
    allowed = MAX_DEPTH - 1
    assert read(opening * allowed + "x" + closing * allowed)[1] == []
    _, issues = read(opening * 100_000)
    assert issues == [(1, f"nested deeper than {MAX_DEPTH} levels")]


def test_aliases_do_not_hide_depth() -> None:
    half = "[" * 30 + "x" + "]" * 30
    assert read(f"a: &a {half}\nb: *a\n")[1] == []
    _, issues = read(f"a: &a {half}\nb: {'[' * 30}*a{']' * 30}\n")
    assert issues == [(2, f"nested deeper than {MAX_DEPTH} levels")]


def test_aliases_may_not_explode() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for n in range(1, 40):
        bomb += f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n"
    started = time.monotonic()
    _, issues = read(bomb)
    assert time.monotonic() - started < 5
    assert [message for _, message in issues] == [f"aliases expand to more than {MAX_ALIASED} values"]


def test_a_large_honest_file_is_read() -> None:
    """Limits are for bombs: what is written out is bounded by the file's size alone."""
    data, issues = read("".join(f"- {{a: {n}, b: [x, y]}}\n" for n in range(30_000)))
    assert issues == []
    assert isinstance(data, list)
    assert len(data) == 30_000


def test_an_unreadable_file_is_an_issue_where_it_is_named(tmp_path: Path) -> None:
    issues = Issues()
    assert read_bytes(tmp_path / "none.yaml", issues) is None
    assert read_bytes(tmp_path, issues, Source("site.yaml", 7)) is None
    assert read_bytes(Path("/dev/zero"), issues) is None
    assert read_bytes(Path("a\0b"), issues) is None
    assert [str(issue) for issue in issues] == [
        f"{tmp_path}/none.yaml:1: '{tmp_path}/none.yaml' cannot be read: No such file or directory",
        f"site.yaml:7: '{tmp_path}' cannot be read: not a file",
        "/dev/zero:1: '/dev/zero' cannot be read: not a file",
        "a\0b:1: 'a\\x00b' cannot be read: embedded null byte",
    ]


YAMLISH = st.text(st.sampled_from("ab01 \n\t:-?,[]{}&*!|>'\"%@`#~<.é\x07\x85"), max_size=300)


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode), YAMLISH.map(str.encode)))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    issues = Issues()
    node = parse(data, "f.yaml", issues)
    assert node is not None or issues
    assert all(1 <= issue.line <= data.count(b"\n") + data.count(b"\r") + 350 for issue in issues)
