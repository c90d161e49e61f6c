"""A certification authority of the test session: root, intermediate, and the leaves that servers need, sound or not."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

SERVER_NAME = "mail.example.test"
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Validity = Literal["now", "past", "future"]
_DAYS: dict[Validity, tuple[int, int]] = {"now": (-1, 90), "past": (-91, -1), "future": (30, 120)}
"""First and last day of validity, counted from today."""


@dataclass(frozen=True, kw_only=True)
class CertificateSpec:
    """What a leaf and the chain served with it are like."""

    key_type: Literal["rsa", "ecdsa"] = "rsa"
    bits: int = 2048
    """Of an RSA key; ECDSA keys are P-256."""
    names: tuple[str, ...] = (SERVER_NAME,)
    validity: Validity = "now"
    self_signed: bool = False
    with_intermediate: bool = True
    """Whether the intermediate is served after the leaf: without it the chain is incomplete."""
    key_encipherment: bool = False
    """Key usage (RFC 5280 §4.2.1.3) that allows RSA key exchange: GnuTLS and NSS insist on it, OpenSSL does not."""


@dataclass(frozen=True, kw_only=True)
class Issued:
    """Files of a certificate, and its digest."""

    served: Path
    """PEM: the leaf, then the intermediate if it is to be served."""
    key: Path
    combined: Path
    """PEM: key, then what `served` holds."""
    sha256: str
    """Of the leaf's DER, lower-case hexadecimal."""
    chain: tuple[str, ...]
    """The same of every certificate in `served`, in order."""


class Pki:
    """Makes each certificate once. The keys are throw-away and open to every account that a server drops to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._issued: dict[CertificateSpec, Issued] = {}
        self._root_key = rsa.generate_private_key(65537, 2048)
        self._key = rsa.generate_private_key(65537, 2048)
        root = _name("tlsassay test root")
        self._root = _sign(root, self._root_key, root, self._root_key, _DAYS["now"], ca=True)
        self._intermediate = _sign(
            _name("tlsassay test intermediate"), self._key, root, self._root_key, _DAYS["now"], ca=True
        )
        self.root = folder / "root.pem"
        """PEM of the root: the trust store."""
        self.root.write_bytes(_pem(self._root))

    def issue(self, spec: CertificateSpec) -> Issued:
        """The certificate of this description: the same one at every call."""
        if spec not in self._issued:
            self._issued[spec] = self._make(spec, self._folder / f"leaf{len(self._issued)}")
        return self._issued[spec]

    def _make(self, spec: CertificateSpec, stem: Path) -> Issued:
        key: PrivateKey = (
            rsa.generate_private_key(65537, spec.bits)
            if spec.key_type == "rsa"
            else ec.generate_private_key(ec.SECP256R1())
        )
        subject = _name(spec.names[0])
        issuer, issuer_key = (subject, key) if spec.self_signed else (self._intermediate.subject, self._key)
        leaf = _sign(
            subject, key, issuer, issuer_key, _DAYS[spec.validity], names=spec.names, encipher=spec.key_encipherment
        )
        served = [leaf, self._intermediate] if spec.with_intermediate and not spec.self_signed else [leaf]
        key_pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        chain_pem = b"".join(map(_pem, served))
        digests = tuple(one.fingerprint(hashes.SHA256()).hex() for one in served)
        return Issued(
            served=_write(stem, ".crt", chain_pem),
            key=_write(stem, ".key", key_pem),
            combined=_write(stem, ".pem", key_pem + chain_pem),
            sha256=digests[0],
            chain=digests,
        )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write(stem: Path, suffix: str, content: bytes) -> Path:
    path = stem.with_suffix(suffix)
    path.write_bytes(content)
    return path


def _sign(
    subject: x509.Name,
    key: PrivateKey,
    issuer: x509.Name,
    issuer_key: PrivateKey,
    days: tuple[int, int],
    *,
    ca: bool = False,
    names: tuple[str, ...] = (),
    encipher: bool = False,
) -> x509.Certificate:
    """A certificate with the extensions RFC 5280 §4.2 wants of an authority (`ca`) or of a server (`names`)."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(_key_usage(ca=ca, encipher=encipher), critical=True)
    )
    if names:
        # RFC 5280 §4.2.2.1: where the intermediate would be had, as leafs of real authorities say
        location = x509.UniformResourceIdentifier("http://pki.example.test/intermediate.der")
        issuers = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, location)
        builder = (
            builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityInformationAccess([issuers]), critical=False)
        )
    return builder.sign(issuer_key, hashes.SHA256())


def _key_usage(*, ca: bool, encipher: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=encipher,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
