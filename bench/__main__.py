"""What a scan costs, side by side with other scanners on the same servers: connections, CPU seconds and memory.

Absolute times depend on the machine: compare counts, and ratios within one run. A scanner that is not installed has a
row that says so, and a bar that is not cleared is in the table; neither is an error.

usage: python -m bench [--runs 3] [--endpoints 1000] [--hosts 50] [--skip testssl]… [--no-write]
"""

import argparse
import compileall
import signal
import tempfile
from pathlib import Path
from typing import NamedTuple

from bench import bars, page, scanners, servers
from bench.bars import Bar
from bench.measure import ROOT, enter_namespace
from bench.rows import Bench, Row, ratio, side_by_side, table

PEER_HOSTS = 10
"""Hosts in one run of a scanner whose CPU per host is compared: enough to tell it from start-up."""


class Section(NamedTuple):
    """One measure: its table, the commands of its rows, and the bars it decides."""

    title: str
    text: str
    table: str
    rows: list[Row]
    bars: list[Bar]


def typical(bench: Bench) -> Section:
    """Connections to a host as most are set up."""
    first = [bench.row(scanner, host=servers.SERVER_ORDER) for scanner in scanners.TYPICAL]
    second = [
        bench.row(scanner, host=servers.CLIENT_ORDER) if scanner.runs is None else None for scanner in scanners.TYPICAL
    ]
    ours = [row.scanner.title.removeprefix("tlsassay, ") for row in first if row.scanner.ours]
    decided = bars.typical(first, second, ours, [30, 55, 8, 8])
    return Section("A typical host", page.TYPICAL, side_by_side(first, first[1], second), first, decided)


def legacy(bench: Bench) -> Section:
    """Connections to a host that serves every suite it can."""
    rows = [bench.row(scanner, host=servers.LEGACY) for scanner in scanners.LEGACY]
    second = [bench.row(row.scanner, host=servers.LEGACY_SERVER_ORDER) if row.scanner.ours else None for row in rows]
    served = {version: len(servers.served(servers.LEGACY, version)) for version in servers.LEGACY_VERSIONS}
    missing = bars.missing_suites(rows[:1], served)
    text = page.LEGACY.format(served=", ".join(f"{count} on {version}" for version, count in served.items()))
    bar = Bar("connections, legacy host, full", 140, bars.most_connections(rows[:1]), missing=missing)
    return Section("A legacy host", text, side_by_side(rows, rows[0], second), rows, [bar])


def per_host(bench: Bench, hosts: int) -> Section:
    """CPU of one host among several: with its share of start-up, and without."""
    lines: list[list[str]] = []
    rows: list[Row] = []
    excluded: list[float | None] = []
    plan = ((scanners.HOSTS_FULL, hosts), (scanners.HOSTS_SSLYZE, PEER_HOSTS), (scanners.HOSTS_SSLSCAN, PEER_HOSTS))
    for scanner, count in plan:
        one, several = bench.listed(scanner, 1), bench.listed(scanner, count)
        rows.append(several)
        if one.cost is None or several.cost is None:
            excluded.append(None)
            lines.append([scanner.title, str(count), *["–"] * 3, one.why or several.why])
            continue
        slope = (several.cost.cpu - one.cost.cpu) / (count - 1)
        excluded.append(slope)
        each = (several.cost.connections / count, several.cost.cpu / count * 1000, slope * 1000)
        lines.append([scanner.title, str(count), *(f"{value:.1f}" for value in each), ratio(slope, excluded[0])])
    head = ["scanner", "hosts", "connections a host", "CPU ms a host", "without start-up", "× ours"]
    ours, sslyze = excluded[:2]
    part = ours / sslyze if ours and sslyze else None
    bar = Bar("CPU per host, full, against sslyze's restricted", 1 / 50, part, digits=3)
    return Section("One host among many", page.PER_HOST, table(head, lines), rows, [bar])


def many(bench: Bench, endpoints: int) -> Section:
    """One process over an estate: versions and certificate."""
    plan = (scanners.MANY, scanners.MANY_PLAIN, scanners.MANY_SSLSCAN, scanners.MANY_SSLSCAN_EACH)
    rows = [bench.listed(scanner, endpoints) for scanner in plan]
    decided = bars.many(rows[0], rows[2:], endpoints)
    return Section(f"{endpoints} endpoints", page.MANY, side_by_side(rows, rows[0], hosts=endpoints), rows, decided)


def cold(bench: Bench) -> Section:
    """One host from a cold process."""
    rows = [bench.row(scanner, host=servers.SERVER_ORDER) for scanner in (scanners.COLD, *scanners.COLD_PEERS)]
    bar = Bar("CPU, one host, check at quick depth", 0.5, rows[0].cost and rows[0].cost.cpu, " s", digits=2)
    return Section("One host, cold", page.COLD, side_by_side(rows, rows[0]), rows, [bar])


def main() -> None:
    """See the module."""
    options = argparse.ArgumentParser(prog="bench", description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--endpoints", type=int, default=1000)
    options.add_argument("--hosts", type=int, default=50)
    options.add_argument("--skip", action="append", default=[], metavar="PROGRAM", help="leave out; repeatable")
    options.add_argument("--no-write", action="store_true", help="print only, leave docs/performance.md as it is")
    chosen = options.parse_args()
    enter_namespace()
    compileall.compile_dir(ROOT / "scanner", quiet=1)  # as in an installation: start-up must not depend on who ran last
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the servers end with the bench
    with tempfile.TemporaryDirectory() as name, servers.running(Path(name)):
        bench = Bench(Path(name), chosen.runs, chosen.skip)
        sections = [
            typical(bench),
            legacy(bench),
            per_host(bench, chosen.hosts),
            many(bench, chosen.endpoints),
            cold(bench),
        ]
    decided = bars.shown([bar for section in sections for bar in section.bars])
    print(f"\n{decided}\n")
    for section in sections:
        print(f"{section.title}\n\n{section.table}\n")
    if not chosen.no_write:
        parts = [(part.title, part.text, part.table, [row.command for row in part.rows]) for part in sections]
        (ROOT / "docs" / "performance.md").write_text(page.render(chosen.runs, decided, parts))


if __name__ == "__main__":
    main()
