"""A port is open that the inventory does not declare.

Nobody answers for a listener that nobody has declared: it is patched by chance, its firewall rule has no owner, and
it is often the plaintext port that was meant to be closed when its twin with TLS was opened. Who finds it can use it.

How to fix:
- close the port, or bind it to 127.0.0.1: `ss -ltnp` on the host says which process it is
- a web server's port 80: let it do nothing but redirect to https, and this check passes
- wanted: declare it in the inventory, so that it is judged like everything else

Source: site: the inventory is complete; BSI IT-Grundschutz SYS.1.1.A6 (unneeded services are off); NIST SP 800-53 CM-7
"""

from scanner.declared import Service
from scanner.model import Endpoint, Judgement, Scope, Severity, Verdict
from scanner.observations.cleartext import Cleartext
from scanner.observations.reachability import Reachability
from scanner.rules._chains import quoted, told
from scanner.rules._names import leads_home

SEVERITY = Severity.HIGH
UNDECLARED = True
"""Judges what was looked at beside the declared endpoints, and nothing else."""


def judge(
    endpoint: Endpoint, service: Service, reached: Reachability, said: Cleartext | None, scope: Scope
) -> Judgement:
    """A twin that upgrades to TLS and takes no password before is a warning; anything else that is open a violation."""
    if reached.state in ("closed", "filtered", "unresolved"):
        return Judgement(Verdict.PASS, f"{reached.state} ({endpoint.undeclared})", ("reachability",))
    if reached.state != "open":
        detail = f": {told(reached.detail)}" if reached.detail else ""
        return Judgement(Verdict.UNKNOWN, f"could not be asked{detail}", ("reachability",))
    cites = ("reachability", "cleartext")
    speaks = f"speaks {quoted(said.speaks)}" if said is not None and said.speaks != "unknown" else "open"
    what = f"{speaks} on port {endpoint.port}, and is not declared ({endpoint.undeclared})"
    if scope.zone is not None and service.reachable_from and scope.zone not in service.reachable_from:
        return Judgement(Verdict.FAIL, f"{what}; reached from {scope.zone}, across the service's boundary", cites)
    if said is None:
        return Judgement(Verdict.FAIL, what, cites)
    if said.redirect and leads_home(said.redirect, endpoint):
        return Judgement(Verdict.PASS, f"redirects to {quoted(said.redirect)} ({endpoint.undeclared})", cites)
    if said.speaks == "tls" or (said.tls_offered and said.credentials in ("refused", "none")):
        return Judgement(Verdict.WARN, what, cites)
    how = f"; {told(said.how)}" if said.credentials == "accepted" and said.how else ""
    return Judgement(Verdict.FAIL, f"{what}{how}", cites)
