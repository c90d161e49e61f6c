"""DER certificates to facts, field by field: a certificate that is malformed in one place still shows the others."""

import warnings
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from msgspec.structs import replace

from scanner.observations.certificate import CertificateFacts, PublicKey
from scanner.wire import ber
from scanner.wire.errors import MalformedError
from scanner.wire.text import printable

T = TypeVar("T")

MAX_TEXT = 1024
UNREADABLE = (
    *(ValueError, TypeError, KeyError, UnsupportedAlgorithm),
    *(x509.DuplicateExtension, x509.UnsupportedGeneralNameType),
)
"""What cryptography raises for a field that it cannot read."""


def pem(der: bytes) -> str:
    """RFC 7468 text of a certificate, well-formed or not."""
    text = b64encode(der).decode("ascii")
    lines = "\n".join(text[i : i + 64] for i in range(0, len(text), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def load(der: bytes) -> x509.Certificate:
    """The certificate, without a warning of what is not quite by the book. Raises MalformedError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return x509.load_der_x509_certificate(der)
        except (ValueError, x509.InvalidVersion) as error:
            raise MalformedError(f"certificate: {error}") from error


@lru_cache(maxsize=1024)  # intermediates, and leafs behind many names, come again and again
def certificate_facts(der: bytes) -> CertificateFacts:
    """What one certificate says (RFC 5280). Never raises: what does not parse is empty and named in `malformed`."""
    digest = sha256(der).hexdigest()
    try:
        parsed = load(der)
    except MalformedError as error:
        return CertificateFacts(subject="", sha256=digest, pem=pem(der), malformed=printable(str(error)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what cryptography warns of is for rules to say
        return _facts(parsed, digest, pem(der))


def _facts(parsed: x509.Certificate, digest: str, text: str) -> CertificateFacts:
    problems: list[str] = []

    def field(name: str, read: Callable[[], T], empty: T) -> T:
        try:
            return read()
        except UNREADABLE as error:
            # cryptography's KeyError is the tag of a string type it does not know
            problems.append(f"{name}: {f'string of type {error}' if isinstance(error, KeyError) else error}")
            return empty

    subject = field("subject", lambda: _name(parsed.subject), "")
    issuer = field("issuer", lambda: _name(parsed.issuer), "")
    facts = CertificateFacts(
        subject=subject,
        common_names=field("subject", lambda: _common_names(parsed.subject), ()),
        names=field("subjectAltName", lambda: _alternative_names(parsed), ()),
        ip_addresses=field("subjectAltName", lambda: _addresses(parsed), ()),
        issuer=issuer,
        serial=field("serial", lambda: f"{parsed.serial_number:X}", ""),
        not_before=field("notBefore", lambda: _time(parsed.not_valid_before_utc), ""),
        not_after=field("notAfter", lambda: _time(parsed.not_valid_after_utc), ""),
        key=field("subjectPublicKeyInfo", lambda: _key(parsed), PublicKey(type="unknown", bits=0)),
        signature=field("signature", lambda: _signature(parsed), ""),
        is_ca=field("basicConstraints", lambda: _is_ca(parsed), empty=False),
        self_issued=bool(subject) and subject == issuer,
        sha256=digest,
        spki_sha256=field("subjectPublicKeyInfo", lambda: _pin(parsed), ""),
        pem=text,
    )
    return replace(facts, malformed=printable("; ".join(dict.fromkeys(problems)), MAX_TEXT)) if problems else facts


def _name(name: x509.Name) -> str:
    return printable(name.rfc4514_string(), MAX_TEXT)


def _common_names(name: x509.Name) -> tuple[str, ...]:
    return tuple(printable(str(a.value), 256) for a in name.get_attributes_for_oid(x509.NameOID.COMMON_NAME))


def _alternative_names(parsed: x509.Certificate) -> tuple[str, ...]:
    try:
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return (*(printable(name, 256) for name in names.get_values_for_type(x509.DNSName)), *_addresses(parsed))


def _addresses(parsed: x509.Certificate) -> tuple[str, ...]:
    try:
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(address) for address in names.get_values_for_type(x509.IPAddress))


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


_ML_DSA = {
    "2.16.840.1.101.3.4.3.17": PublicKey(type="ml-dsa-44", bits=10496),
    "2.16.840.1.101.3.4.3.18": PublicKey(type="ml-dsa-65", bits=15616),
    "2.16.840.1.101.3.4.3.19": PublicKey(type="ml-dsa-87", bits=20736),
}
"""RFC 9881 §4: sizes of the public keys of FIPS 204, which have no other parameter."""


def _key(parsed: x509.Certificate) -> PublicKey:
    algorithm = parsed.public_key_algorithm_oid
    if algorithm.dotted_string in _ML_DSA:
        return _ML_DSA[algorithm.dotted_string]
    key = parsed.public_key()
    match key:
        case rsa.RSAPublicKey():
            # RFC 4055 §1.2: a key for RSASSA-PSS alone
            kind = "rsa-pss" if algorithm == x509.PublicKeyAlgorithmOID.RSASSA_PSS else "rsa"
            return PublicKey(type=kind, bits=key.key_size)
        case ec.EllipticCurvePublicKey():
            return PublicKey(type="ecdsa", bits=key.key_size, curve=key.curve.name)
        case ed25519.Ed25519PublicKey():
            return PublicKey(type="ed25519", bits=256)
        case ed448.Ed448PublicKey():
            return PublicKey(type="ed448", bits=456)
        case dsa.DSAPublicKey():
            return PublicKey(type="dsa", bits=key.key_size)
    return PublicKey(type="unknown", bits=0)


def _signature(parsed: x509.Certificate) -> str:
    oid = parsed.signature_algorithm_oid
    if oid == x509.SignatureAlgorithmOID.RSASSA_PSS:
        hashed = parsed.signature_hash_algorithm
        return f"rsassaPss with {hashed.name}" if hashed else "rsassaPss"
    name = getattr(oid, "_name", "Unknown OID")
    return oid.dotted_string if name == "Unknown OID" else str(name)


def _is_ca(parsed: x509.Certificate) -> bool:
    try:
        return parsed.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _pin(parsed: x509.Certificate) -> str:
    """Over the bytes as they are (RFC 7469 §2.4), whether or not the key is of a known kind."""
    [tbs] = ber.elements(parsed.tbs_certificate_bytes)
    fields = ber.elements(tbs.content)
    versioned = fields[0].where == (ber.CONTEXT, 0)
    spki = ber.constructed(ber.UNIVERSAL, ber.SEQUENCE, fields[6 if versioned else 5].content)
    return b64encode(sha256(spki).digest()).decode("ascii")
