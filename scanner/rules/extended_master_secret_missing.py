"""The session's secret is not bound to the handshake.

Without the extended master secret two sessions can be made to share their secret, so that an attacker in between can
pass a client's authentication on to another server (the triple handshake attack).

How to fix:
- update the server's TLS library: OpenSSL has it since 1.1.0, GnuTLS since 3.4, NSS since 3.21, Java since 8u161
- GnuTLS: no `%NO_EXTENSIONS` and no `%NO_SESSION_HASH` in the priority string
- OpenSSL: no `Options = -ExtendedMasterSecret` in openssl.cnf

Source: RFC 9325 §3.5; RFC 7627 §5.2
"""

from scanner.model import Judgement, Severity, Verdict
from scanner.observations.extensions import Extensions
from scanner.observations.tls_versions import TlsVersions
from scanner.rules._asked import unseen

SEVERITY = Severity.LOW


def judge(seen: Extensions, versions: TlsVersions) -> Judgement:
    """Of the server's answer to clients that offer it; TLS 1.3 always has it."""
    if seen.extended_master_secret is None:
        return unseen(seen, "extended_master_secret", versions)
    if seen.extended_master_secret:
        return Judgement(Verdict.PASS, "answers extended_master_secret", ("extended master secret",))
    return Judgement(Verdict.WARN, "does not answer extended_master_secret", ("extended master secret",))
