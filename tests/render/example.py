"""A report made by hand: every verdict, waivers in force and lapsed, failures, two chains, and servers that lie."""

from datetime import date
from typing import Any

from scanner.declared import (
    CertificateExpectation,
    DeclaredEndpoint,
    ProtectionNeed,
    Service,
    Source,
    TlsExpectation,
    Waiver,
)
from scanner.model import Failure, FailureKind, InventoryDigest, NotEvaluated, Run, Verdict
from scanner.observations.certificate import Trust
from scanner.observations.cleartext import Cleartext
from scanner.report import AppliedWaiver, EndpointResult, Finding, PolicyCoverage, Report, Summary, Tool
from tests.render.parts import (
    ECDSA,
    HOSTILE,
    LINK,
    OPEN,
    RSA,
    certificate,
    chain,
    endpoint,
    evidence,
    failed,
    finding,
    ok,
    versions,
)

_FAIL, _WARN, _PASS = Verdict.FAIL, Verdict.WARN, Verdict.PASS
_UNKNOWN, _NA = Verdict.UNKNOWN, Verdict.NOT_APPLICABLE
Judged = tuple[EndpointResult[Any], list[Finding]]

_HELLO = evidence(
    "TLSv1.0",
    "ClientHello that offers TLS 1.0 alone",
    "ServerHello, TLS 1.0, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "openssl s_client -connect 192.0.2.21:143 -starttls imap -tls1 -cipher ALL:@SECLEVEL=0 </dev/null",
)
_REFUSED = evidence("TLSv1.0", "ClientHello that offers TLS 1.0 alone", "alert 70 protocol_version")
_LEAF = evidence(
    "rsa",
    "TLS 1.2 handshake with RSA signature schemes alone, SNI portal.example.com",
    "Certificate, 2 entries, leaf CN=portal.example.com",
    "openssl s_client -connect 192.0.2.10:443 -servername portal.example.com -sigalgs RSA+SHA256 </dev/null",
)


def services() -> tuple[Service, ...]:
    """Seven services; the last one was never reached by the scan, and its name is hostile as well."""

    def service(line: int, id_: str, name: str, *urls: str, **more: Any) -> Service:
        return Service(
            id=id_,
            name=name,
            endpoints=tuple(DeclaredEndpoint(url=url) for url in urls),
            source=Source("targets/example.yaml", line),
            **{"reachable_from": ("internal", "internet"), "owner": "platform team"} | more,
        )

    return (
        service(
            12,
            "WEB-01",
            "customer portal",
            "https://portal.example.com",
            certificate=CertificateExpectation(names=("www.example.com",), trust=("system", "mozilla")),
        ),
        service(
            21,
            "OX-10",
            "mailbox access via IMAP",
            "imap://mail.example.com",
            "imaps://mail.example.com",
            tls=TlsExpectation.STARTTLS_ENFORCED,
            protection_need=ProtectionNeed.VERY_HIGH,
            owner="mail team",
        ),
        service(30, "MX-01", "inbound mail", "smtp://mx.example.com", tls=TlsExpectation.ADVISED),
        service(37, "DB-01", "accounts database", "mysql://db.example.com", reachable_from=("internal",)),
        service(44, "DIR-02", "directory", "ldap://ldap.example.com", "ldaps://ldap.example.com"),
        service(
            51, "CS-06", "status page", "http://status.example.com", protection_need=ProtectionNeed.MEDIUM, owner=""
        ),
        service(58, "LAB 7/<b>", f"lab {HOSTILE}", "https://lab.example.com", tls=TlsExpectation.NONE),
    )


def _sound(one: EndpointResult[Any]) -> list[Finding]:
    """The passes of an endpoint with TLS."""
    return [
        finding(one, "service-unreachable", _PASS, "open"),
        finding(one, "tls-version-below-minimum", _PASS, "TLSv1.2, TLSv1.3; older ones refused", evidence=(_REFUSED,)),
        finding(one, "name-not-covered", _PASS, "covered by a dNSName", evidence=(_LEAF,)),
        finding(one, "key-too-small", _PASS, "ecdsa 256, rsa 2048", evidence=(_LEAF,)),
        finding(one, "chain-not-trusted", _PASS, "trusted by system", evidence=(_LEAF,)),
    ]


def _portal() -> list[Judged]:
    leaf = "portal.example.com"
    trust = {"mozilla": Trust(trusted=True), "system": Trust(trusted=None, why="/etc/ssl/certs cannot be read")}
    seen = {"reachability": OPEN, "tls_versions": versions()}
    both = certificate(chain(leaf, ECDSA, **trust), chain(leaf, RSA, **trust))
    first = endpoint("WEB-01", f"https://{leaf}", "192.0.2.10", "open", **seen, certificate=both)
    lone = certificate(chain(leaf, ECDSA), rsa=Failure(FailureKind.TIMED_OUT, "no answer in 5 s, asked twice"))
    second = endpoint("WEB-01", f"https://{leaf}", "2001:db8::10", "open", **seen, certificate=lone)
    expiring = "expires in 19 days, on 2026-04-02, after 79 % of its lifetime"
    return [
        (first, [*_sound(first), finding(first, "certificate-expiring", _WARN, expiring, evidence=(_LEAF,))]),
        (
            second,
            [*_sound(second), finding(second, "certificate-expiring", _UNKNOWN, "rsa chain: timed out, asked twice")],
        ),
    ]


def _mailbox() -> list[Judged]:
    clear = Cleartext(
        speaks="imap",
        banner="* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] Dovecot ready.",
        tls_offered=True,
        credentials="accepted",
        how="AUTH=PLAIN without LOGINDISABLED before STARTTLS",
        capabilities=("IMAP4rev1", "STARTTLS", "AUTH=PLAIN"),
    )
    rsa = certificate(chain("mail.example.com", RSA))
    old = versions(TLSv1_0="accepted", TLSv1_1="accepted", SSLv3="unknown")
    seen = {"reachability": OPEN, "tls_versions": old, "cleartext": ok(clear), "certificate": rsa}
    imap = endpoint("OX-10", "imap://mail.example.com", "192.0.2.21", "open", **seen)
    asked = evidence(
        "credentials",
        "CAPABILITY before STARTTLS",
        "* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN",
        "printf 'a CAPABILITY\\r\\na LOGOUT\\r\\n' | nc 192.0.2.21 143",
    )
    imaps = endpoint(
        "OX-10",
        "imaps://mail.example.com",
        "192.0.2.21",
        "open",
        reachability=OPEN,
        tls_versions=versions(),
        certificate=rsa,
    )
    return [
        (
            imap,
            [
                finding(imap, "service-unreachable", _PASS, "open"),
                finding(
                    imap,
                    "credentials-before-tls",
                    _FAIL,
                    "credentials accepted before TLS: AUTH=PLAIN",
                    evidence=(asked,),
                ),
                finding(
                    imap,
                    "tls-version-below-minimum",
                    _FAIL,
                    "TLSv1.0, TLSv1.1 accepted; at least TLSv1.2 required",
                    evidence=(_HELLO,),
                ),
                finding(imap, "plaintext-without-redirect", _NA, "not HTTP"),
            ],
        ),
        (imaps, _sound(imaps)),
    ]


def _inbound() -> list[Judged]:
    clear = Cleartext(
        speaks="smtp", banner=HOSTILE, tls_offered=False, how=HOSTILE, capabilities=("PIPELINING", HOSTILE)
    )
    seen = {
        "reachability": OPEN,
        "cleartext": ok(clear),
        "tls_versions": failed(FailureKind.UPGRADE_REFUSED, f"454 {HOSTILE}"),
        "certificate": certificate(chain(HOSTILE, RSA, issuer=HOSTILE, system=Trust(trusted=False, why=HOSTILE))),
    }
    smtp = endpoint("MX-01", "smtp://mx.example.com", "192.0.2.25", "open", **seen)
    lapsed = AppliedWaiver(
        reason=f"supplier's appliance {HOSTILE}",
        owner="mail team",
        expires=date(2026, 2, 28),
        lapsed=True,
        approval="SEC-311",
    )
    shown = evidence(HOSTILE, HOSTILE, HOSTILE, f"echo '{HOSTILE}'")
    return [
        (
            smtp,
            [
                finding(smtp, "service-unreachable", _PASS, "open"),
                finding(smtp, "tls-version-below-minimum", _UNKNOWN, f"upgrade refused: 454 {HOSTILE}"),
                finding(smtp, "certificate-expiring", _UNKNOWN, f"upgrade refused: 454 {HOSTILE}"),
                finding(smtp, "name-not-covered", _FAIL, f"names: {HOSTILE}", evidence=(shown,), waiver=lapsed),
                finding(smtp, "chain-not-trusted", _FAIL, f"system: {HOSTILE}", evidence=(shown,)),
            ],
        )
    ]


def _database() -> list[Judged]:
    own = certificate(chain("db.example.com", RSA, system=Trust(trusted=False, why="self-signed")))
    seen = {"reachability": OPEN, "tls_versions": versions(), "certificate": own}
    mysql = endpoint("DB-01", "mysql://db.example.com", "192.0.2.33", "open", **seen)
    granted = AppliedWaiver(
        reason="internal authority follows in the autumn", owner="db team", expires=date(2026, 9, 30), lapsed=False
    )
    why = "access denied (1045) whether TLS is required or not: MariaDB 10.11 does not tell"
    return [
        (
            mysql,
            [
                finding(mysql, "service-unreachable", _PASS, "open"),
                finding(mysql, "credentials-before-tls", _UNKNOWN, why),
                finding(mysql, "chain-not-trusted", _FAIL, "system: self-signed", evidence=(_LEAF,), waiver=granted),
                finding(mysql, "key-too-small", _PASS, "rsa 2048", evidence=(_LEAF,)),
            ],
        )
    ]


def _others() -> list[Judged]:
    silent = {
        "reachability": failed(FailureKind.FILTERED, "no answer in 3 s, asked twice"),
        "tls_versions": failed(FailureKind.FILTERED, "no answer in 3 s, asked twice"),
    }
    ldap = endpoint("DIR-02", "ldap://ldap.example.com", "192.0.2.40", "filtered", **silent)
    gone = {"reachability": failed(FailureKind.UNRESOLVED, "ldap.example.com: NXDOMAIN")}
    ldaps = endpoint("DIR-02", "ldaps://ldap.example.com", "", "unresolved", **gone)
    moved = Cleartext(speaks="http", status=302, redirect=LINK, credentials="none")
    http = endpoint("CS-06", "http://status.example.com", "192.0.2.60", "open", reachability=OPEN, cleartext=ok(moved))
    return [
        (ldap, [finding(ldap, "service-unreachable", _FAIL, "filtered: no answer in 3 s, asked twice")]),
        (ldaps, [finding(ldaps, "service-unreachable", _FAIL, "ldap.example.com does not resolve")]),
        (
            http,
            [
                finding(http, "service-unreachable", _PASS, "open"),
                finding(
                    http, "plaintext-without-redirect", _WARN, f"answers 302 to {LINK}, which is not https on this host"
                ),
                finding(http, "tls-version-below-minimum", _NA, "no TLS in this protocol"),
            ],
        ),
    ]


def report() -> Report[Any]:
    """The whole report, the same at every call."""
    judged = [*_portal(), *_mailbox(), *_inbound(), *_database(), *_others()]
    findings = [one for _, own in judged for one in own]
    open_ = [one for one in findings if not one.waived]
    tally = {verdict: sum(one.verdict == verdict for one in open_) for verdict in Verdict}
    return Report(
        schema_version="1.0",
        tool=Tool("tlsassay", "0.1.0"),
        run=Run(
            id="20260314T021000Z-5f3a",
            started="2026-03-14T02:10:00Z",
            finished="2026-03-14T02:10:41Z",
            inventory=InventoryDigest("example site", "9c" * 32),
            zone="internal",
            complete=False,
            passive=True,
            endpoints=len(judged),
            connections=97,
        ),
        as_of="2026-03-14T02:10:00Z",
        policies=(
            PolicyCoverage(
                id="site",
                title="Site policy",
                edition="2026-01",
                sha256="1d" * 32,
                verified_by="read against the sources by hand",
                clauses_evaluated=("1.1", "2.1", "2.3", "3.1", "4.3", "4.4", "4.6", "4.7"),
                clauses_not_evaluated=(
                    NotEvaluated(clause="5.2", why="how keys are stored cannot be seen from the network"),
                ),
            ),
        ),
        summary=Summary(
            verdict="fail",
            passed=tally[_PASS],
            warn=tally[_WARN],
            fail=tally[_FAIL],
            unknown=tally[_UNKNOWN],
            not_applicable=tally[_NA],
            waived=sum(one.waived for one in findings),
            endpoints_not_assessed=2,
        ),
        services=services(),
        unmatched_waivers=(
            Waiver(
                rule="key-too-small",
                service="OX-99",
                reason="old appliance",
                owner="mail team",
                expires=date(2026, 12, 31),
                source=Source("targets/example.yaml", 70),
            ),
        ),
        endpoints=[one for one, _ in judged],
        findings=findings,
    )
