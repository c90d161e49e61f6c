"""What a terminal shows: mistakes, progress, the outcome. Prints, as `cli` does, and nothing else does."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from scanner.report import Report


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
