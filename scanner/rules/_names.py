"""What rules share about names: host names in certificates, distinguished names, the https twin of an http endpoint."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from scanner.declared import Service, split_endpoint
from scanner.model import Endpoint

OWN_ENCRYPTION = {
    "kerberos": "kerberos-encryption-too-weak",
    "kerberos-tcp": "kerberos-encryption-too-weak",
    "ssh": "ssh-algorithm-too-weak",
}
"""URL scheme of what has no TLS and encrypts all the same → the rule that judges how."""

# RFC 4514 §3 and RFC 4519, with the spellings that OpenSSL and Java print; anything else is compared as written.
_ATTRIBUTES = {
    "cn": ("2.5.4.3", "commonname"),
    "serialnumber": ("2.5.4.5",),
    "c": ("2.5.4.6", "countryname"),
    "l": ("2.5.4.7", "localityname"),
    "st": ("2.5.4.8", "s", "stateorprovincename"),
    "street": ("2.5.4.9", "streetaddress"),
    "o": ("2.5.4.10", "organizationname"),
    "ou": ("2.5.4.11", "organizationalunitname"),
    "uid": ("0.9.2342.19200300.100.1.1", "userid"),
    "dc": ("0.9.2342.19200300.100.1.25", "domaincomponent"),
    "emailaddress": ("1.2.840.113549.1.9.1", "e", "email"),
}
_CANONICAL = {spelling: name for name, spellings in _ATTRIBUTES.items() for spelling in spellings}
_ESCAPED = re.compile(r"((?:\\[0-9A-Fa-f]{2})+)|\\(.)", re.DOTALL)
_PAIR = re.compile(r"((?:\\.|[^\\,+])*)([,+]|\Z)", re.DOTALL)


def address(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address a text spells, or None."""
    try:
        return ip_address(text.partition("%")[0])  # a certificate knows no interface (RFC 4007 §11)
    except ValueError:
        return None


def host_form(name: str) -> str:
    """A host name as certificates spell it: A-labels, lower case, no trailing dot (RFC 9525 §6.3)."""
    name = name.removesuffix(".")
    if name.isascii():
        return name.lower()
    try:
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return name.lower()


def spells(presented: str, reference: str) -> bool:
    """Whether a certificate's text is the reference host name or IP address.

    Only the reference is brought into form: a presented name that is not in A-labels is not a DNS name (RFC 5280 §7.2).
    """
    if (wanted := address(reference)) is not None:
        return wanted == address(presented)
    return bool(presented) and presented.lower() == host_form(reference)


def covers(presented: str, reference: str) -> bool:
    """Whether an identifier in a certificate covers a reference identifier (RFC 9525 §6.3 and §6.4).

    `*` stands for exactly one label, and only as the whole left-most one. An address is covered by itself alone.
    """
    if spells(presented, reference):
        return True
    if address(reference) is not None:
        return False
    first, _, rest = presented.lower().partition(".")
    label, _, parent = host_form(reference).partition(".")
    return first == "*" and bool(label) and bool(parent) and rest == parent


def dn_parts(text: str) -> frozenset[tuple[str, str]]:
    """The (attribute, value) pairs of a distinguished name in RFC 4514 form, without their order.

    Values are compared as caseIgnoreMatch does (RFC 4517 §4.2.11): case and repeated spaces do not count. Raises
    ValueError for what is no such name.
    """
    pairs = set()
    position = 0
    while text:
        piece = _PAIR.match(text, position)
        if piece is None:
            raise ValueError(f"{text!r} ends within an escape")
        attribute, equals, value = piece[1].partition("=")
        if not equals or not attribute.strip():
            raise ValueError(f"{piece[1]!r} is not ATTRIBUTE=VALUE (a comma within a value is written '\\,')")
        name = attribute.strip().lower().removeprefix("oid.")
        pairs.add((_CANONICAL.get(name, name), _folded(_ESCAPED.sub(_unescaped, value))))
        position = piece.end()
        if not piece[2]:
            break
    return frozenset(pairs)


def _folded(value: str) -> str:
    return " ".join(value.casefold().split())


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return bytes.fromhex(found[1].replace("\\", "")).decode("utf-8", "replace")
    return str(found[2])


def common_name(value: str) -> tuple[str, str]:
    """The part of a distinguished name that a common name makes."""
    return "cn", _folded(value)


def has_https_twin(endpoint: Endpoint, service: Service) -> bool:
    """Whether the service declares https on the endpoint's host too."""
    for declared in service.endpoints:
        try:
            scheme, host, _ = split_endpoint(declared.url)
        except ValueError:
            continue
        if scheme == "https" and spells(host_form(host), endpoint.host):
            return True
    return False


def leads_home(redirect: str, endpoint: Endpoint) -> bool:
    """Whether a redirect leads to https on the same host."""
    # Browsers read a backslash as a slash and drop control characters, so such a URL need not lead where it seems to.
    if "\\" in redirect or " " in redirect or not redirect.isprintable():
        return False
    try:
        parts = urlsplit(redirect)
    except ValueError:
        return False
    host = parts.hostname
    homes = [name for name in (endpoint.host, endpoint.server_name) if name]
    return parts.scheme == "https" and host is not None and any(spells(host_form(host), home) for home in homes)
