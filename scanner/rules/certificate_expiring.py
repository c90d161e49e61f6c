"""A certificate is about to expire.

What is about to expire has not been renewed when it should have been: the automation stopped, or there is none. The
service fails on a day that is known today. How near is near depends on how long the certificate lives, so a share of
its own lifetime counts, but never more than a number of days:

    warn when remaining < min(warn_share * lifetime, warn_days)
    fail when remaining < min(fail_share * lifetime, fail_days)

With the defaults, a certificate of 6 days warns below 36 hours and fails below 14.4 hours; one of 90 days below 22.5
and 7 days; one of 398 days below 30 and 7 days. ACME clients renew with a third of the lifetime left, or half of it
for the shortest ones, so a warning at a quarter means that a renewal was missed, not that one is due. Lifetime runs
from notBefore through notAfter, both seconds included.

How to fix:
- see why the renewal did not run: `certbot renew --dry-run`, `systemctl list-timers`, the log of the ACME client
- renewed, but still the old one served: reload nginx, Apache, Postfix and Dovecot from the client's deploy hook,
  restart slapd, `ALTER INSTANCE RELOAD TLS` in MySQL, `FLUSH SSL` in MariaDB
- no automation: order the new certificate now, and put the date into the calendar of the service's owner

Source: RFC 5280 §4.1.2.5; BR §6.3.2
"""

from scanner.model import Judgement, Scope, Severity, Verdict
from scanner.observations.certificate import Certificate, CertificateFacts
from scanner.rules._chains import each_certificate, instant, unread

SEVERITY = Severity.MEDIUM
DAY = 86400.0


def judge(
    scope: Scope,
    seen: Certificate,
    *,
    warn_share: float = 0.25,
    warn_days: float = 30.0,
    fail_share: float = 0.1,
    fail_days: float = 7.0,
) -> Judgement:
    """Shares are of the certificate's own lifetime, 0 to 1; days are upper limits for long-lived ones."""
    as_of = instant(scope.as_of)

    def judge_one(certificate: CertificateFacts) -> Judgement:
        not_before, not_after = instant(certificate.not_before), instant(certificate.not_after)
        if as_of is None or not_before is None or not_after is None:
            return unread(certificate, "the dates")
        if as_of > not_after:
            return Judgement(Verdict.NOT_APPLICABLE, "expired; judged by certificate-expired")
        if as_of < not_before:
            return Judgement(Verdict.NOT_APPLICABLE, "not valid yet; judged by certificate-not-yet-valid")
        lifetime = (not_after - not_before).total_seconds() + 1  # the last second counts
        remaining = (not_after - as_of).total_seconds() + 1
        said = f"expires at {certificate.not_after}, in {_span(remaining)} of {_span(lifetime)}"
        for verdict, share, days in ((Verdict.FAIL, fail_share, fail_days), (Verdict.WARN, warn_share, warn_days)):
            limit = min(share * lifetime, days * DAY)
            if remaining < limit:
                return Judgement(verdict, f"{said}; {verdict} below {_span(limit)}")
        return Judgement(Verdict.PASS, said)

    return each_certificate(seen, judge_one)


def _span(seconds: float) -> str:
    return f"{seconds / DAY:.1f} days" if seconds >= 3 * DAY else f"{seconds / 3600:.1f} hours"
