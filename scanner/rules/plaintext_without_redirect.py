"""The plaintext port of an https service answers without sending the client to https.

A page that also works over http will be used over http: from old bookmarks, typed addresses and links. Only a
redirect to the same host brings those visitors to TLS; a redirect to somewhere else leaves them to whoever rewrites
the answer.

How to fix:
- nginx: `server { listen 80; server_name www.example.com; return 301 https://$host$request_uri; }`
- Apache: `<VirtualHost *:80> Redirect permanent / https://www.example.com/ </VirtualHost>`
- or close the port, once HSTS has reached the clients

Source: RFC 6797 §7.2; RFC 9110 §15.4; RFC 9325 §3.2
"""

from scanner.declared import Service, TlsExpectation
from scanner.model import Endpoint, Judgement, Severity, Verdict
from scanner.observations.cleartext import Cleartext
from scanner.observations.reachability import Reachability
from scanner.rules._chains import quoted
from scanner.rules._names import has_https_twin, leads_home

SEVERITY = Severity.MEDIUM
REDIRECTS = (301, 302, 303, 307, 308)


def judge(endpoint: Endpoint, service: Service, reached: Reachability, said: Cleartext | None) -> Judgement:
    """Whatever kind of redirect leads to https on the same host will do."""
    if service.tls is TlsExpectation.NONE:
        return Judgement(Verdict.NOT_APPLICABLE, "the service is declared without TLS")
    if endpoint.protocol != "http":
        return Judgement(Verdict.NOT_APPLICABLE, "not an http endpoint")
    if not has_https_twin(endpoint, service):
        return Judgement(Verdict.NOT_APPLICABLE, "no https is declared beside it; judged by plaintext-port-open")
    if reached.state in ("closed", "filtered"):
        return Judgement(Verdict.PASS, f"the plaintext port is {reached.state}", ("reachability",))
    if reached.state != "open":
        return Judgement(Verdict.UNKNOWN, f"the port is {reached.state}: {reached.detail}", ("reachability",))
    if said is None:
        return Judgement(Verdict.UNKNOWN, "open, but what it answers could not be asked", ("cleartext",))
    if said.speaks == "tls":
        return Judgement(Verdict.PASS, "declared http, but speaks TLS", ("cleartext",))
    if said.status is None and said.redirect is None:
        return Judgement(Verdict.UNKNOWN, "open, but gave no HTTP answer", ("cleartext",))
    status = said.status if said.status is not None else "a redirect"
    if said.redirect is None:
        return Judgement(Verdict.FAIL, f"answers {status} in plaintext, without a redirect", ("cleartext",))
    if said.status is not None and said.status not in REDIRECTS:
        message = f"answers {status} in plaintext, which is no redirect, naming {quoted(said.redirect)}"
        return Judgement(Verdict.FAIL, message, ("cleartext",))
    if leads_home(said.redirect, endpoint):
        return Judgement(Verdict.PASS, f"answers {status} and redirects to {quoted(said.redirect)}", ("cleartext",))
    message = f"answers {status} and redirects to {quoted(said.redirect)}, which is not https on the same host"
    return Judgement(Verdict.FAIL, message, ("cleartext",))
