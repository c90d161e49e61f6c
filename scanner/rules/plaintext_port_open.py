"""A port carries content in plaintext although TLS is required.

Whoever is on the path reads and changes what passes, passwords and session cookies included. A client that was once
told the wrong port, or is talked into it, goes on using it without noticing.

How to fix:
- a plaintext port: close it, bind it to 127.0.0.1, or, for http, let it do nothing but redirect and declare https
  beside it
- nginx: remove `listen 80;`, Apache: remove `Listen 80`
- MongoDB: `net.tls.mode: requireTLS`, and declare `mongodbs://`
- Redis: `port 0` beside `tls-port 6379`; memcached: `-Z -o ssl_chain_cert=…,ssl_key=…`, and declare `tls://`
- a port declared as TLS that speaks plaintext: nginx `listen 443 ssl;`, Apache `SSLEngine on`, Postfix `-o
  smtpd_tls_wrappermode=yes` in `master.cf`, Dovecot `inet_listener imaps { ssl = yes }`, slapd `-h "ldaps:///"`
- no TLS in the product: put a TLS proxy before it (nginx `stream`, stunnel), or declare `tls: none` and guard its
  boundary

Source: RFC 9325 §3.2; RFC 8314 §3 and §4.1 (mail); RFC 9110 §17.1
"""

from scanner.declared import Service, TlsExpectation
from scanner.model import Endpoint, Judgement, ReachTls, Severity, Verdict
from scanner.observations.cleartext import Cleartext
from scanner.observations.reachability import Reachability
from scanner.rules._chains import quoted
from scanner.rules._names import OWN_ENCRYPTION, has_https_twin

SEVERITY = Severity.HIGH


def judge(endpoint: Endpoint, service: Service, reached: Reachability, said: Cleartext | None) -> Judgement:
    """A protocol that upgrades is judged by starttls-not-offered and credentials-before-tls instead."""
    if service.tls is TlsExpectation.NONE:
        return Judgement(Verdict.NOT_APPLICABLE, "the service is declared without TLS")
    if rule := OWN_ENCRYPTION.get(endpoint.protocol):
        return Judgement(Verdict.NOT_APPLICABLE, f"encrypts without TLS; judged by {rule}")
    if reached.state == "unresolved":
        return Judgement(Verdict.NOT_APPLICABLE, "the name has no address to listen on", ("reachability",))
    match endpoint.reach_tls:
        case ReachTls.UPGRADE:
            return Judgement(
                Verdict.NOT_APPLICABLE,
                "reaches TLS by upgrade; judged by starttls-not-offered and credentials-before-tls",
            )
        case ReachTls.IMPLICIT:
            return _declared_tls(endpoint, reached, said)
        case ReachTls.NEVER:
            return _declared_plaintext(endpoint, service, reached, said)


def _declared_tls(endpoint: Endpoint, reached: Reachability, said: Cleartext | None) -> Judgement:
    if reached.state in ("closed", "filtered"):
        return Judgement(Verdict.NOT_APPLICABLE, f"the port is {reached.state}", ("reachability",))
    if said is None or said.speaks == "unknown":
        message = f"not known what is spoken before TLS; the port is {reached.state}"
        return Judgement(Verdict.UNKNOWN, message, ("cleartext", "reachability"))
    if said.speaks == "tls":
        return Judgement(Verdict.PASS, "speaks nothing but TLS", ("cleartext",))
    message = f"speaks {quoted(said.speaks)} in the clear on a port declared {endpoint.protocol}"
    return Judgement(Verdict.FAIL, message, ("cleartext",))


def _declared_plaintext(
    endpoint: Endpoint, service: Service, reached: Reachability, said: Cleartext | None
) -> Judgement:
    cites = ("reachability", "cleartext")
    if reached.state in ("closed", "filtered"):
        return Judgement(Verdict.PASS, f"the plaintext port is {reached.state}", ("reachability",))
    if reached.state != "open":
        return Judgement(Verdict.UNKNOWN, f"the port is {reached.state}: {reached.detail}", ("reachability",))
    if said is not None and said.speaks == "tls":
        return Judgement(Verdict.PASS, f"declared {endpoint.protocol}, but speaks TLS", cites)
    if endpoint.protocol == "http" and has_https_twin(endpoint, service):
        return Judgement(Verdict.NOT_APPLICABLE, "https is declared beside it; judged by plaintext-without-redirect")
    if endpoint.protocol in ("tcp", "udp", "multicast") and (said is None or said.speaks == "unknown"):
        message = "open, and not known what it speaks: declare tls:// or the protocol"
        return Judgement(Verdict.UNKNOWN, message, ("reachability",))
    advice = " (TLS is advised here, not required)" if service.tls is TlsExpectation.ADVISED else ""
    return Judgement(Verdict.FAIL, f"the plaintext port is open{advice}", cites)
