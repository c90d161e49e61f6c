"""What reports made by hand are put together from: short ways to write a finding, an endpoint, a chain."""

from typing import Any

from scanner.model import Evidence, Failure, FailureKind, Observation, Severity, Verdict
from scanner.observations.certificate import Certificate, CertificateFacts, Chain, Negotiated, PublicKey, Trust
from scanner.observations.reachability import Reachability
from scanner.observations.tls_versions import TlsVersions
from scanner.report import AttemptRecord, EndpointResult, Finding

HOSTILE = (
    '<script>alert(1)</script><img src=x onerror="alert(2)"> [bold red]x[/] \x1b[2J\x1b]0;owned\x07 \u202egpj.exe \r\n'
)
"""Markup for HTML and for rich, terminal escapes, a bidirectional override, and line ends."""
LINK = "javascript:alert(document.domain)"

_AT = "2026-03-14T02:10:07Z"
_PEM = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUJt5nZ0h0\n-----END CERTIFICATE-----\n"

_FIXES = {
    "tls-version-below-minimum": "Switch off everything below TLS 1.2, for example `ssl_protocols TLSv1.2 TLSv1.3;`"
    " in nginx or `ssl_min_protocol = TLSv1.2` in Dovecot, then reload the service.",
    "credentials-before-tls": "Refuse authentication until TLS is up: `disable_plaintext_auth = yes` in Dovecot,"
    " `smtpd_tls_auth_only = yes` in Postfix, `security simple_bind=128` in slapd.\n\nTell clients to use STARTTLS.",
    "certificate-expiring": "Renew it, and let a timer renew it from now on.",
    "chain-not-trusted": "Have the certificate issued by an authority that the store knows, and serve intermediates.",
    "name-not-covered": "Request a certificate whose subjectAltName lists the host name that clients connect to.",
    "plaintext-without-redirect": "Answer every request on port 80 with a 301 to the HTTPS address of the same host.",
    "service-unreachable": "Start the service, open the path to it, or take it out of the inventory.",
}
_SEVERITIES = {
    "credentials-before-tls": Severity.CRITICAL,
    "tls-version-below-minimum": Severity.HIGH,
    "name-not-covered": Severity.HIGH,
    "certificate-expiring": Severity.LOW,
    "key-too-small": Severity.LOW,
}
_CLAUSES = {
    "credentials-before-tls": "2.1",
    "tls-version-below-minimum": "3.1",
    "certificate-expiring": "4.3",
    "chain-not-trusted": "4.6",
    "name-not-covered": "4.4",
    "plaintext-without-redirect": "2.3",
    "service-unreachable": "1.1",
    "key-too-small": "4.7",
}


def evidence(about: str, asked: str, answered: str, reproduce: str = "") -> Evidence:
    """One question and its answer, at a fixed time."""
    return Evidence(about=about, asked=asked, answered=answered, at=_AT, reproduce=reproduce)


def finding(endpoint: EndpointResult[Any], rule: str, verdict: Verdict, message: str, **more: Any) -> Finding:
    """A finding of policy `site` on `endpoint`."""
    return Finding(
        rule=rule,
        policy="site",
        clause=_CLAUSES[rule],
        service=endpoint.service,
        url=endpoint.url,
        address=endpoint.address,
        zone=endpoint.zone,
        verdict=verdict,
        severity=_SEVERITIES.get(rule, Severity.MEDIUM),
        message=message,
        remediation=_FIXES.get(rule, "") if verdict in {Verdict.FAIL, Verdict.WARN} else "",
        **more,
    )


def ok(observation: Observation) -> AttemptRecord[Any]:
    """An attempt that brought an observation home."""
    return AttemptRecord(status="ok", observation=observation)


def failed(kind: FailureKind, detail: str) -> AttemptRecord[Any]:
    """An attempt that did not."""
    return AttemptRecord(status="failed", failure=Failure(kind, detail))


def endpoint(
    service: str, url: str, address: str, state: Any, /, **attempts: AttemptRecord[Any]
) -> EndpointResult[Any]:
    """An endpoint seen from the zone `internal`."""
    return EndpointResult(
        service=service, url=url, address=address, zone="internal", reachability=state, attempts=attempts
    )


def versions(**answers: Any) -> AttemptRecord[Any]:
    """`versions(TLSv1_0="accepted")`: TLS 1.2 and 1.3 accepted, the rest refused unless said otherwise."""
    usual = {
        "SSLv3": "refused",
        "TLSv1.0": "refused",
        "TLSv1.1": "refused",
        "TLSv1.2": "accepted",
        "TLSv1.3": "accepted",
    }
    said = usual | {version.replace("_", "."): answer for version, answer in answers.items()}
    reasons = {version: "reset twice, no alert" for version, answer in said.items() if answer == "unknown"}
    return ok(TlsVersions(versions=said, reasons=reasons))


def chain(
    name: str, key: PublicKey, *, issuer: str = "CN=Example Issuing CA R3,O=Example Trust", **trust: Trust
) -> Chain:
    """A leaf for `name` and its issuer."""
    rsa = key.type == "rsa"
    leaf = CertificateFacts(
        subject=f"CN={name},O=Example GmbH,C=DE",
        common_names=(name,),
        names=(name, "www.example.com", "192.0.2.10"),
        issuer=issuer,
        serial="04A1F70C2B9E55D0",
        not_before="2026-01-02T00:00:00Z",
        not_after="2026-04-02T00:00:00Z",
        key=key,
        signature="sha256WithRSAEncryption" if rsa else "ecdsa-with-SHA256",
        sha256=("5f" if rsa else "a0") * 32,
        spki_sha256="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        pem=_PEM,
    )
    authority = CertificateFacts(
        subject=issuer,
        issuer="CN=Example Root X1,O=Example Trust",
        serial="0B",
        not_before="2020-01-01T00:00:00Z",
        not_after="2035-01-01T00:00:00Z",
        key=PublicKey(type="rsa", bits=4096),
        signature="sha384WithRSAEncryption",
        is_ca=True,
        sha256="c3" * 32,
        spki_sha256="uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=",
        pem=_PEM,
    )
    return Chain(
        key_type=key.type,
        negotiated=Negotiated(
            version="TLSv1.3" if not rsa else "TLSv1.2",
            suite="TLS_AES_128_GCM_SHA256" if not rsa else "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            group="x25519",
            alpn="http/1.1" if not rsa else None,
        ),
        certificates=(leaf, authority),
        trust=trust or {"system": Trust(trusted=True)},
        proven=not rsa,
    )


RSA = PublicKey(type="rsa", bits=2048)
ECDSA = PublicKey(type="ecdsa", bits=256, curve="secp256r1")


def certificate(*chains: Chain, **failures: Failure) -> AttemptRecord[Any]:
    """What the certificate probe brought home."""
    return ok(Certificate(server_name="portal.example.com", chains=chains, failures=failures))


OPEN = ok(Reachability(state="open"))
