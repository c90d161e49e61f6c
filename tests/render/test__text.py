"""How strings are made fit for people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.render._text import count, cut, label, moment, prose, visible


@given(st.text())
def test_visible_text_is_printable_and_printable_text_is_left_alone(text: str) -> None:
    assert visible(text).isprintable()
    if text.isprintable():
        assert visible(text) == text


def test_visible_spells_out_what_would_act() -> None:
    assert visible("a\x1b[2J\u202eb\u200b\n") == "a\\x1b[2J\\u202eb\\u200b\\n"
    assert visible(3) == 3
    assert visible(None) is None


def test_prose_tells_paragraphs_items_and_code_apart() -> None:
    text = "Do this\nand that with `x`.\n\n- one\n  goes on\n- two\n\n    ssl on;\n      deep"
    assert list(prose(text)) == [
        ("p", ["Do this and that with ", "x", "."]),
        ("li", ["one goes on"]),
        ("li", ["two"]),
        ("pre", ["ssl on;\n  deep"]),
    ]


@given(st.text())
def test_prose_loses_no_word(text: str) -> None:
    shown = "".join(piece for _, pieces in prose(text) for piece in pieces)
    kept = [c for c in shown if c.isalnum()]
    assert kept == [c for c in text if c.isalnum()]


@pytest.mark.parametrize(
    ("given_", "wanted"), [("tls_versions", "TLS versions"), ("starttls-not-offered", "STARTTLS not offered")]
)
def test_labels(given_: str, wanted: str) -> None:
    assert label(given_) == wanted


def test_moments_and_counts() -> None:
    assert moment("2026-03-14T02:10:07Z") == "2026-03-14 02:10:07 UTC"
    assert moment("yesterday") == "yesterday"
    assert (count(1, "check"), count(1204, "check"), count(2, "entry", "entries")) == (
        "1 check",
        "1,204 checks",
        "2 entries",
    )


def test_long_text_is_cut_and_says_where_the_rest_is() -> None:
    assert cut("x" * 600) == "x" * 600
    assert cut("x" * 1601, 3) == "xxx… (1,601 characters, all of them in report.json)"
