"""Commands. Nothing but this module, and `console` for it, prints."""

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from scanner import __version__, registry
from scanner.console import USAGE, input_errors, judge_and_show, scan_and_show, stop
from scanner.options import (
    AsOf,
    Concurrency,
    Deadline,
    Depth,
    FailOn,
    Formats,
    Output,
    Passive,
    Policies,
    Probes,
    Quiet,
    Rate,
    Reports,
    Resolve,
    Timeout,
    Zone,
    address_family,
    as_of_moment,
    check_zone,
    pins,
    probes,
    report_formats,
)

if TYPE_CHECKING:
    pass

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    rich_markup_mode=None,
)


@app.command()
def scan(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Inventories.")],
    zone: Zone = None,
    policy: Policies = None,
    depth: Depth = "full",
    probe: Probes = None,
    output: Output = Path("reports"),
    format_: Formats = None,
    fail_on: FailOn = None,
    as_of: AsOf = None,
    resolve: Resolve = None,
    passive: Passive = False,
    concurrency: Concurrency = 256,
    rate: Rate = 500,
    timeout: Timeout = 10.0,
    deadline: Deadline = None,
    ipv4: Annotated[bool, typer.Option("-4", help="IPv4 only.")] = False,
    ipv6: Annotated[bool, typer.Option("-6", help="IPv6 only.")] = False,
    quiet: Quiet = False,
) -> None:
    """Scan inventories and report.

    Exit status: 0 compliant; 1 a violation; 2 nothing was scanned, because of a mistake in the command or a file;
    3 inconclusive: something declared could not be assessed, and nothing failed.
    """
    from scanner.inventory import load_inventory
    from scanner.net.limits import Limits
    from scanner.run import Options, exit_status

    formats, judged_as_of, only = report_formats(format_), as_of_moment(as_of), probes(probe)
    with input_errors():
        inventories = [load_inventory(file) for file in files]
    for inventory in inventories:
        check_zone(zone, inventory)
    limits = Limits(concurrency=concurrency, rate=rate, connection=timeout, connect=min(5.0, timeout), run=deadline)
    options = Options(
        output=output,
        zone=zone,
        passive=passive,
        limits=limits,
        pins=pins(resolve or []),
        family=address_family(ipv4=ipv4, ipv6=ipv6),
    )
    statuses: list[int] = []
    for inventory in inventories:
        report = scan_and_show(
            inventory, options, policy or [], formats, depth=depth, only=only, as_of=judged_as_of, quiet=quiet
        )
        statuses.append(exit_status(report, fail_on))
        if not report.run.complete:
            raise typer.Exit(statuses[-1])
    raise typer.Exit(next((status for status in (1, 3) if status in statuses), 0))


@app.command()
def check(
    endpoints: Annotated[
        list[str], typer.Argument(metavar="ENDPOINT...", help="URLs such as imap://mail.example.com, or host:port.")
    ],
    trust: Annotated[
        list[str] | None, typer.Option(help="Trust store: system, mozilla or a PEM file; repeatable.")
    ] = None,
    server_name: Annotated[
        str | None, typer.Option(help="Name for SNI and certificate instead of the URL's host.")
    ] = None,
    policy: Policies = None,
    depth: Depth = "full",
    probe: Probes = None,
    output: Annotated[Path | None, typer.Option(help="Keep the run in this folder.")] = None,
    format_: Formats = None,
    fail_on: FailOn = None,
    resolve: Resolve = None,
    passive: Passive = False,
    timeout: Timeout = 10.0,
    deadline: Deadline = None,
    quiet: Quiet = False,
) -> None:
    """Scan endpoints without an inventory; what each scheme promises is what is expected."""
    from tempfile import TemporaryDirectory

    from scanner.inventory import adhoc_inventory
    from scanner.net.limits import Limits
    from scanner.run import Options, exit_status

    if format_ and output is None:
        raise stop("--format needs --output: without it nothing is kept")
    formats, only = report_formats(format_) if output else [], probes(probe)
    with input_errors():
        inventory = adhoc_inventory(endpoints, trust=trust or [], server_name=server_name, policies=policy or [])
    limits = Limits(connection=timeout, connect=min(5.0, timeout), run=deadline)
    with TemporaryDirectory(prefix="tlsassay-") as scratch:
        options = Options(output=output or Path(scratch), passive=passive, limits=limits, pins=pins(resolve or []))
        report = scan_and_show(
            inventory, options, policy or [], formats, depth=depth, only=only, as_of=None, quiet=quiet
        )
        raise typer.Exit(exit_status(report, fail_on))


@app.command()
def assess(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run, with its attempts.jsonl.")],
    policy: Policies = None,
    as_of: AsOf = None,
    output: Reports = None,
    format_: Formats = None,
    fail_on: FailOn = None,
    quiet: Quiet = False,
) -> None:
    """Judge a stored run again, under other policies or as of another date; no network is used."""
    from scanner.run import exit_status

    formats, moment = report_formats(format_), as_of_moment(as_of)
    report = judge_and_show([run], policy or [], formats, as_of=moment, output=output, quiet=quiet)
    raise typer.Exit(exit_status(report, fail_on))


@app.command()
def merge(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN...", help="Folders of runs of one inventory.")],
    policy: Policies = None,
    as_of: AsOf = None,
    output: Reports = None,
    format_: Formats = None,
    fail_on: FailOn = None,
    quiet: Quiet = False,
) -> None:
    """Judge runs of one inventory from several zones as one: which zone reaches what, against what is declared."""
    from scanner.run import exit_status

    if len(runs) < 2:
        raise stop("merge takes two runs or more; one alone is judged again by assess")
    formats, moment = report_formats(format_), as_of_moment(as_of)
    report = judge_and_show(runs, policy or [], formats, as_of=moment, output=output, quiet=quiet)
    raise typer.Exit(exit_status(report, fail_on))


@app.command()
def validate(files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Inventories.")]) -> None:
    """Check inventories without scanning: every mistake as file:line: message, likely slips as warnings."""
    from scanner.inventory import load_inventory
    from scanner.inventory.slips import likely_slips
    from scanner.yamlfile import InputError

    wrong = False
    for file in files:
        try:
            inventory = load_inventory(file)
        except InputError as error:
            print(error, file=sys.stderr)
            wrong = True
            continue
        for at, message in likely_slips(inventory):
            print(f"{at}: warning: {message}", file=sys.stderr)
        endpoints = sum(len(service.endpoints) for service in inventory.services)
        print(f"{file}: {len(inventory.services)} services, {endpoints} endpoints")
    raise typer.Exit(USAGE if wrong else 0)


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="ID of a rule, such as plaintext-port-open.")],
) -> None:
    """What a rule looks for, why it matters, how to fix it."""
    from scanner.explain import rule_text

    known = registry.identifiers("rules")
    if rule not in known:
        raise stop(f"unknown rule '{rule}'{registry.nearest(rule, known)}; `tlsassay list rules` names them all")
    text = rule_text(rule)
    parts = (f"{text.id} (severity {text.severity})", text.title, text.why, f"How to fix:\n{text.fix}")
    print("\n\n".join((*parts, f"Source: {text.source}")))
    for parameter in text.parameters:
        print(f"\nParameter {parameter.name}: {parameter.type}, default {parameter.default}")


@app.command(name="list")
def list_(what: Annotated[Literal["protocols", "probes", "rules", "policies", "formats"], typer.Argument()]) -> None:
    """Name what there is."""
    folder = {"formats": "render"}.get(what, what)
    names = list(registry.data_files("policies", ".yaml")) if what == "policies" else registry.identifiers(folder)
    print("\n".join(names))


@app.command()
def schema(of: Annotated[Literal["inventory", "report"], typer.Argument()]) -> None:
    """Print the JSON Schema of inventories, for editors, or of report.json."""
    import json

    from scanner.inventory import inventory_schema
    from scanner.render import json as report_json

    print(json.dumps(inventory_schema() if of == "inventory" else report_json.schema(), indent=2))


@app.command()
def demo(output: Output = Path("reports")) -> None:
    """Start an estate of small servers on loopback, good and bad ones, and scan it."""
    from tempfile import TemporaryDirectory

    from scanner.demo import estate
    from scanner.inventory import load_inventory
    from scanner.run import Options, exit_status

    with TemporaryDirectory(prefix="tlsassay-demo-") as folder, estate(Path(folder)) as planted:
        with input_errors():
            inventory = load_inventory(planted.inventory)
        options = Options(output=output, zone="intranet")
        report = scan_and_show(inventory, options, [], ["html", "json"], depth="full", only=[], as_of=None, quiet=False)
    print(f"a scan with these findings exits with status {exit_status(report, None)}; the demo itself with 0")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"tlsassay {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """TLS and endpoint compliance scanner: declared services in, verdicts with evidence out."""


def main() -> None:
    """The command `tlsassay`."""
    # Attempts and findings are trees, and go when the last reference does. Looking for cycles after every 700 new
    # objects, Python's default, takes an eighth of a scan's time. It has to be done now and then, and then thoroughly:
    # what failed leaves exceptions behind that lead back to themselves.
    gc.set_threshold(100_000, 1, 1)
    app()
