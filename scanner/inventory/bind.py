"""`{name}` in endpoints → the hosts a site binds it to; a list makes one endpoint for each host."""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv6Address
from itertools import product
from math import prod

from scanner.declared import Source
from scanner.registry import nearest
from scanner.yamlfile import Dictionary, Issues, Node, Scalar, Sequence

MAX_ENDPOINTS = 200_000
"""Endpoints an inventory may fan out to: twice the largest estate the scanner is measured with."""

HOST_KEY = re.compile(r"[\w.-]+")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_BOUND_FIELDS = ("url", "address", "server_name")
_UNBOUND = "unbound.invalid"
"""Stands in for a name without a host, so that the rest of its endpoint is still checked (RFC 6761 §6.4)."""


class Binder:
    """Replaces an inventory's `endpoints` by what they mean on this site."""

    def __init__(self, hosts: Node | None, issues: Issues) -> None:
        self.hosts: dict[str, list[str]] = {}
        self.issues = issues
        self.count = 0
        for name, bound in hosts.items() if isinstance(hosts, Dictionary) else ():
            items = bound if isinstance(bound, Sequence) else [bound]
            self.hosts[name] = [item.text for item in items if isinstance(item, Scalar)]

    def bind(self, service: Dictionary) -> Dictionary | None:
        """The service with each endpoint as a mapping, bound and fanned out; None when the site has no host for it."""
        endpoints = service.get("endpoints")
        if not isinstance(endpoints, Sequence):
            return service
        if not endpoints:
            self.issue(endpoints.source, "'endpoints' is empty: the service asserts nothing")
        mistakes = len(self.issues)
        bound = Sequence(endpoints.source)
        seen: set[tuple[str, ...]] = set()
        for declared in endpoints:
            for endpoint in self.expand(declared):
                # server_name is no part of it: in a report, URL and address are what tells endpoints apart
                identity = _text(endpoint, "url"), _text(endpoint, "address")
                if identity in seen:
                    self.issue(declared.source, f"endpoint {identity[0]!r} is declared twice")
                seen.add(identity)
                bound.append(endpoint)
        if endpoints and not bound and len(self.issues) == mistakes:
            return None
        at = service.keys_at["endpoints"]
        return Dictionary(service.source, [*service.entries(), (at, "endpoints", bound)])

    def issue(self, at: Source, message: str) -> None:
        """Note a mistake."""
        self.issues.add(at.file, at.line, message)

    def expand(self, endpoint: Node) -> Iterator[Node]:
        """One mapping for each combination of hosts; what is no endpoint at all is left for the record to refuse."""
        if isinstance(endpoint, Scalar) and isinstance(endpoint.value, str):
            endpoint = Dictionary(endpoint.source, [(endpoint.source, "url", endpoint)])
        if not isinstance(endpoint, Dictionary):
            yield endpoint
            return
        found = [self.placeholders(endpoint.get(field)) for field in _BOUND_FIELDS]
        if None in found:
            return
        names = list(dict.fromkeys(name for names in found for name in names or ()))
        choices = [self.hosts.get(name, [_UNBOUND]) for name in names]
        self.count += prod(map(len, choices))
        if self.count > MAX_ENDPOINTS:
            self.issue(endpoint.source, f"the inventory fans out to more than {MAX_ENDPOINTS} endpoints")
            return
        for hosts in product(*choices):
            yield _substitute(endpoint, dict(zip(names, hosts, strict=True)))

    def placeholders(self, node: Node | None) -> list[str] | None:
        """Names in braces, those without a host being issues; None when the braces themselves are wrong."""
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            return []
        names: list[str] = _PLACEHOLDER.findall(node.value)
        if "{" in (rest := _PLACEHOLDER.sub("", node.value)) or "}" in rest:
            self.issue(node.source, f"{node.value!r} has a brace without its partner: a host is written as {{name}}")
            return None
        for name in names:
            if not HOST_KEY.fullmatch(name):
                self.issue(node.source, f"{node.value!r}: {{{name}}} names no host")
            elif name not in self.hosts:
                hint = nearest(name, list(self.hosts)) or f": add it to 'hosts', as {name}: mail.example.com"
                self.issue(node.source, f"unbound host {{{name}}}{hint}")
        return names


def _substitute(endpoint: Dictionary, hosts: dict[str, str]) -> Dictionary:
    """One endpoint with its names replaced; an address without a host is left out, it could only be wrong."""

    def entries() -> Iterator[tuple[Source, str, Node]]:
        for at, key, node in endpoint.entries():
            if key not in _BOUND_FIELDS or not isinstance(node, Scalar) or not isinstance(node.value, str):
                yield at, key, node
                continue
            text = _PLACEHOLDER.sub(lambda match: _host(hosts[match[1]], in_url=key == "url"), node.value)  # noqa: B023 - used at once
            if not (key == "address" and text == _UNBOUND):
                yield at, key, Scalar(text, text, node.source)

    return Dictionary(endpoint.source, entries())


def _host(value: str, *, in_url: bool) -> str:
    """An IPv6 literal stands in brackets in a URL (RFC 3986 §3.2.2), and nowhere else."""
    bare = value.removeprefix("[").removesuffix("]")
    try:
        IPv6Address(bare)
    except AddressValueError:
        return value
    return f"[{bare}]" if in_url else bare


def _text(endpoint: Node, field: str) -> str:
    node = endpoint.get(field) if isinstance(endpoint, Dictionary) else None
    return node.text if isinstance(node, Scalar) else ""
