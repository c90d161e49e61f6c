"""Records for the tests of rules, sound in everything that a test does not say otherwise."""

from typing import Any
from urllib.parse import urlsplit

from scanner.declared import CertificateExpectation, DeclaredEndpoint, Service, TlsExpectation
from scanner.model import Asks, Endpoint, Failure, FailureKind, ReachTls, Scope
from scanner.observations.certificate import Certificate, CertificateFacts, Chain, Negotiated, PublicKey, Trust
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.cleartext import Cleartext
from scanner.observations.extensions import Extensions
from scanner.observations.groups import DhParameters, Groups
from scanner.observations.java_rmi import JavaRmi, RemoteObject
from scanner.observations.reachability import Reachability
from scanner.observations.ssh import BothWays, Ssh, SshHostKey
from scanner.observations.tls_versions import TlsVersions

from scanner.protocols import protocol
from scanner.registry import identifiers

HOST = "www.example.com"
NOW = "2026-06-01T00:00:00Z"
REACH_TLS = {scheme: protocol(scheme).reach_tls for scheme in identifiers("protocols")}


def versions(*accepted: str, unknown: tuple[str, ...] = ()) -> TlsVersions:
    """All six versions: these accepted (none named: TLS 1.2 and 1.3), those unknown, the others refused."""
    names = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
    given = accepted or names[-2:]
    answers: dict[str, Any] = {
        name: "accepted" if name in given else "unknown" if name in unknown else "refused" for name in names
    }
    return TlsVersions(versions=answers, reasons=dict.fromkeys(unknown, "timed out"))


def suites(
    *names: str, version: str = "TLSv1.2", asked: Any = "all", reasons: dict[str, str] | None = None
) -> CipherSuites:
    """The sound suites, and these."""
    found = SOUND_SUITES | {version: (*SOUND_SUITES.get(version, ()), *names)}
    return CipherSuites(suites=found, asked=dict.fromkeys(found, asked), reasons=reasons or {})


def groups(*names: str, dh: tuple[int, ...] = (), asked: Any = "all", **changes: Any) -> Groups:
    """X25519 and P-256, and these in TLS 1.2; `dh`: lengths of primes."""
    given: dict[str, Any] = {
        "groups": {"TLSv1.2": ("x25519", "secp256r1", *names), "TLSv1.3": ("x25519",)},
        "dh": tuple(DhParameters(bits=bits, prime="unknown", sha256="00") for bits in dh),
        "dh_bits": min(dh, default=None),
        "asked": {"TLSv1.2": asked, "TLSv1.3": asked},
    }
    return Groups(**given | changes)


def extensions(**seen: Any) -> Extensions:
    """As seen; of what is not given, nothing could be."""
    return Extensions(reasons={"nothing": "no answer could have shown it"}, **seen)


def ssh(**changes: Any) -> Ssh:
    """A sound OpenSSH server."""
    given: dict[str, Any] = {
        "banner": "SSH-2.0-OpenSSH_9.9",
        "version": "2.0",
        "ssh1": False,
        "key_exchange": ("mlkem768x25519-sha256", "curve25519-sha256"),
        "host_key_algorithms": ("ssh-ed25519", "rsa-sha2-512"),
        "ciphers": both_ways("chacha20-poly1305@openssh.com", "aes128-gcm@openssh.com"),
        "macs": both_ways("hmac-sha2-256-etm@openssh.com", "umac-64@openssh.com", "hmac-sha1"),
        "compression": both_ways("none"),
        "strict_key_exchange": True,
        "host_keys": (host_key(), host_key("rsa", 3072)),
    }
    return Ssh(**given | changes)


def ssh1(**changes: Any) -> Ssh:
    """A server that speaks SSH-1 alone."""
    return Ssh(**{"banner": "SSH-1.5-x", "version": "1.5", "ssh1": True} | changes)


def both_ways(*names: str) -> BothWays:
    return BothWays(to_server=names, to_client=names)


def host_key(kind: str = "ed25519", bits: int = 256) -> SshHostKey:
    """Its fingerprint is that of a key of this name."""
    return SshHostKey(
        type=kind,
        bits=bits,
        fingerprint=f"SHA256:{kind}",
        public_key=f"{kind} AAAA",
        algorithm=kind,
        key_exchange="curve25519-sha256",
    )
