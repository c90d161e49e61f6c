"""What commands share before a terminal: mistakes, progress, the outcome of a scan. Prints, as `cli` does, and nothing
else does."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from scanner.declared import Inventory
    from scanner.plan import Depth
    from scanner.report import Report
    from scanner.run import Options


USAGE = 2


def stop(message: str) -> typer.Exit:
    """Print an error on stderr; raise what this returns."""
    print(message, file=sys.stderr)
    return typer.Exit(USAGE)


@contextmanager
def input_errors() -> Iterator[None]:
    """Mistakes in what the user wrote: exit 2 with every one of them, and nothing is scanned."""
    from scanner.yamlfile import InputError

    try:
        yield
    except InputError as error:
        raise stop(str(error)) from error


PLAIN_WIDTH = 100
"""Columns when the output is no terminal."""


def show(report: "Report[Any]", *, quiet: bool) -> None:
    """Print a report on stdout: as wide and as colourful as the terminal is, plain when there is none."""
    if quiet:
        seen = report.summary
        counts = f"{seen.fail} violations, {seen.unknown} unknown, {seen.warn} warnings"
        print(f"{report.run.inventory.name}: {seen.verdict}: {counts}")
        return
    from rich.console import Console

    from scanner.render import terminal

    console = Console()
    width = console.width if console.is_terminal else PLAIN_WIDTH
    terminal.render(report, sys.stdout, color=console.is_terminal and not console.no_color, width=width)


@contextmanager
def progress(total: int, *, quiet: bool) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, a line each tenth otherwise, nothing when quiet; always on stderr."""
    if quiet:
        yield lambda: None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("scanning"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("endpoints"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("scan", total=total)
            yield lambda: bar.advance(task)
    else:
        done = 0

        def advance() -> None:
            nonlocal done
            done += 1
            if done * 10 // total != (done - 1) * 10 // total:
                print(f"scanned {done} of {total} endpoints", file=sys.stderr, flush=True)

        yield advance


def scan_and_show(
    inventory: "Inventory",
    options: "Options",
    policies: list[str],
    formats: list[str],
    *,
    depth: "Depth",
    only: list[str],
    as_of: str | None,
    quiet: bool,
) -> "Report[Any]":
    """Plan, scan, judge, write and show one inventory."""
    from msgspec.structs import replace

    from scanner.planner import plan_for
    from scanner.policy import load_policies
    from scanner.run import judge, link_latest, scan_to_journal, write
    from scanner.scan import to_look_at

    with input_errors():
        loaded = load_policies(policies or inventory.all_policies)
    options = replace(options, plan=plan_for(loaded, depth, only))
    total = sum(1 for _ in to_look_at(inventory, options.plan))
    try:
        with progress(total, quiet=quiet) as advance:
            folder = scan_to_journal(inventory, options, advance)
        report = judge([folder], loaded, as_of)
        written = write(report, folder, formats)
        link_latest(folder)
    except OSError as error:
        raise stop(f"cannot write to {options.output}: {error.strerror}: {error.filename}") from error
    show(report, quiet=quiet)
    if not quiet:
        for name, path in written.items():
            print(f"{name}: {path}")
    return report


def judge_and_show(
    runs: list[Path],
    policies: list[str],
    formats: list[str],
    *,
    as_of: str | None,
    output: Path | None,
    quiet: bool,
) -> "Report[Any]":
    """Judge stored runs, several as one, write what is asked for to `output`, and show it."""
    from scanner.assess import MergeError
    from scanner.journal import JournalError, StoredRun
    from scanner.policy import load_policies
    from scanner.run import JOURNAL, judge, write

    try:
        inventory = StoredRun(runs[0] / JOURNAL).inventory
        with input_errors():
            loaded = load_policies(policies or inventory.all_policies)
        report = judge(runs, loaded, as_of)
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
            write(report, output, formats)
    except (JournalError, MergeError, OSError) as error:
        raise stop(str(error)) from error
    show(report, quiet=quiet)
    return report
