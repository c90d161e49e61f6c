"""Runs of one scanner as a table's row, and rows as Markdown."""

import itertools
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench import answers
from bench.measure import Cost, NotMeasuredError, measure, middle
from bench.scanners import Scanner
from bench.servers import PORT, addresses

SHOWN: dict[str, str | list[str]] = {
    "host": "127.0.0.1",
    "hosts": ["127.1.0.1", "127.1.0.2", "…"],
    "folder": ".",
    "output": "out",
    "inventory": "hosts.yaml",
    "targets": "hosts.txt",
}
"""What a page shows instead of a run's own files."""
TEXT = ("found", "verdict")
"""Heads of columns that hold words."""
VERDICTS = (0, 1, 3)
"""Exit statuses with which tlsassay has scanned: compliant, a violation, inconclusive."""


class Row(NamedTuple):
    """One scanner's medians on one host or list of hosts, or why there are none."""

    scanner: Scanner
    cost: Cost | None
    why: str
    """Without a cost: why."""
    report: dict[str, Any] | None
    """tlsassay's, of the last run."""

    @property
    def command(self) -> str:
        """As a page shows it."""
        hidden = "" if self.scanner.uvloop else "   # uvloop hidden from import"
        words = [SHOWN.get(word[1:-1], word) if word.startswith("{") else word for word in self.scanner.command.split()]
        flat = (" ".join(word) if isinstance(word, list) else word.format(**SHOWN) for word in words)
        return " ".join(flat) + hidden


class Bench:
    """Runs scanners `runs` times each, keeping their files below `folder`."""

    def __init__(self, folder: Path, runs: int, skipped: Iterable[str]) -> None:
        self._folder = folder
        self._runs = runs
        self._skipped = frozenset(skipped)
        self._outputs = (folder / f"run-{number}" for number in itertools.count())

    def row(self, scanner: Scanner, **values: str | list[str]) -> Row:
        """Run it to the end `runs` times; what it cost, or why it could not be measured."""
        print(f"bench: {scanner.title}", file=sys.stderr)
        costs: list[Cost] = []
        output = self._folder
        try:
            if scanner.command.split()[0] in self._skipped:
                raise NotMeasuredError("left out")
            for _ in range(scanner.runs or self._runs):
                output = next(self._outputs)
                cost = measure(scanner.words(folder=str(self._folder), output=str(output), **values))
                _check(scanner, cost)
                costs.append(cost)
        except NotMeasuredError as error:
            return Row(scanner, None, str(error), None)
        return Row(scanner, middle(costs), "", answers.report(output) if scanner.ours else None)

    def listed(self, scanner: Scanner, count: int) -> Row:
        """The same on `count` addresses, each a host of its own."""
        hosts = addresses(count)
        inventory = self._folder / f"{count}.yaml"
        services = "\n".join(
            f"  - {{id: S{number}, endpoints: ['https://{host}:{PORT}']}}" for number, host in enumerate(hosts)
        )
        inventory.write_text(f"name: bench-{count}\nservices:\n{services}\n")
        targets = self._folder / f"{count}.txt"
        targets.write_text("".join(f"{host}:{PORT}\n" for host in hosts))
        return self.row(scanner, hosts=hosts, inventory=str(inventory), targets=str(targets))


def _check(scanner: Scanner, cost: Cost) -> None:
    """Raise NotMeasuredError for a run that has not scanned."""
    if scanner.ours and cost.status not in VERDICTS:
        raise NotMeasuredError(f"not available (exit status {cost.status})")
    if not cost.connections:
        raise NotMeasuredError(f"made no connection (exit status {cost.status})")


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """As Markdown: the first column and those of TEXT to the left, numbers to the right."""
    rules = ["---" if place == 0 or name in TEXT else "---:" for place, name in enumerate(head)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rules, *lines))


def ratio(value: float, base: float | None) -> str:
    """How many times the base; "–" if there is none."""
    return f"{value / base:.{1 if value < 10 * base else 0}f}" if base else "–"


def side_by_side(rows: Sequence[Row], base: Row, others: Sequence[Row | None] = (), hosts: int = 1) -> str:
    """Rows with their ratios to `base`. `others`: the same scanners on a second host, for their connections."""
    head = [
        "scanner",
        "connections" if hosts == 1 else "connections a host",
        "× ours",
        "CPU s",
        "× ours",
        "MiB",
        "wall s",
        "found",
    ]
    lines = []
    for place, (scanner, cost, why, report) in enumerate(rows):
        if cost is None:
            lines.append([scanner.title, *["–"] * 6, why])
            continue
        second = others[place] if others else None
        connections = f"{cost.connections / hosts:.{int(hosts > 1)}f}" + (
            f" / {second.cost.connections:.0f}" if second and second.cost else ""
        )
        lines.append(
            [
                scanner.title,
                connections,
                ratio(cost.connections, base.cost and base.cost.connections),
                f"{cost.cpu:.2f}",
                ratio(cost.cpu, base.cost and base.cost.cpu),
                f"{cost.memory:.0f}",
                f"{cost.wall:.1f}",
                answers.summary(report) if scanner.ours and report else "",
            ]
        )
    return table(head, lines)
