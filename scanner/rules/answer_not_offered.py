"""The server selects what the client did not offer.

A server has to choose among the versions, suites, groups and protocols that a client offers. One that answers with
something else is broken, or is not what it seems: clients abort, and what was found out about its settings may not be
so.

How to fix:
- update the server's TLS library, or what terminates TLS in front of it (a load balancer, an inspecting firewall)
- look whether several machines answer under this address with different settings

Source: RFC 8446 §4.1.3; RFC 5246 §7.4.1.3
"""

from scanner.model import Judgement, Severity, Verdict
from scanner.observations.conformance import Conformance
from scanner.observations.tls_versions import TlsVersions
from scanner.rules._asked import many

SEVERITY = Severity.HIGH


def judge(seen: Conformance, _versions: TlsVersions | None) -> Judgement:
    """Of all answers to all questions; those about versions, at least, are to be among them."""
    if seen.deviations:
        told = many([one.what for one in seen.deviations])
        return Judgement(Verdict.FAIL, f"{told}, which was not offered", ("conformance",))
    if not seen.answers:
        return Judgement(Verdict.UNKNOWN, "no ClientHello was answered")
    return Judgement(Verdict.PASS, f"selects only what is offered, in {seen.answers} answers", ("conformance",))
