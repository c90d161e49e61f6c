"""Write the pages of docs/ that are made from the code, or with --check say which are stale (exit 1).

Rules, policies, protocols, schemas and the command line are each described once, where they are defined.
"""

import argparse
import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from scanner import registry
from scanner.explain import RuleText, rule_text
from scanner.inventory.schema import inventory_schema
from scanner.model import Policy, ReachTls
from scanner.policy import load_policy
from scanner.protocols import Protocol, protocol
from scanner.render import json as report_json

FOLDERS = ("rules", "policies", "schema")
"""Folders in which every file is generated: one that is not is stale."""

_REACH = {
    ReachTls.IMPLICIT: "from the first byte",
    ReachTls.UPGRADE: "by upgrade, after a greeting in the clear",
    ReachTls.NEVER: "never",
}
_HELP_WIDTH = 100


def pages() -> Iterator[tuple[str, str]]:
    """Every generated file: path below docs/ and text."""
    rules = [rule_text(stem) for stem in registry.stems("rules")]
    policies = [load_policy(stem) for stem in registry.data_files("policies", ".yaml")]
    for rule in rules:
        yield f"rules/{rule.id}.md", rule_page(rule, policies)
    yield "rules/README.md", rules_index(rules)
    for policy in policies:
        yield f"policies/{policy.id}.md", policy_page(policy)
    yield "schema/report.json", json.dumps(report_json.schema(), indent=2, ensure_ascii=False) + "\n"
    yield "schema/inventory.json", json.dumps(inventory_schema(), indent=2, ensure_ascii=False) + "\n"
    yield "protocols.md", protocols_page()
    yield "cli.md", cli_page()


def made_from(source: str) -> str:
    """The first line of a generated page."""
    return f"<!-- Made by docs/generate.py from {source}; change it there. -->\n\n"


def table(*rows: tuple[str, ...]) -> str:
    """A Markdown table; the first row is its head."""
    head, *body = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([head, "|" + " --- |" * len(rows[0]), *body]) + "\n"


def rule_page(rule: RuleText, policies: list[Policy]) -> str:
    """What the defect is, why it matters, how to fix it, what can be tuned, who asks for it."""
    chosen = [(policy.id, one.clause) for policy in policies for one in policy.rules if one.rule == rule.id]
    judges = ", ".join(f"`{probe}`" for probe in rule.needs)
    parts = [
        made_from(f"scanner/rules/{rule.id.replace('-', '_')}.py") + f"# {rule.title.rstrip('.')}\n",
        f"Rule `{rule.id}` · severity {rule.severity} · judges {judges or 'the declaration alone'}\n",
        f"{rule.why}\n",
        f"## How to fix\n\n{rule.fix}\n",
    ]
    if rule.parameters:
        rows = [(f"`{p.name}`", f"`{p.type}`", f"`{json.dumps(p.default, default=list)}`") for p in rule.parameters]
        parts.append("## Parameters a policy may set\n\n" + table(("Parameter", "Type", "Default"), *rows))
    if chosen:
        links = [(f"[{policy}](../policies/{policy}.md)", clause) for policy, clause in chosen]
        parts.append("## Chosen by\n\n" + table(("Policy", "Clause"), *links))
    parts.append(f"## Source\n\n{rule.source}\n")
    return "\n".join(parts)


def rules_index(rules: list[RuleText]) -> str:
    """All rules in one table."""
    rows = [
        (f"[{rule.id}]({rule.id}.md)", rule.title, str(rule.severity), ", ".join(f"`{probe}`" for probe in rule.needs))
        for rule in rules
    ]
    text = "A rule is named after the defect it finds. `tlsassay explain RULE` prints the same text.\n\n"
    return made_from("scanner/rules/") + "# Rules\n\n" + text + table(("Rule", "Defect", "Severity", "Judges"), *rows)


def policy_page(policy: Policy) -> str:
    """What a policy asks for, where it says so, and what it asks for that a scan cannot see."""
    rows = []
    for one in policy.rules:
        tuned = ", ".join(f"`{name}: {json.dumps(value)}`" for name, value in one.parameters.items())
        rows.append((f"[{one.rule}](../rules/{one.rule}.md)", one.clause, str(one.severity or "the rule's"), tuned))
    parts = [
        made_from(f"scanner/policies/{policy.id}.yaml") + f"# {policy.title}\n",
        table(
            ("", ""),
            ("ID", f"`{policy.id}`"),
            ("Edition", policy.edition),
            ("Source", policy.source),
            ("Licence", policy.licence),
            ("Verified by", policy.verified_by),
        ),
        "## Rules\n\n" + table(("Rule", "Clause", "Severity", "Parameters"), *rows),
    ]
    if policy.not_evaluated:
        gaps = [(one.clause, one.why) for one in policy.not_evaluated]
        parts.append("## Not evaluated\n\n" + table(("Clause", "Why"), *gaps))
    return "\n".join(parts)


def protocols_page() -> str:
    """Every URL scheme, and how it gets to TLS."""
    rows = []
    for scheme in registry.identifiers("protocols"):
        known = protocol(scheme)
        about = (registry.load("protocols", scheme.replace("-", "_")).__doc__ or "").strip().splitlines()[0]
        twins = ", ".join(f"`{twin}` {protocol(twin).port}" for twin in known.twins)
        asked = inspect.getdoc(known.converse) or ""
        clear = re.sub(r"\s+", " ", asked.replace("Raises AskFailedError.", "")).strip()
        port = str(known.port or "none, name one")
        rows.append((f"`{scheme}`", port, _REACH[known.reach_tls], twins, about, clear, _active(known)))
    text = (
        "An endpoint is a URL: `SCHEME://HOST` or `SCHEME://HOST:PORT`, IPv6 addresses in brackets. A twin is the same "
        "service on its plaintext port. `--passive` leaves out what is sent actively; no password of anybody is ever "
        "sent.\n\n"
    )
    heads = ("Scheme", "Port", "TLS", "Plaintext twin", "What it is", "Asked in the clear", "Sent actively")
    return made_from("scanner/protocols/") + "# Protocols\n\n" + text + table(heads, *rows)


def _active(known: Protocol) -> str:
    behind = known.inside.injected if known.inside and known.upgrade else None
    return "; ".join(part for part in (known.active, behind.what if behind else "") if part)


def cli_page() -> str:
    """The help of every command."""
    from scanner.cli import app  # noqa: PLC0415 - every other page can be made without the command line

    parts = [made_from("scanner/cli.py") + "# Command line\n"]
    for name, text in command_help(typer.main.get_command(app), "tlsassay"):
        parts.append(f"{'#' * (2 + min(name.count(' '), 2))} `{name}`\n\n```text\n{text.rstrip()}\n```\n")
    return "\n".join(parts)


def command_help(command: Any, name: str, parent: Any = None) -> Iterator[tuple[str, str]]:
    """Plain help texts of a command and of those below it that are not hidden."""
    command.rich_markup_mode = None  # plain text, whatever terminal this is run on
    context = command.context_class(
        command,
        info_name=name.rpartition(" ")[2],
        parent=parent,
        terminal_width=_HELP_WIDTH,
        max_content_width=_HELP_WIDTH,
    )
    yield name, command.get_help(context)
    for below in command.list_commands(context) if hasattr(command, "list_commands") else ():
        found = command.get_command(context, below)
        if not found.hidden:
            yield from command_help(found, f"{name} {below}", context)


def main(arguments: list[str], docs: Path = Path(__file__).parent) -> int:
    """Write or check the pages below `docs`; 1 when something was stale."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing, list what is stale")
    check = parser.parse_args(arguments).check
    wanted = {docs / path: text for path, text in pages()}
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text("utf-8") != text]
    extra = [path for folder in FOLDERS for path in sorted((docs / folder).glob("*")) if path not in wanted]
    for path in [*stale, *extra] if check else stale:
        print(path.relative_to(docs))
    if check:
        return 1 if stale or extra else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], "utf-8")
    for path in extra:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
