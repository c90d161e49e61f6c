"""A certificate has expired.

Clients refuse it, or teach their users to click the warning away. After the last day nobody vouches for the name any
more: the CA no longer says whether the certificate was revoked. An intermediate certificate that has expired breaks
the chain for every client that builds its path through it, however fresh the server's own is.

How to fix:
- renew it: `certbot renew`, `acme.sh --renew-all`, or the site's own CA, and let the renewal run by itself from then
  on
- reload what serves it: `nginx -s reload`, `apachectl graceful`, `postfix reload`, `doveadm reload`, `ALTER INSTANCE
  RELOAD TLS` (MySQL), `FLUSH SSL` (MariaDB), a restart of slapd: a renewed file alone changes nothing
- an expired intermediate: replace it in the served file with the CA's current one

Source: RFC 5280 §4.1.2.5 (notAfter itself is still valid) and §6.1.3; BR §6.3.2
"""

from scanner.model import Judgement, Scope, Severity, Verdict
from scanner.observations.certificate import Certificate, CertificateFacts
from scanner.rules._chains import each_certificate, instant, unread

SEVERITY = Severity.HIGH


def judge(scope: Scope, seen: Certificate) -> Judgement:
    """As of the scope's moment, for the server's certificate and the intermediates it serves."""
    as_of = instant(scope.as_of)

    def judge_one(certificate: CertificateFacts) -> Judgement:
        not_after = instant(certificate.not_after)
        if as_of is None or not_after is None:
            return unread(certificate, "the date of expiry")
        if as_of > not_after:
            return Judgement(Verdict.FAIL, f"expired at {certificate.not_after}, judged as of {scope.as_of}")
        return Judgement(Verdict.PASS, f"valid until {certificate.not_after}")

    return each_certificate(seen, judge_one)
