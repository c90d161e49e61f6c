"""The inventory's file format as JSON Schema (2020-12), for editors: generated from the records the loader fills.

Only what differs between file and records is written here: `extends`, `hosts`, and an endpoint given as a bare URL.
"""

import ast
import inspect
import re
from typing import Any

import msgspec

from scanner import declared
from scanner.registry import data_files, identifiers
from scanner.yamlrecord import accepted

FILE_ONLY = ("extends", "hosts")
"""Keys of a file that are resolved while it is loaded."""

_RECORDS = (
    declared.Inventory,
    declared.Service,
    declared.DeclaredEndpoint,
    declared.CertificateExpectation,
    declared.Waiver,
)

DESCRIPTIONS = {
    "Inventory.name": "What the scan is called: a site, an estate, a product.",
    "Inventory.services": "The declared services; with `extends`, a service of the same ID replaces the keys it gives.",
    "Inventory.zones": "Network zones there are; if given, `reachable_from` may name no others.",
    "Inventory.policies": "Policies the services are judged by: shipped ones by ID, a site's own by path.",
    "Inventory.waivers": "Accepted deviations: they mark findings and lapse.",
    "Inventory.extends": "Catalogues this file builds on: shipped ones by name, others by a path beside this file.",
    "Inventory.hosts": "What each {name} in an endpoint stands for; a list is as many endpoints, an empty one none.",
    "Service.id": "Unique name of the service in reports and waivers.",
    "Service.name": "What the service is for.",
    "Service.endpoints": "Where it listens: a URL, or a mapping that pins one node of it.",
    "Service.tls": "What is expected of the transport.",
    "Service.protection_need": "What a breach of the service would cost its owner; raises or lowers severities.",
    "Service.owner": "Who is responsible.",
    "Service.certificate": "What is expected of the certificate; what is left out is not judged.",
    "DeclaredEndpoint.url": "scheme://host:port; the port may be left out where the scheme has one of its own.",
    "Waiver.rule": "ID of the rule whose findings are accepted, or * for all.",
    "Waiver.reason": "Why the deviation is accepted.",
    "Waiver.owner": "Who answers for it.",
    "Waiver.expires": "Last day it holds, YYYY-MM-DD.",
    "Waiver.approval": "Where the decision is recorded.",
}
"""For fields without a docstring of their own."""

_EXAMPLES: dict[str, list[Any]] = {
    "Inventory.extends": ["./base.yaml"],
    "Inventory.sweep": [["well-known"], ["telnet", "redis", "8080"]],
    "Inventory.scope": [["10.0.0.0/8", "*.example.com"]],
    "Inventory.hosts": [{"middleware": ["10.0.0.11", "10.0.0.12"], "imap": "mail.example.com"}],
    "Service.id": ["MAIL-01"],
    "Service.endpoints": [["imap://{imap}", "imaps://{imap}"]],
    "DeclaredEndpoint.url": ["https://www.example.com", "imap://{imap}:143", "https://[2001:db8::1]:8443"],
    "DeclaredEndpoint.address": ["10.0.0.7"],
    "CertificateExpectation.trust": [["system"], ["./site-ca.pem"]],
    "Waiver.expires": ["2027-03-31"],
}


def inventory_schema() -> dict[str, Any]:
    """The JSON Schema of an inventory file."""
    definitions = msgspec.json.schema(declared.Inventory)["$defs"]
    del definitions["Source"]
    for kind in _RECORDS:
        definition = definitions[kind.__name__]
        definition["properties"] = {key: definition["properties"][key] for key in accepted(kind)}
    _add_file_only(definitions)
    _add_words(definitions)
    documented = _field_docstrings() | DESCRIPTIONS
    for kind in _RECORDS:
        for key, schema in definitions[kind.__name__]["properties"].items():
            schema["description"] = documented[f"{kind.__name__}.{key}"]
            if examples := _EXAMPLES.get(f"{kind.__name__}.{key}"):
                schema["examples"] = examples
    top = definitions.pop("Inventory") | {"title": "tlsassay inventory", "description": "Declared services."}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **top, "$defs": definitions}


def _add_file_only(definitions: dict[str, Any]) -> None:
    """What a file may say before it becomes an Inventory."""
    text = {"type": "string"}
    any_number = {"anyOf": [text, {"type": "array", "items": text}]}
    top, service = definitions["Inventory"], definitions["Service"]
    top["properties"] |= {
        "extends": {"anyOf": [text, {"type": "array", "items": text}]},
        "hosts": {"type": "object", "additionalProperties": any_number},
    }
    url = definitions["DeclaredEndpoint"]["properties"]["url"]
    url["pattern"] = f"^({'|'.join(map(re.escape, identifiers('protocols')))})://.|^\\{{"
    service["properties"]["endpoints"] |= {
        "items": {"anyOf": [url, {"$ref": "#/$defs/DeclaredEndpoint"}]},
        "minItems": 1,
    }
    # A file that extends another may give parts of a service; one that stands alone gives all of it.
    top["required"], service["required"] = ["name"], ["id"]
    alone = {"services": {"minItems": 1, "items": {"required": ["endpoints"]}}}
    top["if"] = {"not": {"required": ["extends"]}}
    top["then"] = {"required": ["services"], "properties": alone}


def _add_words(definitions: dict[str, Any]) -> None:
    """The words that are known today, for completion and for red underlines."""
    policies = {
        "anyOf": [{"enum": list(data_files("policies", ".yaml"))}, {"type": "string", "pattern": r"/|\.ya?ml$"}]
    }
    for kind in ("Inventory", "Service"):
        definitions[kind]["properties"]["policies"]["items"] = policies
    definitions["Waiver"]["properties"]["rule"]["enum"] = ["*", *identifiers("rules")]
    definitions["Waiver"]["properties"]["expires"]["pattern"] = r"^\d{4}-\d{2}-\d{2}$"
    pins = definitions["CertificateExpectation"]["properties"]["pins"]["items"]
    pins["pattern"] = "^(sha256/[A-Za-z0-9+/]{43}=|SHA256:[A-Za-z0-9+/]{43})$"


def _field_docstrings() -> dict[str, str]:
    """`Record.field` → the string that follows the field in the source of `scanner.declared`."""
    found = {}
    for record in ast.parse(inspect.getsource(declared)).body:
        if not isinstance(record, ast.ClassDef):
            continue
        for statement, following in zip(record.body, record.body[1:], strict=False):
            match statement, following:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[f"{record.name}.{name}"] = inspect.cleandoc(text)
    return found
