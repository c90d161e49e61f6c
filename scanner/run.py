"""One run from inventory to files: scan, keep the journal, judge, render, link."""

import asyncio
import secrets
import signal
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from scanner import __version__, registry
from scanner.assess import assess
from scanner.declared import Inventory
from scanner.journal import Journal, StoredRun
from scanner.model import InventoryDigest, Policy, Run, Severity, Verdict
from scanner.net.limits import Limits
from scanner.net.resolve import Resolver
from scanner.plan import FULL, Plan
from scanner.report import Report
from scanner.scan import scan

JOURNAL = "attempts.jsonl"


class Options(Struct, frozen=True, kw_only=True):
    """How to scan and where to write."""

    output: Path
    zone: str | None = None
    passive: bool = False
    limits: Limits = field(default_factory=Limits)
    pins: dict[tuple[str, int], str] = field(default_factory=dict)
    family: int = 0
    plan: Plan = FULL


def now() -> str:
    """The present moment in RFC 3339, UTC, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def scan_to_journal(inventory: Inventory, options: Options, finished: Callable[[], None]) -> Path:
    """Scan an inventory into a new run's folder, which is returned; interrupted, keep what is known as incomplete.

    Raises OSError when the output cannot be written.
    """
    started = now()
    name = f"{started.replace('-', '').replace(':', '')}-{secrets.token_hex(2)}"
    digest = InventoryDigest(inventory.name, inventory.sha256)
    plan = options.plan
    run = Run(
        id=name,
        started=started,
        inventory=digest,
        zone=options.zone,
        passive=options.passive,
        depth=plan.depth,
        probes=plan.probes or (),
        asks=plan.asks,
    )
    folder = options.output / folder_name(inventory.name) / name
    with Journal(folder / JOURNAL, run, inventory) as journal, asyncio.Runner(loop_factory=_loop_factory()) as runner:
        complete = runner.run(_scan(inventory, options, journal, finished))
        journal.end(now(), complete=complete)
    return folder


async def _scan(inventory: Inventory, options: Options, journal: Journal, finished: Callable[[], None]) -> bool:
    """Whether the scan came to its end."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - inside a coroutine there is one
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, loop, task)
    resolver = Resolver(options.pins, options.family)
    attempts = scan(
        inventory,
        limits=options.limits,
        resolver=resolver,
        passive=options.passive,
        plan=options.plan,
        zone=options.zone,
        finished=finished,
    )
    try:
        async for attempt in attempts:
            journal.append(attempt)
    except asyncio.CancelledError:
        return False
    finally:
        await attempts.aclose()
        resolver.close()
    return True


def _stop(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[bool]") -> None:
    """The first signal ends the scan in good order; a second one is the system's again."""
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)
    task.cancel()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - the extra [speed], used when present
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def folder_name(name: str) -> str:
    """An inventory's name as a folder's: nothing that leads elsewhere."""
    kept = "".join(c if c.isalnum() or c in "-_." else "-" for c in name).strip("-.")
    return kept or "inventory"


def judge(folders: Sequence[Path], policies: Sequence[Policy], as_of: str | None = None) -> Report[Any]:
    """The report of a stored run, or of several as one. Raises JournalError, MergeError, OSError."""
    stored = [StoredRun(folder / JOURNAL) for folder in folders]
    return assess(stored, policies, version=__version__, as_of=as_of)


def write(report: Report[Any], folder: Path, formats: Sequence[str]) -> dict[str, Path]:
    """Render a report into its run's folder, each file complete or not there, and point `latest` at it."""
    written: dict[str, Path] = {}
    for name in formats:
        renderer = registry.load("render", name)
        path = folder / f"report.{renderer.SUFFIX}"
        partial = path.with_suffix(f".{renderer.SUFFIX}.part")
        with partial.open("wb") as out:
            renderer.render(report, out)
        partial.replace(path)
        written[name] = path
    return written


def link_latest(folder: Path) -> None:
    """Make `latest` beside a run's folder lead to it."""
    link = folder.with_name("latest")
    fresh = folder.with_name(f".latest-{folder.name}")
    fresh.symlink_to(folder.name)
    fresh.replace(link)


def exit_status(report: Report[Any], fail_on: Severity | None) -> int:
    """0 compliant, 1 a violation at or above `fail_on` (default: any), 3 inconclusive; 2 is for errors before a scan.

    An interrupted run is inconclusive whatever it found.
    """
    if not report.run.complete:
        return 3
    least = fail_on.rank if fail_on else 0
    if report.summary.fail and any(
        finding.verdict is Verdict.FAIL and not finding.waived and finding.severity.rank >= least
        for finding in report.findings
    ):
        return 1
    decided = report.summary.passed + report.summary.warn + report.summary.fail  # a waiver decides nothing
    return 3 if report.summary.unknown or not decided else 0
