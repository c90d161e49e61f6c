"""Records for the tests of rules, sound in everything that a test does not say otherwise."""

from typing import Any
from urllib.parse import urlsplit

from scanner.declared import CertificateExpectation, DeclaredEndpoint, Service, TlsExpectation
from scanner.model import Endpoint, Failure, FailureKind, ReachTls, Scope
from scanner.observations.certificate import Certificate, CertificateFacts, Chain, Negotiated, PublicKey, Trust
from scanner.observations.cleartext import Cleartext
from scanner.observations.reachability import Reachability

HOST = "www.example.com"
NOW = "2026-06-01T00:00:00Z"
REACH_TLS = {
    **dict.fromkeys(("https", "imaps", "smtps", "ldaps", "tls"), ReachTls.IMPLICIT),
    **dict.fromkeys(("imap", "smtp", "submission", "ldap", "mysql"), ReachTls.UPGRADE),
    **dict.fromkeys(("http", "tcp"), ReachTls.NEVER),
}
TIMED_OUT = Failure(FailureKind.TIMED_OUT, "no answer in 5 s")


def scope(as_of: str = NOW, zone: str | None = None) -> Scope:
    return Scope(as_of=as_of, zone=zone)


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
