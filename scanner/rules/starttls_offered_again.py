"""The server offers the upgrade to TLS again inside TLS.

What it says inside is then not about the connection that it is on: often a proxy ends TLS and passes on the words of a
server behind it, which takes the client to be in the clear and may treat its password and its address that way. A
client that takes up the offer runs TLS within TLS, or into an error.

How to fix:
- let whatever ends TLS also say what is offered: HAProxy and nginx with the PROXY protocol or XCLIENT, and a server
  behind that heeds it
- Postfix behind a proxy: `smtpd_upstream_proxy_protocol`, and a listener of its own without `smtpd_tls_security_level`
- a server of your own: leave STARTTLS out of the capabilities as soon as TLS is up, and answer it with an error

Source: RFC 3207 §4.2; RFC 9051 §6.2.1; RFC 2595 §3.1 and §4; RFC 4511 §4.14.2; RFC 8314 §4.1
"""

from scanner.model import Endpoint, Judgement, ReachTls, Severity, Verdict
from scanner.observations.upgrade import Upgrade

SEVERITY = Severity.LOW


def judge(endpoint: Endpoint, seen: Upgrade | None) -> Judgement:
    """Of what is offered inside TLS, however it was reached."""
    if endpoint.reach_tls is ReachTls.NEVER or (seen is None and endpoint.reach_tls is ReachTls.IMPLICIT):
        return Judgement(Verdict.NOT_APPLICABLE, f"{endpoint.protocol} does not reach TLS by an upgrade")
    if seen is None:
        return Judgement(Verdict.UNKNOWN, "not known what is offered inside TLS")
    if seen.after is None:
        return Judgement(Verdict.NOT_APPLICABLE, f"{endpoint.protocol} does not say inside TLS what it offers")
    if seen.after.tls_offered is None:
        how = f": {seen.after.how}" if seen.after.how else ""
        return Judgement(Verdict.UNKNOWN, f"not known what is offered inside TLS{how}", ("inside TLS",))
    if seen.after.tls_offered:
        return Judgement(Verdict.FAIL, "offers the upgrade to TLS again inside TLS", ("inside TLS",))
    return Judgement(Verdict.PASS, "does not offer the upgrade to TLS inside TLS", ("inside TLS",))
