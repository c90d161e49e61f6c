"""The certificate is not issued to the subject that the inventory declares.

The name may be covered and the certificate still be another one than agreed: a wildcard of the hosting company, the
certificate of a device in between, a leftover of the previous owner. The declared subject says which one it has to
be.

How to fix:
- install the certificate that was agreed on: `ssl_certificate` (nginx), `SSLCertificateFile` (Apache),
  `smtpd_tls_chain_files` (Postfix), `ssl_cert` (Dovecot), `olcTLSCertificateFile` (OpenLDAP), `ssl_cert` (MySQL),
  then reload
- compare with what the server itself has on disk: if that is right, something on the way answers in its place
- if the certificate was replaced on purpose: correct `certificate.subject` in the inventory

Source: site: `certificate.subject` of the inventory; RFC 5280 §4.1.2.6 and §4.2.1.6; RFC 4514 §3
"""

from scanner.declared import Service
from scanner.model import Judgement, Severity, Verdict
from scanner.observations.certificate import Certificate, CertificateFacts
from scanner.rules._chains import each_leaf, listed, quoted, unread
from scanner.rules._names import dn_parts, spells

SEVERITY = Severity.MEDIUM


def judge(service: Service, seen: Certificate | None) -> Judgement:
    """A declared host name is among the names or common names; of a declared distinguished name every part is there."""
    declared = service.certificate.subject
    if not declared:
        return Judgement(Verdict.NOT_APPLICABLE, "no subject is declared")
    if seen is None:
        return Judgement(Verdict.UNKNOWN, "the subject is not known")
    try:
        parts = dn_parts(declared) if "=" in declared else frozenset()
    except ValueError as error:
        return Judgement(Verdict.UNKNOWN, f"the declared subject is no distinguished name: {error}")

    def judge_leaf(leaf: CertificateFacts) -> Judgement:
        if parts:
            try:
                found = parts <= dn_parts(leaf.subject)
            except ValueError:
                return unread(leaf, "the subject")
        else:
            found = any(spells(name, declared) for name in (*leaf.names, *leaf.common_names))
        if found:
            return Judgement(Verdict.PASS, f"issued to {declared}")
        if leaf.malformed and not (leaf.subject if parts else leaf.names):
            return unread(leaf, "the subject")
        names = "" if parts else f", for {listed(leaf.names)}"
        return Judgement(Verdict.FAIL, f"issued to {quoted(leaf.subject)}{names}, not to {declared}")

    return each_leaf(seen, judge_leaf)
