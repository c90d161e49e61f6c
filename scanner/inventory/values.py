"""What single values of an inventory must look like: each check takes the text and where it stands.

It returns what to store, or raises ValueError with a message for people.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path

from cryptography import x509

from scanner.declared import Source, split_endpoint
from scanner.protocols import protocol
from scanner.registry import data_files, identifiers, nearest
from scanner.undeclared import SWEPT, WELL_KNOWN

_LABEL = r"[^\W_](?:[\w-]*\w)?|_[\w-]*\w"
_HOST_NAME = re.compile(rf"(?:{_LABEL})(?:\.(?:{_LABEL}))*\.?")
TRUST_STORES = ("system", "mozilla")


def suggestion(word: str, known: Collection[str]) -> str:
    """The nearest known word, or all of them when none is near."""
    return nearest(word, list(known)) or f": one of {', '.join(known) or 'none yet'}"


def one_of(what: str, known: Collection[str]) -> Callable[[str, Source], str]:
    """A check that a word is among the known ones."""
    words = list(known)

    def check(value: str, _: Source) -> str:
        if value not in words:
            raise ValueError(f"unknown {what} {value!r}{suggestion(value, words)}")
        return value

    return check


def url(value: str, _: Source) -> str:
    """An endpoint's URL: a registered scheme, a host, a port where the scheme has no default."""
    scheme, host, port = split_endpoint(value)
    try:
        default_port = _default_port(scheme)
    except KeyError as error:
        raise ValueError(f"unknown scheme {scheme!r}{suggestion(scheme, identifiers('protocols'))}") from error
    if port is None and default_port is None:
        raise ValueError(f"{value!r} needs a port: {scheme} has none of its own")
    if not _is_address(host) and not _is_host_name(host):
        raise ValueError(f"{host!r} in {value!r} is neither a host name nor an address")
    return value


def address(value: str, _: Source) -> str:
    """A numeric address."""
    if not _is_address(value):
        raise ValueError(f"{value!r} is not a numeric IPv4 or IPv6 address")
    return value


def server_name(value: str, _: Source) -> str:
    """A host name: SNI carries no addresses (RFC 6066 §3)."""
    if not _is_host_name(value):
        raise ValueError(f"{value!r} is not a host name")
    return value


def service_id(value: str, _: Source) -> str:
    """A word that a waiver's glob can match literally."""
    if re.search(r"[\s*?\[\]]", value) or not value.isprintable():
        raise ValueError(f"{value!r} may not contain spaces or any of * ? [ ]")
    return value


def pin(value: str, _: Source) -> str:
    """A public key's digest (RFC 7469 §2.4), or an SSH host key's fingerprint as `ssh-keygen -l` prints it."""
    fingerprint = value.startswith("SHA256:")
    encoded = value.removeprefix("SHA256:") + "=" if fingerprint else value.removeprefix("sha256/")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        digest = b""
    if encoded == value or len(digest) != 32:
        raise ValueError(f"{value!r} is neither sha256/ and the base64 of 32 bytes, nor SHA256: and an SSH fingerprint")
    return value


def trust(value: str, at: Source) -> str:
    """A trust store by name, or the absolute path of a PEM file or a folder."""
    if value in TRUST_STORES:
        return value
    path = beside(value, at)
    try:
        if path.is_dir():
            return str(path)
        if path.is_file():
            x509.load_pem_x509_certificate(path.read_bytes())  # the first one
            return str(path)
    except (OSError, ValueError) as error:
        raise ValueError(f"{value!r} holds no readable PEM certificate") from error
    raise ValueError(f"{value!r} is not system, mozilla, a PEM file or a folder{nearest(value, TRUST_STORES)}")


def policy(value: str, at: Source) -> str:
    """A shipped policy by ID, or the absolute path of a site's own."""
    if not is_path(value):
        return one_of("policy", data_files("policies", ".yaml"))(value, at)
    path = beside(value, at)
    if not path.is_file():
        raise ValueError(f"{value!r} is not a file")
    return str(path)


def sweep(value: str, _: Source) -> str:
    """A service that is well known to talk in plaintext, all of them, or a port."""
    if value.isdecimal():
        if not 1 <= int(value) <= 65535:
            raise ValueError(f"port {value} is not a number from 1 to 65535")
        return str(int(value))
    return one_of("name to sweep for", (WELL_KNOWN, *SWEPT))(value, _)


def scope(value: str, _: Source) -> str:
    """A network, an address or a host name, which may begin with `*.`."""
    try:
        return str(ipaddress.ip_network(value))
    except ValueError as error:
        if "/" in value:
            raise ValueError(f"{value!r} is not a network: {error}") from error
    if not _is_host_name(value.removeprefix("*.")):
        raise ValueError(f"{value!r} is neither a network, an address nor a host name")
    return value


def is_path(value: str) -> bool:
    """Whether a name means a file of the site instead of a shipped one."""
    return "/" in value or value.endswith((".yaml", ".yml"))


def beside(value: str, at: Source) -> Path:
    """A path as the file that names it means it."""
    if "\0" in value:
        raise ValueError(f"{value!r} is not a path")
    return (Path(at.file).parent / value).resolve()


@cache
def _default_port(scheme: str) -> int | None:
    """Cached because an inventory may ask for each of 100,000 endpoints."""
    return protocol(scheme).port


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_host_name(host: str) -> bool:
    """RFC 1123 §2.1, with underscores and international letters; what ends in a number is a broken address."""
    return (
        len(host) <= 253
        and _HOST_NAME.fullmatch(host) is not None
        and not host.rstrip(".").rpartition(".")[2].isdigit()
    )
