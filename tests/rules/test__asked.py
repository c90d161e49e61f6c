from typing import Any

import pytest

from scanner.rules._asked import many, told, was_asked


@pytest.mark.parametrize(
    ("asked", "planned", "answer"),
    [
        ({"TLSv1.2": "all"}, (), True),
        ({"TLSv1.2": "all", "TLSv1.3": "planned"}, (), False),
        ({"TLSv1.2": "all", "TLSv1.3": "planned"}, ("a", "b", "c"), True),
        ({"TLSv1.2": "planned"}, ("a",), False),
        ({}, ("a", "b"), False),
    ],
)
def test_was_asked(asked: Any, planned: tuple[str, ...], answer: bool) -> None:
    assert was_asked(asked, planned, {"a", "b"}) is answer


def test_many_shows_four() -> None:
    assert many(["a", "b", "c", "d"]) == "a, b, c, d"
    assert many(["a", "b", "c", "d", "e"]) == "a, b, c, d and 1 more"


def test_reasons_are_told_by_version() -> None:
    assert told({"TLSv1.0": "reset", "TLSv1.1": "timed out"}) == "TLSv1.0: reset; TLSv1.1: timed out"
