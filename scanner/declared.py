"""The records of an inventory: what a site runs, and what it expects of it. Nothing of ours is imported here."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct


class ProtectionNeed(StrEnum):
    """What a breach of the service would cost its owner (BSI-Standard 200-2, protection requirements)."""

    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very high"


class TlsExpectation(StrEnum):
    """What the inventory expects of a service's transport."""

    REQUIRED = "required"
    """A listener that carries content in plaintext is a violation."""
    ADVISED = "advised"
    """Plaintext violates the advice to encrypt whenever possible; a notch less severe than `required`."""
    STARTTLS_ENFORCED = "starttls-enforced"
    """The plaintext port may be open, but no credential may be accepted before TLS."""
    NONE = "none"
    """The product offers no encryption: only the boundary is checked."""


class Source(Struct, frozen=True):
    """Where in a file something was declared."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class CertificateExpectation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the inventory declares about a service's certificate; what is left out is not judged."""

    subject: str | None = None
    """A host name among the certificate's names, or a distinguished name (RFC 4514) the subject contains."""
    names: tuple[str, ...] = ()
    """Names the certificate must cover besides the one connected to."""
    issuer: str | None = None
    """A distinguished name (RFC 4514), or a common name, of the issuer."""
    pins: tuple[str, ...] = ()
    """`sha256/<base64>` digests of SubjectPublicKeyInfo (RFC 7469 §2.4), and of `ssh` endpoints the host keys'
    fingerprints, `SHA256:…` as `ssh-keygen -l` prints them; one match suffices."""
    trust: tuple[str, ...] = ("system",)
    """`system`, `mozilla`, or a PEM file or folder beside the inventory. Every one of them must trust the chain."""


class DeclaredEndpoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One endpoint as declared: a URL, perhaps pinned to one node."""

    url: str
    address: str | None = None
    """Connect here instead of resolving the URL's host name."""
    server_name: str | None = None
    """Name sent as SNI and expected in the certificate, instead of the URL's host."""


class Service(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One declared channel."""

    id: str
    name: str = ""
    endpoints: tuple[DeclaredEndpoint, ...]
    reachable_from: tuple[str, ...] = ()
    """Zones the service may be reached from; empty: not judged."""
    direction: Literal["inbound", "outbound"] = "inbound"
    """`outbound`: others run it, and the hosts in the zones of `reachable_from` connect to it."""
    tls: TlsExpectation = TlsExpectation.REQUIRED
    data: str = ""
    """What travels over it."""
    authentication: str = ""
    """How its users, or the other end, prove who they are."""
    protection_need: ProtectionNeed = ProtectionNeed.HIGH
    owner: str = ""
    certificate: CertificateExpectation = CertificateExpectation()
    nodes_alike: bool = False
    """Whether every address of a URL has to show the same certificate and TLS configuration; else that is advised."""
    same_certificate: tuple[str, ...] = ()
    """IDs of services that have to show the same certificate as this one."""
    all_or_none_tls: tuple[str, ...] = ()
    """IDs of services that, together with this one, have TLS on all of their endpoints or on none."""
    policies: tuple[str, ...] = ()
    """Policies for this service instead of the inventory's."""
    source: Source | None = None

    def is_elsewhere(self, zone: str | None) -> bool:
        """Whether it is outbound from other zones than the one that a scan runs in."""
        outbound = self.direction == "outbound" and bool(self.reachable_from)
        return outbound and zone is not None and zone not in self.reachable_from


class Waiver(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An accepted deviation: marks findings, never removes them, and lapses the day after `expires`."""

    rule: str
    service: str
    """A service ID; shell globs (`OX-*`) are allowed."""
    reason: str
    owner: str
    expires: date
    approval: str = ""
    source: Source | None = None


class Inventory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything one file (and what it extends) declares, bound to hosts."""

    name: str
    services: tuple[Service, ...]
    zones: tuple[str, ...] = ()
    policies: tuple[str, ...] = ("site",)
    waivers: tuple[Waiver, ...] = ()
    twins: bool = True
    """Whether the plaintext twin of each TLS port is looked at as well, declared or not: 443 → 80, 993 → 143, …"""
    sweep: tuple[str, ...] = ()
    """Plaintext ports to look for on every host: `well-known`, names (telnet, redis, …) or numbers."""
    scope: tuple[str, ...] = ()
    """Networks, addresses and host names (`*.example.com`) that may be connected to; empty: all that is declared."""
    sha256: str = ""
    """Digest of the files it was read from."""

    @property
    def all_policies(self) -> tuple[str, ...]:
        """Its own, and those that services have instead."""
        return (*self.policies, *(name for service in self.services for name in service.policies))


def split_endpoint(url: str) -> tuple[str, str, int | None]:
    """Split an endpoint URL into (scheme, host, port or None).

    Raises ValueError with a message for people. The host of `https://[::1]:443` is `::1`.
    """
    parts = urlsplit(url)
    if not parts.scheme or "://" not in url:
        raise ValueError(f"{url!r} is not a URL such as https://host:443")
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError(f"port of {url!r} is not a number from 1 to 65535") from error
    if port == 0:
        raise ValueError(f"port of {url!r} is not a number from 1 to 65535")
    if not parts.hostname:
        raise ValueError(f"{url!r} names no host")
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"{parts.scheme}://…@{parts.hostname}: credentials do not belong in an inventory")
    return parts.scheme, parts.hostname, port


def report_order(inventory: Inventory) -> Callable[[str, str, str], tuple[int, int, str, str]]:
    """Where an endpoint stands in a report, as a sort key made of service, URL and address.

    As declared, addresses sorted; what was looked at beside a service's own stands after it.
    """
    places = {
        (service.id, endpoint.url): (i, j)
        for i, service in enumerate(inventory.services)
        for j, endpoint in enumerate(service.endpoints)
    }
    last = {service.id: (i, len(service.endpoints)) for i, service in enumerate(inventory.services)}

    def place(service: str, url: str, address: str) -> tuple[int, int, str, str]:
        return *places.get((service, url), last[service]), url, address

    return place
