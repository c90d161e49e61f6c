"""The summary after a scan: the verdict in one line, then what needs attention, service by service."""

from itertools import groupby
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from scanner.render._glance import glance
from scanner.render._overview import ORDER, cautions, headline, overview, standing, together
from scanner.render._text import SYMBOLS, WORDS, count, visible
from scanner.report import Finding, Report

SUFFIX = ""

FEW = 8
"""Endpoints of which each is described in a line of its own."""

_STYLES = {"fail": "bold red", "unknown": "magenta", "warn": "yellow", "waived": "cyan", "pass": "bold green"}
_PLAIN = str.maketrans({"✗": "x", "≈": "~", "✓": "+", "·": "-", "…": "...", "–": "-", "—": "-", "×": "x", "→": "->"})


def render(report: Report[Any], out: TextIO, *, color: bool, width: int) -> None:
    """Write the summary to `out`, wrapped at `width` columns, in ANSI colours only where `color` says so.

    What a server said is shown as plain text: no markup is parsed, and escape sequences are spelt out.
    """
    console = Console(
        file=out,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    unicode = (out.encoding or "utf-8").lower().replace("-", "").startswith("utf")
    seen = overview(report)

    def line(text: str, style: str = "", indent: int = 0) -> None:
        shown = visible(text)
        if not unicode:
            shown = shown.translate(_PLAIN).encode("ascii", "backslashreplace").decode("ascii")
        for part in Text(shown, style).wrap(console, max(width - indent, 20)):
            part.rstrip()
            console.print(Text(" " * indent) + part, soft_wrap=True)

    verdict = report.summary.verdict
    line(f"{SYMBOLS[verdict]} {headline(report, seen)}", _STYLES[verdict])
    line(_counts(report), indent=2)
    for caution in cautions(report, seen):
        line(f"! {caution}", "yellow", indent=2)
    if report.run.endpoints <= FEW:
        for endpoint in report.endpoints:
            if said := glance(endpoint):
                line(f"{_where(endpoint.url, endpoint.address)}  {'; '.join(said)}", indent=2)
    names = {service.id: service.name for service in report.services}
    at_service = sorted(seen.attention, key=_in_order(list(seen.cells)))
    for service, found in groupby(at_service, key=lambda one: one.service):
        console.print()
        line(f"{service}  {names.get(service, '')}".rstrip(), "bold")
        for group in together(list(found)):
            _finding(group, line, several=len(report.policies) > 1, zones=bool(report.merged))


def _in_order(services: list[str]) -> Any:
    """Sort key: services as the report lists them, within one the worst first; the sort is stable."""
    place = {service: number for number, service in enumerate(services)}
    return lambda one: (place[one.service], ORDER.index(standing(one)), -one.severity.rank)


def _finding(group: list[Finding], line: Any, *, several: bool, zones: bool) -> None:
    """Two lines: what is wrong, and where; a third where there is a waiver. `several` policies, and `zones`, are told
    apart."""
    one, stands = group[0], standing(group[0])
    word = WORDS[stands] if len(group) == 1 else f"{len(group)} checks {WORDS[stands]}"
    line(f"{SYMBOLS[stands]} {word}, {one.severity}: {one.message}", _STYLES[stands], indent=2)
    rules = ", ".join(f"{each.rule} ({each.policy})" if several else each.rule for each in group)
    line(f"{_where(one.url, one.address, one.zone if zones else None)}  {rules}", indent=4)
    if waiver := one.waiver:
        state = f"waiver lapsed on {waiver.expires}" if waiver.lapsed else f"waived until {waiver.expires}"
        line(f"{state} ({waiver.owner or 'no owner'}): {waiver.reason}", indent=4)


def _where(url: str, address: str, zone: str | None = None) -> str:
    return url + (f" [{address}]" if address else "") + (f" from {zone}" if zone else "")


def _counts(report: Report[Any]) -> str:
    """`3 unknown, 2 warnings, 1 waived, 20 passed, 2 not applicable; 9 endpoints, 97 connections`."""
    total, run = report.summary, report.run
    parts = [
        count(total.fail, "violation"),
        f"{total.unknown:,} unknown",
        count(total.warn, "warning"),
        f"{total.waived:,} waived",
        f"{total.passed:,} passed",
        f"{total.not_applicable:,} not applicable",
    ]
    return f"{', '.join(parts)}; {count(run.endpoints, 'endpoint')}, {count(run.connections, 'connection')}"
