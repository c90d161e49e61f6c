"""Renegotiation is not bound to the connection.

Without the renegotiation_info extension a client cannot tell its own first handshake from the continuation of an
attacker's: what the attacker sent before counts as the beginning of the client's request.

How to fix:
- update the server's TLS library: OpenSSL has the extension since 0.9.8m, GnuTLS since 2.10, NSS since 3.12.6, Java
  since 6u22
- GnuTLS: no `%NO_EXTENSIONS` and no `%DISABLE_SAFE_RENEGOTIATION` in the priority string
- Java: do not set `sun.security.ssl.allowUnsafeRenegotiation`

Source: RFC 5746 §3.6; RFC 9325 §3.5
"""

from scanner.model import Judgement, Severity, Verdict
from scanner.observations.extensions import Extensions
from scanner.observations.tls_versions import TlsVersions
from scanner.rules._asked import unseen

SEVERITY = Severity.MEDIUM


def judge(seen: Extensions, versions: TlsVersions) -> Judgement:
    """Of the server's answer to clients that offer it; TLS 1.3 has no renegotiation."""
    if seen.secure_renegotiation is None:
        return unseen(seen, "secure_renegotiation", versions)
    if seen.secure_renegotiation:
        return Judgement(Verdict.PASS, "answers renegotiation_info", ("secure renegotiation",))
    return Judgement(Verdict.FAIL, "does not answer renegotiation_info", ("secure renegotiation",))
