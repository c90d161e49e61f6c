"""The certificate is not issued by the CA that the inventory declares.

A certificate from another CA, trusted or not, was ordered past the agreed way, or comes from a device that decrypts
the traffic in between. Both are worth an explanation before clients start to rely on it.

How to fix:
- have the certificate issued by the declared CA and install it: `ssl_certificate` (nginx), `SSLCertificateFile`
  (Apache), `smtpd_tls_chain_files` (Postfix), `ssl_cert` (Dovecot), `olcTLSCertificateFile` (OpenLDAP), `ssl_cert`
  (MySQL), then reload
- compare with what the server itself has on disk: if that is right, a TLS-inspecting proxy answers in its place
- if the CA was changed on purpose (public CAs rotate their intermediates): correct `certificate.issuer` in the
  inventory, and the CAA record of the domain

Source: site: `certificate.issuer` of the inventory; RFC 5280 §4.1.2.4; RFC 4514 §3
"""

from scanner.declared import Service
from scanner.model import Judgement, Severity, Verdict
from scanner.observations.certificate import Certificate, CertificateFacts
from scanner.rules._chains import each_leaf, quoted, unread
from scanner.rules._names import common_name, dn_parts

SEVERITY = Severity.MEDIUM


def judge(service: Service, seen: Certificate | None) -> Judgement:
    """A declared common name is that of the leaf's issuer; of a declared distinguished name every part is there."""
    declared = service.certificate.issuer
    if not declared:
        return Judgement(Verdict.NOT_APPLICABLE, "no issuer is declared")
    if seen is None:
        return Judgement(Verdict.UNKNOWN, "the issuer is not known")
    try:
        parts = dn_parts(declared) if "=" in declared else frozenset((common_name(declared),))
    except ValueError as error:
        return Judgement(Verdict.UNKNOWN, f"the declared issuer is no distinguished name: {error}")

    def judge_leaf(leaf: CertificateFacts) -> Judgement:
        if not leaf.issuer and leaf.malformed:
            return unread(leaf, "the issuer")
        try:
            found = parts <= dn_parts(leaf.issuer)
        except ValueError:
            return unread(leaf, "the issuer")
        if found:
            return Judgement(Verdict.PASS, f"issued by {declared}")
        return Judgement(Verdict.FAIL, f"issued by {quoted(leaf.issuer)}, not by {declared}")

    return each_leaf(seen, judge_leaf)
