"""`report.json`: everything, for programs; one endpoint and one finding a line, so that two reports diff well."""

from typing import Any, BinaryIO

import msgspec

from scanner.observations import of_any_observation
from scanner.report import SCHEMA_VERSION, Report, ReportHead

SUFFIX = "json"

_PROMISE = (
    "Version of this schema, MAJOR.MINOR. Within a major version changes are additive: ignore what you do not know. "
    "Read the report only when you know its major version."
)


def render(report: Report[Any], out: BinaryIO) -> None:
    """Stream `report` as UTF-8 JSON; keys stand in the model's order, those of free-form maps are sorted."""
    encode = msgspec.json.Encoder(order="deterministic").encode
    head = (encode(key) + b": " + encode(getattr(report, key)) for key in ReportHead.__struct_fields__)
    out.write(b"{" + b",\n ".join(head))
    for key, items in (("endpoints", report.endpoints), ("findings", report.findings)):
        out.write(b",\n " + encode(key) + b": [")
        out.writelines((b",\n  " if i else b"\n  ") + encode(item) for i, item in enumerate(items))
        out.write(b"\n ]")
    out.write(b"\n}\n")


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of `report.json`, generated from the model."""
    ((root,), definitions) = msgspec.json.schema_components(
        [of_any_observation(Report)],
        ref_template="#/$defs/{name}",
    )
    short = {name: name.partition("_scanner.")[0] for name in definitions}
    tidy = {short[name]: _tidy(definition, short) for name, definition in definitions.items()}
    report = tidy.pop(short[root["$ref"].removeprefix("#/$defs/")])
    report["properties"]["schema_version"] |= {
        "description": _PROMISE,
        "pattern": rf"^{SCHEMA_VERSION.partition('.')[0]}\.[0-9]+$",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **report,
        "title": f"tlsassay report {SCHEMA_VERSION}",
        "description": "Everything one scan found: what was declared, asked and answered, and what it means.",
        "$defs": dict(sorted(tidy.items())),
    }


def _tidy(node: Any, short: dict[str, str]) -> Any:
    """Shorten the names of generic types; let objects grow, since changes within a major version are additive."""
    if isinstance(node, list):
        return [_tidy(item, short) for item in node]
    if not isinstance(node, dict):
        return node
    tidy = {key: _tidy(value, short) for key, value in node.items() if (key, value) != ("additionalProperties", False)}
    if isinstance(ref := tidy.get("$ref"), str):
        tidy["$ref"] = "#/$defs/" + short[ref.removeprefix("#/$defs/")]
    if isinstance(title := tidy.get("title"), str):
        tidy["title"] = title.partition("[")[0]
    tidy.pop("discriminator", None)  # OpenAPI's word; each observation's `probe` is an enum of one
    return tidy
