"""The chain does not lead to a trusted root.

A client that has nothing but its trust store cannot tell this server from anybody who made a certificate of the same
name a minute ago. Where clients were told to accept it all the same, they accept that one too.

How to fix:
- a self-signed certificate: have it issued by a CA that the clients trust: a public one (ACME), or the site's own
- the site's own CA: name its root in the inventory (`certificate: {trust: [site-ca.pem]}`) and see that clients have
  it
- install leaf and intermediates, in this order, in one file: `ssl_certificate` (nginx), `SSLCertificateFile`
  (Apache), `smtpd_tls_chain_files` (Postfix), `ssl_cert` (Dovecot), `olcTLSCertificateFile` (OpenLDAP), `ssl_cert`
  (MySQL)
- a public root that stores have removed: order from another CA

Source: RFC 5280 §6.1; RFC 9325 §7.1; RFC 8314 §4.4 (mail); RFC 4513 §3.1.3 (LDAP)
"""

from scanner.declared import Service
from scanner.model import Judgement, Severity, Verdict
from scanner.observations.certificate import Certificate, Trust
from scanner.rules._chains import each_store, told

SEVERITY = Severity.HIGH


def judge(service: Service, seen: Certificate) -> Judgement:
    """Every declared store has to trust every chain; dates and names are judged by other rules."""
    return each_store(service, seen, _judge_store)


def _judge_store(store: str, trust: Trust) -> Judgement:
    why = f": {told(trust.why)}" if trust.why else ""
    if trust.trusted is None:
        return Judgement(Verdict.UNKNOWN, f"not known whether {store} trusts it{why}")
    if trust.trusted:
        return Judgement(Verdict.PASS, f"{store} trusts it")
    if trust.incomplete:
        return Judgement(Verdict.NOT_APPLICABLE, f"no path to {store}; judged by chain-incomplete")
    return Judgement(Verdict.FAIL, f"{store} does not trust it{why}")
