"""A certificate is not valid yet.

Clients refuse it until its first day. Behind it is mostly a certificate installed too early, a CA whose clock is
ahead, or a server, or this scanner, whose own clock is behind.

How to fix:
- put the previous certificate back until the first day of the new one, or have the new one issued again
- check the clocks: `timedatectl`, `chronyc tracking`, on the server, on the CA, and where this scan ran
- reload what serves it: `nginx -s reload`, `apachectl graceful`, `postfix reload`, `doveadm reload`, a restart of
  slapd

Source: RFC 5280 §4.1.2.5 (notBefore itself is already valid) and §6.1.3; BR §6.3.2
"""

from scanner.model import Judgement, Scope, Severity, Verdict
from scanner.observations.certificate import Certificate, CertificateFacts
from scanner.rules._chains import each_certificate, instant, unread

SEVERITY = Severity.HIGH


def judge(scope: Scope, seen: Certificate) -> Judgement:
    """As of the scope's moment, for the server's certificate and the intermediates it serves."""
    as_of = instant(scope.as_of)

    def judge_one(certificate: CertificateFacts) -> Judgement:
        not_before = instant(certificate.not_before)
        if as_of is None or not_before is None:
            return unread(certificate, "the first day of validity")
        if as_of < not_before:
            return Judgement(Verdict.FAIL, f"not valid before {certificate.not_before}, judged as of {scope.as_of}")
        return Judgement(Verdict.PASS, f"valid since {certificate.not_before}")

    return each_certificate(seen, judge_one)
