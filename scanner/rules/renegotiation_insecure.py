"""Renegotiation is not bound to the connection.

Without the renegotiation_info extension a client cannot tell its own first handshake from the continuation of an attacker's:
what the attacker sent before counts as the beginning of the client's request.

How to fix:
- update the server's TLS library: OpenSSL has the extension since 0.9.8m, GnuTLS since 2.10, NSS since 3.12.6, Java since 6u22
- Java: do not set `sun.security.ssl.allowUnsafeRenegotiation`

Source: RFC 5746 §3.6; RFC 9325 §3.5
"""

from scanner.model import Judgement, Severity, Verdict
from scanner.observations.extensions import Extensions

SEVERITY = Severity.MEDIUM


def judge(seen: Extensions) -> Judgement:
    """Of the server's answer to clients that offer it; TLS 1.3 has no renegotiation."""
    if seen.secure_renegotiation is None:
        why = seen.reasons.get("secure_renegotiation", "nothing below TLS 1.3 is accepted")
        return Judgement(Verdict.NOT_APPLICABLE, why)
    if seen.secure_renegotiation:
        return Judgement(Verdict.PASS, "answers renegotiation_info", ("secure renegotiation",))
    return Judgement(Verdict.FAIL, "does not answer renegotiation_info", ("secure renegotiation",))
