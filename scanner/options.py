"""Options that commands share, and what their words mean.

Whatever is wrong with a word raises typer.BadParameter: exit status 2, and nothing is scanned.
"""

import ipaddress
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from scanner import registry
from scanner.declared import Inventory
from scanner.model import Severity

Zone = Annotated[str | None, typer.Option(help="Zone of the inventory that this scan is run from.")]
Policies = Annotated[
    list[str] | None, typer.Option("--policy", help="Judge by this policy instead of the inventory's; repeatable.")
]
Output = Annotated[Path, typer.Option(help="Folder for the runs.")]
Formats = Annotated[
    list[str] | None, typer.Option("--format", help="Report format to write; repeatable. Default: html, json.")
]
Reports = Annotated[Path | None, typer.Option("--output", help="Write the reports to this folder; default: only show.")]
FailOn = Annotated[
    Severity | None, typer.Option(help="Least severity of a violation that gives exit status 1. Default: any.")
]
AsOf = Annotated[str | None, typer.Option(help="Judge as of this date (YYYY-MM-DD) instead of the scan's.")]
Resolve = Annotated[
    list[str] | None, typer.Option(help="HOST:PORT:ADDRESS: connect there instead of resolving; repeatable.")
]
Passive = Annotated[
    bool,
    typer.Option("--passive", help="Leave out the questions that a server might log as a failed login or an attack."),
]
Depth = Annotated[
    Literal["quick", "full"],
    typer.Option(help="full: enumerate everything; quick: no more than the policies need for a verdict."),
]
Probes = Annotated[
    list[str] | None, typer.Option("--probe", help="Ask only this, and what it builds on; repeatable. Default: all.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the verdict's line only.")]
Concurrency = Annotated[int, typer.Option(min=1, help="Connections open at once.")]
Rate = Annotated[int, typer.Option(min=1, help="New connections a second.")]
Timeout = Annotated[float, typer.Option(min=0.1, help="Seconds that one connection may take.")]
Deadline = Annotated[float | None, typer.Option(min=0.1, help="Seconds that the whole run may take.")]


def probes(names: list[str] | None) -> list[str]:
    known = registry.stems("probes")
    found = [name.replace("-", "_") for name in names or []]
    for name in found:
        if name not in known:
            raise typer.BadParameter(
                f"unknown probe '{name}'{registry.nearest(name, known)}: one of {', '.join(known)}"
            )
    return found


def report_formats(formats: list[str] | None) -> list[str]:
    known = [name for name in registry.identifiers("render") if name != "terminal"]
    for name in formats or []:
        if name not in known:
            raise typer.BadParameter(
                f"unknown format '{name}'{registry.nearest(name, known)}: one of {', '.join(known)}"
            )
    return formats or ["html", "json"]


def pins(texts: Sequence[str]) -> dict[tuple[str, int], str]:
    """`HOST:PORT:ADDRESS`, IPv6 in brackets or not."""
    found: dict[tuple[str, int], str] = {}
    for text in texts:
        parts = re.fullmatch(r"\[?([^\[\]]+?)\]?:(\d{1,5}):\[?([^\[\]]+)\]?", text)
        try:
            if parts is None or not 0 < int(parts[2]) < 65536:
                raise ValueError
            found[parts[1].lower(), int(parts[2])] = str(ipaddress.ip_address(parts[3]))
        except ValueError:
            raise typer.BadParameter(f"--resolve {text}: not HOST:PORT:ADDRESS with a numeric address") from None
    return found


def as_of_moment(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).strftime("%Y-%m-%dT00:00:00Z")
    except ValueError:
        raise typer.BadParameter(f"--as-of {text}: not a date such as 2027-03-31") from None


def address_family(*, ipv4: bool, ipv6: bool) -> int:
    if ipv4 and ipv6:
        raise typer.BadParameter("-4 and -6 exclude each other")
    return 4 if ipv4 else 6 if ipv6 else 0


def check_zone(zone: str | None, inventory: Inventory) -> None:
    if zone is not None and zone not in inventory.zones:
        known = list(inventory.zones)
        hint = registry.nearest(zone, known) or (f": one of {', '.join(known)}" if known else ": it declares none")
        raise typer.BadParameter(f"zone '{zone}' is not declared in inventory '{inventory.name}'{hint}")
