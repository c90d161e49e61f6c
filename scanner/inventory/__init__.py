"""`targets/*.yaml` → Inventory: extended, bound to hosts, checked; every mistake as `file:line: message`.

A file and all it extends are read first, then merged as marked data, bases before what extends them, so that each value
keeps the place it was written at. Only then are `{name}`s bound and records made.
"""

import hashlib
import re
from collections.abc import Sequence as Listing
from fnmatch import fnmatchcase
from ipaddress import AddressValueError, IPv6Address
from pathlib import Path

from msgspec import Struct, structs

from scanner.declared import (
    CertificateExpectation,
    DeclaredEndpoint,
    Inventory,
    Service,
    Source,
    TlsExpectation,
    Waiver,
)
from scanner.inventory import values
from scanner.inventory.bind import Binder
from scanner.inventory.extend import catalogue_folder, read_extended, scalar
from scanner.inventory.schema import inventory_schema
from scanner.model import ReachTls
from scanner.protocols import protocol
from scanner.registry import identifiers, nearest
from scanner.yamlfile import Dictionary, InputError, Issues, Node, Scalar, Sequence
from scanner.yamlrecord import Check, Walker, accepted

__all__ = ["adhoc_inventory", "catalogue_folder", "inventory_schema", "load_inventory"]


def load_inventory(path: Path) -> Inventory:
    """Read an inventory and everything it extends.

    Raises InputError with every mistake in all the files.
    """
    issues = Issues()
    merged, sha256 = read_extended(path, issues)
    if isinstance(services := merged.get("services"), Sequence):
        binder = Binder(merged.get("hosts"), issues)
        bound = (binder.bind(service) if isinstance(service, Dictionary) else service for service in services)
        merged["services"] = Sequence(services.source, (service for service in bound if service is not None))
    return _inventory(merged, issues, sha256)


def adhoc_inventory(
    endpoints: Listing[str],
    *,
    trust: Listing[str] = (),
    server_name: str | None = None,
    policies: Listing[str] = (),
) -> Inventory:
    """An inventory of one service for each endpoint: a URL, `host:port` (any TLS) or `host` (HTTPS).

    Raises InputError whose file is "command line" and whose line is the endpoint's position.
    """

    def words(line: int, *texts: str) -> Sequence:
        return Sequence(at := Source("command line", line), [Scalar(text, text, at) for text in texts])

    def mapping(line: int, **items: Node) -> Dictionary:
        at = Source("command line", line)
        return Dictionary(at, [(at, key, value) for key, value in items.items()])

    certificate = {"certificate": mapping(1, trust=words(1, *trust))} if trust else {}
    sni = {"server_name": words(1, server_name)[0]} if server_name else {}
    services = Sequence(Source("command line", 1))
    for line, text in enumerate(endpoints, 1):
        url = _as_url(text)
        identity, name, address, tls = words(line, f"check-{line}", url, url, _expectation(url))
        at = mapping(line, url=address, **sni)
        endpoint = Sequence(at.source, [at])
        services.append(mapping(line, id=identity, name=name, endpoints=endpoint, tls=tls, **certificate))
    chosen = {"policies": words(1, *policies)} if policies else {}
    document = mapping(1, name=words(1, "check")[0], services=services, **chosen)
    # what is named ad hoc is all that is asked
    found = _inventory(document, Issues(), hashlib.sha256("\n".join(endpoints).encode()).hexdigest())
    return structs.replace(found, twins=False)


def _as_url(text: str) -> str:
    if "://" in text:
        return text
    try:
        IPv6Address(text)
    except AddressValueError:
        return f"tls://{text}" if re.search(r":\d*$", text) else f"https://{text}"
    return f"https://[{text}]"


def _expectation(url: str) -> TlsExpectation:
    """What to expect of an endpoint that is only named: as much TLS as its protocol has."""
    scheme = url.partition("://")[0].lower()
    if scheme == "http":
        return TlsExpectation.ADVISED
    try:
        reach_tls = protocol(scheme).reach_tls
    except KeyError:  # reported with the URL
        return TlsExpectation.REQUIRED
    return {
        ReachTls.IMPLICIT: TlsExpectation.REQUIRED,
        ReachTls.UPGRADE: TlsExpectation.STARTTLS_ENFORCED,
        ReachTls.NEVER: TlsExpectation.NONE,
    }[reach_tls]


def _inventory(merged: Dictionary, issues: Issues, sha256: str) -> Inventory:
    """Check and build; raises InputError with every issue there is."""
    zones, services = merged.get("zones"), merged.get("services")
    if isinstance(services, Sequence):
        _check_services(services, merged.get("waivers"), issues)
    checks: dict[tuple[type[Struct], str], Check] = {
        (Inventory, "policies"): values.policy,
        (Inventory, "sweep"): values.sweep,
        (Inventory, "scope"): values.scope,
        (Service, "id"): values.service_id,
        (Service, "policies"): values.policy,
        (DeclaredEndpoint, "url"): values.url,
        (DeclaredEndpoint, "address"): values.address,
        (DeclaredEndpoint, "server_name"): values.server_name,
        (CertificateExpectation, "pins"): values.pin,
        (CertificateExpectation, "trust"): values.trust,
        (Waiver, "rule"): values.one_of("rule", ("*", *identifiers("rules"))),
    }
    if isinstance(services, Sequence):
        declared = [node.text for service in services if (node := scalar(service, "id"))]
        for key in ("same_certificate", "all_or_none_tls"):
            checks[Service, key] = values.one_of("service", declared)
    if isinstance(zones, Sequence):
        names = [zone.text for zone in zones if isinstance(zone, Scalar)]
        checks[Service, "reachable_from"] = values.one_of("zone", names)
    known = [entry for entry in merged.entries() if entry[1] in accepted(Inventory)]
    inventory = Walker(issues, checks).record(Dictionary(merged.source, known), Inventory, "inventory")
    if inventory is None or issues:
        raise InputError(issues)
    return structs.replace(inventory, sha256=sha256)


def _check_services(services: Sequence, waivers: Node | None, issues: Issues) -> None:
    """An inventory declares something, and its waivers are about something declared."""
    if not services:
        issues.at(services.source, "'services' is empty: the inventory asserts nothing")
    ids = [node.text for service in services if (node := scalar(service, "id"))]
    for waiver in waivers if isinstance(waivers, Sequence) and ids else ():
        if (glob := scalar(waiver, "service")) and not any(fnmatchcase(one, glob.text) for one in ids):
            issues.at(glob.source, f"waiver for {glob.text!r} matches no service{nearest(glob.text, ids)}")
