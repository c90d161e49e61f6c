"""TLS of the demo's servers: sound, and spoilt in one way each."""

import ssl
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.dh import DHParameterNumbers
from cryptography.hazmat.primitives.serialization import Encoding, ParameterFormat

from scanner.demo.certificates import Identity

MODERN_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
WEAK = ":@SECLEVEL=0"
"""OpenSSL's security level 0 allows TLS 1.0, weak suites and short keys, whatever the system's configuration says."""
LEGACY_CIPHERS = f"{MODERN_CIPHERS}:ECDHE+AES{WEAK}"
OAKLEY_GROUP_2 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
    16,
)
"""The prime of 1024 bits of RFC 2409 §6.2, which whole generations of servers share."""
NO_EXTENDED_MASTER_SECRET = 1
"""SSL_OP_NO_EXTENDED_MASTER_SECRET, which the standard library has no name for."""


def tls(
    *identities: Identity, legacy: bool = False, weak_keys: bool = False, ciphers: str = MODERN_CIPHERS
) -> ssl.SSLContext:
    """A server's TLS: 1.2 and 1.3, one identity for each type of key.

    With `legacy` TLS 1.0 and 1.1 as well; with `weak_keys` keys that OpenSSL otherwise refuses to load; `ciphers` in
    OpenSSL's words.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED if legacy else ssl.TLSVersion.TLSv1_2
    context.set_ciphers(LEGACY_CIPHERS if legacy else ciphers + (WEAK if weak_keys else ""))
    with tempfile.TemporaryDirectory() as private:
        for identity in identities:
            file = Path(private) / "identity.pem"
            file.write_bytes(identity.pem)
            context.load_cert_chain(file)
    return context


def tls12(*identities: Identity) -> ssl.SSLContext:
    """TLS 1.2 alone."""
    context = tls(*identities)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def unencrypted_too(*identities: Identity) -> ssl.SSLContext:
    """With a suite that encrypts nothing."""
    return tls(*identities, ciphers=f"{MODERN_CIPHERS}:NULL-SHA256{WEAK}")


def weak_prime(*identities: Identity) -> ssl.SSLContext:
    """With Diffie-Hellman over a prime of 1024 bits."""
    context = tls(*identities, ciphers=f"{MODERN_CIPHERS}:DHE+AESGCM{WEAK}")
    parameters = DHParameterNumbers(OAKLEY_GROUP_2, 2).parameters()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "dh.pem"
        file.write_bytes(parameters.parameter_bytes(Encoding.PEM, ParameterFormat.PKCS3))
        context.load_dh_params(str(file))
    return context


def unbound_sessions(*identities: Identity) -> ssl.SSLContext:
    """Without the extended master secret (RFC 7627)."""
    context = tls(*identities)
    context.options |= NO_EXTENDED_MASTER_SECRET
    return context
