"""The demo's certification authority: a root, an issuing authority below it, and certificates for its servers."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

ISSUER = "CN=TLS Demo Issuing CA,O=tlsassay demo"
"""Who issues the leafs, as RFC 4514 writes it."""

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Identity(NamedTuple):
    """A private key and the chain that is served with it, leaf first."""

    key: Key
    chain: tuple[x509.Certificate, ...]

    @property
    def pem(self) -> bytes:
        """Key and chain in one file, as `ssl.SSLContext.load_cert_chain` reads them."""
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return key + b"".join(certificate.public_bytes(Encoding.PEM) for certificate in self.chain)


class Authority:
    """Issues certificates that are dated relative to `now`."""

    def __init__(self, now: datetime) -> None:
        self._now = now.replace(microsecond=0)
        self._root_key = ec.generate_private_key(ec.SECP256R1())
        self._issuing_key = ec.generate_private_key(ec.SECP256R1())
        root_name = _name("TLS Demo Root CA")
        self._issuing_name = x509.Name.from_rfc4514_string(ISSUER)
        self.root = self._sign(root_name, root_name, self._root_key, self._root_key, path_length=1)
        self._issuing = self._sign(self._issuing_name, root_name, self._issuing_key, self._root_key, path_length=0)

    @cached_property
    def rsa_key(self) -> rsa.RSAPrivateKey:
        """Shared by most leafs: making one takes longer than all the rest."""
        return rsa.generate_private_key(65537, 2048)

    @cached_property
    def ecdsa_key(self) -> ec.EllipticCurvePrivateKey:
        """Shared by the other leafs."""
        return ec.generate_private_key(ec.SECP256R1())

    def issue(self, name: str, key: Key | None = None, *, first_day: int = -1, last_day: int = 89) -> Identity:
        """A leaf for one host name, valid from `first_day` to `last_day` relative to now, and its issuer."""
        key = key or self.rsa_key
        days = (first_day, last_day)
        leaf = self._sign(_name(name), self._issuing_name, key, self._issuing_key, host=name, days=days)
        return Identity(key, (leaf, self._issuing))

    def issue_with_sha1(self, name: str) -> Identity:
        """A leaf whose signature is of a kind that `cryptography` checks but no longer makes."""
        key, (leaf, issuing) = self.issue(name, self.ecdsa_key)
        weak = asn1_x509.Certificate.load(leaf.public_bytes(Encoding.DER))
        weak["tbs_certificate"]["signature"] = weak["signature_algorithm"] = {"algorithm": "sha1_ecdsa"}
        signed = weak["tbs_certificate"].dump()
        weak["signature_value"] = self._issuing_key.sign(signed, ec.ECDSA(hashes.SHA1()))  # noqa: S303 - planted
        return Identity(key, (x509.load_der_x509_certificate(weak.dump()), issuing))

    def self_signed(self, name: str) -> Identity:
        """A leaf that vouches for itself."""
        key = self.rsa_key
        return Identity(key, (self._sign(_name(name), _name(name), key, key, host=name, days=(-1, 89)),))

    def _sign(
        self,
        subject: x509.Name,
        issuer: x509.Name,
        key: Key,
        issuer_key: Key,
        *,
        host: str | None = None,
        path_length: int | None = None,
        days: tuple[int, int] = (-400, 3650),
    ) -> x509.Certificate:
        """A certificate with the extensions that RFC 5280 §4.2 asks for; an authority's unless it has a `host`."""
        is_authority = host is None
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now + timedelta(days=days[0]))
            .not_valid_after(self._now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(is_authority, path_length), critical=True)
            .add_extension(_key_usage(is_authority=is_authority), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        )
        if issuer_key is self._issuing_key:
            builder = builder.add_extension(_issuer_location(), critical=False)
        if host is not None:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        return builder.sign(issuer_key, hashes.SHA256())


def _name(common_name: str) -> x509.Name:
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "tlsassay demo")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _issuer_location() -> x509.AuthorityInformationAccess:
    """Where the issuing authority's certificate would be had (RFC 5280 §4.2.2.1): so it is no root."""
    location = x509.UniformResourceIdentifier("http://pki.demo.test/issuing-ca.der")
    return x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, location)])


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        # RSA key transport and static key agreement have no place in TLS 1.3.
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
