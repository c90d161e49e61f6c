"""The bars that tlsassay sets itself, and whether this run's figures clear them."""

from collections.abc import Sequence
from typing import NamedTuple

from bench import answers
from bench.rows import Row, table

SUITES = {"TLSv1.2": 6, "TLSv1.3": 3}
"""What the typical host serves."""


class Bar(NamedTuple):
    """One requirement; not cleared without a value, or with something missing from the answers."""

    measure: str
    limit: float
    value: float | None
    unit: str = ""
    missing: str = ""
    digits: int = 0

    @property
    def line(self) -> list[str]:
        """A table's cells."""
        if self.value is None:
            return [self.measure, f"≤ {self.limit:g}{self.unit}", "–", "not available"]
        passed = self.value <= self.limit and not self.missing
        verdict = "PASS" if passed else f"FAIL{': ' if self.missing else ''}{self.missing}"
        return [self.measure, f"≤ {self.limit:g}{self.unit}", f"{self.value:.{self.digits}f}{self.unit}", verdict]


def shown(bars: Sequence[Bar]) -> str:
    """As Markdown."""
    return table(["measure", "bar", "measured", "verdict"], (bar.line for bar in bars))


def most_connections(rows: Sequence[Row]) -> float | None:
    """On whichever host takes most; None if one of them could not be measured."""
    costs = [row.cost for row in rows]
    return None if None in costs else max(cost.connections for cost in costs if cost)


def missing_suites(rows: Sequence[Row], expected: dict[str, int]) -> str:
    """What was not found of what is served, of the first report where something is missing."""
    for row in rows:
        found = answers.suites(row.report)
        if row.report and found != expected:
            counts = (f"{found.get(version, 0)} of {count} suites on {version}" for version, count in expected.items())
            return "found " + ", ".join(counts)
    return ""


def missing_verdicts(rows: Sequence[Row]) -> str:
    """Rules that the run did not decide."""
    rules = sorted({rule for row in rows for rule in answers.undecided(row.report)})
    return f"undecided: {', '.join(rules)}" if rules else ""


def typical(
    first: Sequence[Row], second: Sequence[Row | None], names: Sequence[str], limits: Sequence[int]
) -> list[Bar]:
    """Bars on connections of the first rows, in the order of the table: selected, full, and the quick ones."""
    bars = []
    for one, other, name, limit in zip(first, second, names, limits, strict=False):
        rows = [one, other] if other else [one]
        missing = missing_verdicts(rows) if "quick" in name else missing_suites(rows, SUITES)
        bars.append(Bar(f"connections, typical host, {name}", limit, most_connections(rows), missing=missing))
    return bars


def many(ours: Row, peers: Sequence[Row], count: int) -> list[Bar]:
    """Bars on one process that asks `count` endpoints for versions and certificate."""
    cost = ours.cost
    found = answers.certified(ours.report)
    missing = "" if found == count else f"only {found} answered"
    bars = [
        Bar(f"CPU, {count} endpoints", 2, cost and cost.cpu, " s", missing, 2),
        Bar(f"memory, {count} endpoints", 100, cost and cost.memory, " MiB", missing),
    ]
    cheapest = min((row.cost.cpu for row in peers if row.cost), default=None)
    if cost and cheapest is not None:
        bars.insert(
            1,
            Bar(f"CPU, {count} endpoints, against sslscan's {cheapest:.2f} s", 1, cost.cpu / cheapest, "", missing, 2),
        )
    return bars
