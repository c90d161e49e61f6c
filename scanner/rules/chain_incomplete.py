"""The server does not send the intermediate certificates that lead to the root.

Browsers often fetch or remember what is missing, so nobody notices at the desk; mail servers, libraries, phones and
scripts do not, and refuse the connection. The server has to send every certificate between its own and the root.

How to fix:
- put the CA's intermediates behind the server's certificate, in one file: with ACME clients `fullchain.pem`, not
  `cert.pem`
- nginx: `ssl_certificate fullchain.pem;`, Apache: `SSLCertificateFile fullchain.pem` (≥ 2.4.8)
- Postfix: `smtpd_tls_chain_files = key.pem, fullchain.pem`, Dovecot: `ssl_cert = </…/fullchain.pem`
- OpenLDAP: intermediates in `olcTLSCACertificateFile`, MySQL, MariaDB: `ssl_cert` with the whole chain
- the issuer is the site's own CA: name its root in the inventory (`certificate: {trust: [site-ca.pem]}`)

Source: RFC 8446 §4.4.2 and RFC 5246 §7.4.2 (certificate_list); RFC 5280 §6.1
"""

from scanner.declared import Service
from scanner.model import Judgement, Severity, Verdict
from scanner.observations.certificate import Certificate, Trust
from scanner.rules._chains import each_store, told

SEVERITY = Severity.MEDIUM


def judge(service: Service, seen: Certificate) -> Judgement:
    """Judged for every declared store: what one store knows, another may need to be sent."""
    return each_store(service, seen, _judge_store)


def _judge_store(store: str, trust: Trust) -> Judgement:
    why = f": {told(trust.why)}" if trust.why else ""
    if trust.incomplete:
        return Judgement(Verdict.FAIL, f"what is served does not reach {store}{why}")
    if trust.trusted is None:
        return Judgement(Verdict.UNKNOWN, f"not known whether the chain reaches {store}{why}")
    if trust.trusted:
        return Judgement(Verdict.PASS, f"complete: what is served reaches {store}")
    return Judgement(
        Verdict.NOT_APPLICABLE, f"{store} does not trust it for another reason; judged by chain-not-trusted"
    )
