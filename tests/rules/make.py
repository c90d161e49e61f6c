"""Records for the tests of rules, sound in everything that a test does not say otherwise."""

from typing import Any
from urllib.parse import urlsplit

from scanner.declared import CertificateExpectation, DeclaredEndpoint, Service, TlsExpectation
from scanner.model import Asks, Endpoint, Failure, FailureKind, Scope
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
TIMED_OUT = Failure(FailureKind.TIMED_OUT, "no answer in 5 s")


def scope(as_of: str = NOW, zone: str | None = None) -> Scope:
    return Scope(as_of=as_of, zone=zone)


def quick(**asks: Any) -> Scope:
    """The scope of a run at depth quick that asked this."""
    return Scope(as_of=NOW, depth="quick", probes=("reachability", "tls_versions"), asks=Asks(**asks))


def endpoint(url: str = f"https://{HOST}:443", **changes: Any) -> Endpoint:
    """The endpoint of a URL that names a port."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    given: dict[str, Any] = {
        "service": "S-1",
        "url": url,
        "protocol": parts.scheme,
        "host": parts.hostname,
        "port": parts.port,
        "address": "192.0.2.1",
        "server_name": parts.hostname,
        "reach_tls": REACH_TLS[parts.scheme],
    }
    return Endpoint(**given | changes)


def service(
    *urls: str,
    tls: TlsExpectation = TlsExpectation.REQUIRED,
    reachable_from: tuple[str, ...] = (),
    **certificate: Any,
) -> Service:
    """A service with these endpoints; other keywords go into its certificate expectation."""
    return Service(
        id="S-1",
        endpoints=tuple(DeclaredEndpoint(url=url) for url in urls or (f"https://{HOST}",)),
        tls=tls,
        reachable_from=reachable_from,
        certificate=CertificateExpectation(**certificate),
    )


def reached(state: Any = "open", detail: str = "") -> Reachability:
    return Reachability(state=state, detail=detail)


def said(speaks: str = "http", **changes: Any) -> Cleartext:
    return Cleartext(speaks=speaks, **changes)


def connector(**changes: Any) -> RemoteObject:
    """A connector of JMX over TLS that wants a password."""
    given: dict[str, Any] = {
        "name": "jmxrmi",
        "types": ("javax.management.remote.rmi.RMIServerImpl_Stub",),
        "host": HOST,
        "port": 9998,
        "transport": "tls",
        "how": "a ClientHello was answered",
        "login": "required",
        "login_how": "a login as nobody was looked at",
    }
    return RemoteObject(**given | changes)


def java_rmi(*objects: RemoteObject, **changes: Any) -> JavaRmi:
    """A registry over TLS with these objects, or with a connector of JMX."""
    given: dict[str, Any] = {"registry": "tls", "lists_names": True, "names": ("jmxrmi",)}
    return JavaRmi(**given | {"objects": objects or (connector(),)} | changes)


def facts(**changes: Any) -> CertificateFacts:
    """A sound leaf of 90 days, half of them left at NOW."""
    given: dict[str, Any] = {
        "subject": f"CN={HOST},O=Example Ltd",
        "common_names": (HOST,),
        "names": (HOST,),
        "issuer": "CN=Example CA 1,O=Example Ltd,C=DE",
        "serial": "01",
        "not_before": "2026-04-17T00:00:00Z",
        "not_after": "2026-07-15T23:59:59Z",
        "key": PublicKey(type="ecdsa", bits=256, curve="secp256r1"),
        "signature": "sha256WithRSAEncryption",
        "sha256": "00",
        "spki_sha256": "bGVhZg==",
        "pem": "",
    }
    return CertificateFacts(**given | changes)


def above(**changes: Any) -> CertificateFacts:
    """The sound intermediate that issued `facts()`."""
    given: dict[str, Any] = {
        "subject": "CN=Example CA 1,O=Example Ltd,C=DE",
        "common_names": ("Example CA 1",),
        "names": (),
        "issuer": "CN=Example Root,O=Example Ltd,C=DE",
        "not_before": "2020-01-01T00:00:00Z",
        "not_after": "2029-12-31T23:59:59Z",
        "key": PublicKey(type="rsa", bits=4096),
        "is_ca": True,
        "sha256": "01",
        "spki_sha256": "aW50ZXI=",
    }
    return facts(**given | changes)


def root(**changes: Any) -> CertificateFacts:
    """A root with every defect that a root may have."""
    given: dict[str, Any] = {
        "subject": "CN=Example Root,O=Example Ltd,C=DE",
        "common_names": ("Example Root",),
        "not_before": "1996-01-01T00:00:00Z",
        "not_after": "2006-12-31T23:59:59Z",
        "key": PublicKey(type="rsa", bits=1024),
        "signature": "md5WithRSAEncryption",
        "self_issued": True,
        "sha256": "02",
        "spki_sha256": "cm9vdA==",
    }
    return above(**given | changes)


def chain(*certificates: CertificateFacts, key_type: str = "ecdsa", trust: dict[str, Trust] | None = None) -> Chain:
    """A chain of these certificates, or of a sound leaf and its intermediate."""
    return Chain(
        key_type=key_type,
        negotiated=Negotiated(version="TLSv1.3", suite="TLS_AES_128_GCM_SHA256"),
        certificates=certificates or (facts(), above()),
        trust={"system": Trust(trusted=True)} if trust is None else trust,
    )


def certificate(
    *chains: Chain, server_name: str | None = HOST, failures: dict[str, Failure] | None = None
) -> Certificate:
    return Certificate(server_name=server_name, chains=chains or (chain(),), failures=failures or {})


def leaf(**changes: Any) -> Certificate:
    """A server with one chain of one certificate, changed like this."""
    return certificate(chain(facts(**changes)))


SOUND_SUITES = {
    "TLSv1.2": ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
    "TLSv1.3": ("TLS_AES_128_GCM_SHA256",),
}


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
