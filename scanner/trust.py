"""Named trust stores, and what each says of a chain.

A store answers for the path alone: whether the chain leads to one of its anchors at a moment within the leaf's own
validity. Dates of the leaf, names, key sizes and signatures are judged by rules of their own, so that one defect is
one finding. Path building is OpenSSL's, the one inside cryptography's wheel; the stores are named explicitly, and
`SSL_CERT_FILE` and its like change nothing.
"""

import warnings
from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID
from OpenSSL import crypto

from scanner.observations.certificate import Trust
from scanner.wire.text import printable
from scanner.wire.x509 import UNREADABLE, certificate_facts, load

SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, OpenBSD
)
MAX_SERVED = 32
"""Certificates of a chain that path building looks at; no honest server sends more."""

_MISSING_ISSUER = {2, 20, 21}
"""X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, …_LOCALLY, …_UNABLE_TO_VERIFY_LEAF_SIGNATURE."""
_SELF_SIGNED_LEAF = 18
_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME, which pyOpenSSL does not name."""


class StoreError(Exception):
    """A trust store that cannot be read."""


def store_files(name: str) -> list[Path]:
    """The PEM files behind `system`, `mozilla` or a path. Raises StoreError when there are none."""
    if name == "mozilla":
        return [Path(certifi.where())]
    if name == "system":
        found = [Path(bundle) for bundle in SYSTEM_BUNDLES if Path(bundle).is_file()][:1]
    else:
        path = Path(name)
        found = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
    if not found:
        raise StoreError(f"trust store '{name}' has no certificates on this host")
    return found


def _anchors(name: str) -> tuple[x509.Certificate, ...]:
    anchors: list[x509.Certificate] = []
    try:
        for path in store_files(name):
            text = path.read_bytes()
            if b"-----BEGIN CERTIFICATE-----" in text:  # a folder may hold other files
                anchors += _parsed(text)
    except OSError as error:
        raise StoreError(f"trust store '{name}': {error.strerror}: {error.filename}") from error
    except (ValueError, x509.InvalidVersion) as error:
        # Without this anchor a chain might look untrusted that is not.
        raise StoreError(
            printable(f"trust store '{name}': {path} holds a certificate that is malformed: {error}")
        ) from error
    if not anchors:
        raise StoreError(f"trust store '{name}' holds no certificate")
    return tuple(anchors)


def _parsed(text: bytes) -> list[x509.Certificate]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old anchors are not quite by the book
        return x509.load_pem_x509_certificates(text)


@cache
def _store(name: str) -> crypto.X509Store:
    store = crypto.X509Store()
    for anchor in _anchors(name):
        store.add_cert(crypto.X509.from_cryptography(anchor))
    # An intermediate that a site declares is an anchor; dates are looked at below, since a store keeps its first time.
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN | _NO_CHECK_TIME)
    return store


def evaluate(chain: Sequence[bytes], store_name: str, now: datetime) -> Trust:
    """What a store says of a chain (DER, leaf first) at the moment of the leaf's validity that is next to `now`."""
    try:
        store = _store(store_name)
    except StoreError as error:
        return Trust(trusted=None, why=str(error))
    served = tuple(chain[:MAX_SERVED])
    try:
        (begins, ends), *_ = lifetimes = [_lifetime(der) for der in served]
    except ValueError as error:
        return _malformed(error)
    moment = min(max(now, begins), ends)
    valid = tuple(begins <= moment <= ends for begins, ends in lifetimes)
    return _verdict(store, served, valid, f"{moment:%Y-%m-%d}")


@lru_cache(maxsize=256)  # one certificate often serves many endpoints, and nothing else decides
def _verdict(store: crypto.X509Store, served: tuple[bytes, ...], valid: tuple[bool, ...], day: str) -> Trust:
    try:
        leaf, *others = [crypto.X509.from_cryptography(load(der)) for der in served]
    except crypto.Error as error:
        return _malformed(error)
    current = [other for other, is_valid in zip(others, valid[1:], strict=True) if is_valid]
    if _leads_to_anchor(store, leaf, current):
        return Trust(trusted=True)
    try:
        path = crypto.X509StoreContext(store, leaf, others).get_verified_chain()
    except crypto.X509StoreContextError as error:
        return _refusal(error)
    known = {_der(other) for other in current}
    outdated = [der for der in map(_der, path[1:-1]) if der not in known]
    if not outdated:
        return Trust(trusted=True)
    name = certificate_facts(outdated[0]).subject
    return Trust(trusted=False, why=printable(f"the intermediate '{name}' is not valid at {day}"))


@lru_cache(maxsize=256)
def _lifetime(der: bytes) -> tuple[datetime, datetime]:
    certificate = load(der)
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc


def _malformed(error: Exception) -> Trust:
    return Trust(trusted=False, why=printable(f"a certificate of the chain is malformed: {error}"))


def _leads_to_anchor(store: crypto.X509Store, leaf: crypto.X509, others: list[crypto.X509]) -> bool:
    """Whether there is a path.

    OpenSSL follows one alone. Of an issuer that was renewed or cross-signed, several certificates may be served, so
    the one that it stumbles over is left out, and the next path is tried.
    """
    while True:
        try:
            crypto.X509StoreContext(store, leaf, others).verify_certificate()
        except crypto.X509StoreContextError as error:
            blamed = _der(error.certificate)
            left = [other for other in others if _der(other) != blamed]
            if len(left) == len(others):
                return False
            others = left
        else:
            return True


def _der(certificate: crypto.X509) -> bytes:
    return crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate)


def _refusal(error: crypto.X509StoreContextError) -> Trust:
    code = error.errors[0]
    der = _der(error.certificate)
    facts = certificate_facts(der)
    if code in _MISSING_ISSUER:
        why = printable(f"issuer '{facts.issuer}' is neither served nor in the store")
        depth = error.errors[1]  # above the leaf, what is missing may well be the root, which nobody serves
        return Trust(trusted=False, why=why, incomplete=depth == 0 and _names_its_issuer(load(der)))
    if code == _SELF_SIGNED_LEAF:
        return Trust(trusted=False, why=printable(f"self-signed: '{facts.subject}' is not in the store"))
    return Trust(trusted=False, why=printable(f"{error.errors[2]} ('{facts.subject}')"))


def _names_its_issuer(certificate: x509.Certificate) -> bool:
    """Whether it says where its issuer is to be had (RFC 5280 §4.2.2.1).

    Then the issuer is no anchor that a store would have to hold, and the server should have sent it.
    """
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False
    return any(entry.access_method == AuthorityInformationAccessOID.CA_ISSUERS for entry in access)
