"""Whatever a server says, what is shown is printable and bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.text import printable


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (b"220 mail.example ESMTP", "220 mail.example ESMTP"),
        ("Grüße".encode(), "Grüße"),
        (b"\xff\xfe", r"\xff\xfe"),
        (b"\x1b[2J\x07", r"\x1b[2J\x07"),
        (b"a\r\nb\tc\x00", r"a\r\nb\tc\x00"),
        ("user\u202egpj.exe", r"user\u202egpj.exe"),
        ("\u2028\u00a0\U000e0041", r"\u2028\xa0\U000e0041"),
        ("\ud800", r"\ud800"),
        ("DOMAIN\\user <b>", "DOMAIN\\user <b>"),
        ("", ""),
    ],
)
def test_what_is_shown(said: bytes | str, shown: str) -> None:
    assert printable(said) == shown


@given(st.one_of(st.binary(), st.text()), st.integers(1, 40))
def test_printable_and_bounded(said: bytes | str, limit: int) -> None:
    shown = printable(said, limit)
    assert shown.isprintable()
    assert len(shown) <= limit
    assert printable(shown, limit) == shown


@given(st.binary(min_size=1, max_size=60), st.integers(1, 40))
def test_a_cut_never_hides_that_there_was_more(said: bytes, limit: int) -> None:
    whole, shown = printable(said), printable(said, limit)
    if len(whole) <= limit:
        assert shown == whole
    else:
        assert shown.endswith("…")
        assert whole.startswith(shown[:-1])


@given(st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"]), min_size=1, max_size=8))
def test_every_control_is_escaped(said: str) -> None:
    assert printable(said).isascii()


def test_an_escape_is_not_cut_in_half() -> None:
    assert printable("ab\x1b", 5) == "ab…"
    assert printable("ab\x1b", 6) == r"ab\x1b"


def test_a_flood_costs_only_its_first_characters() -> None:
    assert printable(b"\xf0\x9f\x98\x80" * 10_000_000, 3) == "😀😀…"


def test_a_limit_has_to_leave_room() -> None:
    with pytest.raises(ValueError, match="less than one"):
        printable("x", 0)
