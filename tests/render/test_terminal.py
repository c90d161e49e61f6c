"""The summary on a terminal: verdict first, plain words, and no escape sequence that is not ours."""

import io
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from scanner.render import terminal
from scanner.report import Report
from tests.render.example import report
from tests.render.observed import lying, one_endpoint, sound


def rendered(one: Report[Any], *, color: bool = False, width: int = 100, encoding: str = "utf-8") -> str:
    """What the renderer writes."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding, newline="")
    terminal.render(one, out, color=color, width=width)
    out.flush()
    return raw.getvalue().decode(encoding)


def test_verdict_is_the_first_line() -> None:
    assert rendered(report()).splitlines()[0] == "✗ 6 violations in 3 of 7 services"


def test_is_readable_without_colour_and_holds_no_escape() -> None:
    text = rendered(report())
    assert "violation, critical: credentials accepted before TLS: AUTH=PLAIN" in text
    assert all(c.isprintable() or c == "\n" for c in text)
    assert "\\x1b[2J" in text
    assert "[bold red]x[/]" in text


def test_colours_are_ours_alone() -> None:
    text = rendered(report(), color=True)
    assert "\x1b[1;31m" in text
    plain = text.replace("\x1b[0m", "")
    for code in ("1;31", "35", "33", "36", "1"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert "\x1b" not in plain
    assert plain == rendered(report())


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_keeps_to_its_width(width: int) -> None:
    lines = rendered(report(), width=width).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert not [line for line in lines if line != line.rstrip()]


def test_passes_are_only_counted() -> None:
    text = rendered(report(), width=200)
    assert "20 passed" in text
    assert "trusted by system" not in text


def test_services_stand_in_their_order_and_the_worst_first_within() -> None:
    text = rendered(report())
    places = [text.index(f"\n{name}  ") for name in ("WEB-01", "OX-10", "MX-01", "DB-01", "DIR-02", "CS-06")]
    assert places == sorted(places)
    assert text.index("? unknown, low: rsa chain") < text.index("! warning, low: expires in 19 days")


def test_unknowns_with_one_reason_are_said_once() -> None:
    text = rendered(report(), width=400)
    assert text.count("upgrade refused: 454") == 1
    assert "? 2 checks unknown, high: upgrade refused: 454" in text
    assert "tls-version-below-minimum, certificate-expiring" in text


def test_waivers_are_mentioned() -> None:
    text = rendered(report(), width=200)
    assert "waived until 2026-09-30 (db team): internal authority follows in the autumn" in text
    assert "waiver lapsed on 2026-02-28 (mail team)" in text


def test_cautions_follow_the_verdict() -> None:
    text = rendered(report(), width=200)
    assert text.index("The run is incomplete") < text.index("WEB-01")
    assert "2 endpoints could not be assessed" in text


def test_a_terminal_without_unicode_gets_ascii() -> None:
    text = rendered(report(), encoding="ascii")
    assert text.isascii()
    assert text.startswith("x 6 violations")


@pytest.mark.parametrize(
    ("verdict", "counts", "said"),
    [
        ("pass", {"fail": 0, "warn": 0, "unknown": 0}, "Compliant: 20 checks passed in 7 services, 1 waived"),
        ("warn", {"fail": 0, "unknown": 0}, "No violation, 2 warnings in 1 of 7 services"),
        ("unknown", {"fail": 0}, "Inconclusive: 4 checks without an answer in 3 of 7 services"),
        ("unknown", {"fail": 0, "unknown": 0}, "Inconclusive: not everything declared could be assessed"),
    ],
)
def test_every_verdict_has_its_words(verdict: str, counts: dict[str, int], said: str) -> None:
    changed = replace(report(), summary=replace(report().summary, verdict=verdict, **counts))
    assert said in rendered(changed).splitlines()[0]


def test_few_endpoints_are_described_in_a_line_each() -> None:
    text = rendered(one_endpoint(sound()), width=200)
    said = "TLSv1.2, TLSv1.3; 6 suites, none weak; X25519MLKEM768; DH 2048; ecdsa 256"
    assert f"  https://portal.example.com [192.0.2.10]  {said}" in text.splitlines()
    assert said not in rendered(one_endpoint(sound(), endpoints=terminal.FEW + 1), width=200)


def test_what_a_server_says_does_not_move_the_cursor() -> None:
    text = rendered(one_endpoint(lying()), width=200)
    assert all(c.isprintable() or c == "\n" for c in text)


def test_policies_are_named_where_there_are_several() -> None:
    one = report()
    (policy,) = one.policies
    assert "(site)" not in rendered(one)
    assert "certificate-expiring (site)" in rendered(replace(one, policies=(policy, replace(policy, id="other"))))
