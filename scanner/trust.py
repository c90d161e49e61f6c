"""Named trust stores, and what each says of a chain.

A store answers for the path alone: whether the chain leads to one of its anchors at a moment within the leaf's own
validity. Dates of the leaf, names, key sizes and signatures are judged by rules of their own, so that one defect is
one finding. Path building is OpenSSL's, the one inside cryptography's wheel; the stores are named explicitly, and
`SSL_CERT_FILE` and its like change nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID
from OpenSSL import crypto

from scanner.observations.certificate import Trust
from scanner.wire.text import printable

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
    for path in store_files(name):
        try:
            anchors += x509.load_pem_x509_certificates(path.read_bytes())
        except OSError as error:
            raise StoreError(f"trust store '{name}': {error.strerror}: {path}") from error
        except ValueError:
            continue  # a folder may hold other files
    if not anchors:
        raise StoreError(f"trust store '{name}' holds no certificate")
    return tuple(anchors)


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
    try:
        served = [x509.load_der_x509_certificate(der) for der in chain[:MAX_SERVED]]
        leaf = served[0]
        moment = min(max(now, leaf.not_valid_before_utc), leaf.not_valid_after_utc)
    except (ValueError, IndexError) as error:
        return Trust(trusted=False, why=printable(f"a certificate of the chain is malformed: {error}"))
    context = crypto.X509StoreContext(
        store, crypto.X509.from_cryptography(leaf), [crypto.X509.from_cryptography(other) for other in served[1:]]
    )
    try:
        context.verify_certificate()
    except crypto.X509StoreContextError as error:
        return _refusal(error)
    path = [certificate.to_cryptography() for certificate in context.get_verified_chain()]
    for issuer in path[1:-1]:
        if not issuer.not_valid_before_utc <= moment <= issuer.not_valid_after_utc:
            name = printable(issuer.subject.rfc4514_string(), 200)
            return Trust(trusted=False, why=f"the intermediate '{name}' is not valid at {moment:%Y-%m-%d}")
    return Trust(trusted=True)


def _refusal(error: crypto.X509StoreContextError) -> Trust:
    code = error.errors[0]
    blamed = error.certificate.to_cryptography()
    subject, issuer = (printable(name.rfc4514_string(), 200) for name in (blamed.subject, blamed.issuer))
    if code in _MISSING_ISSUER:
        why = f"issuer '{issuer}' is neither served nor in the store"
        return Trust(trusted=False, why=why, incomplete=_names_its_issuer(blamed))
    if code == _SELF_SIGNED_LEAF:
        return Trust(trusted=False, why=f"self-signed: '{subject}' is not in the store")
    return Trust(trusted=False, why=printable(f"{error.errors[2]} ('{subject}')"))


def _names_its_issuer(certificate: x509.Certificate) -> bool:
    """Whether it says where its issuer is to be had (RFC 5280 §4.2.2.1).

    Then the issuer is no anchor that a store would have to hold, and the server should have sent it.
    """
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return any(entry.access_method == AuthorityInformationAccessOID.CA_ISSUERS for entry in access)
