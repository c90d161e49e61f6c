"""A declared service cannot be reached.

Either the service is down for its users, or the inventory describes something that is not there any more. In both
cases nothing else could be asked of it, and a report without this finding would look better than the service is.

How to fix:
- the name does not resolve: correct the DNS record, or the host in the inventory
- refused: start the service (`systemctl status nginx postfix dovecot slapd mariadb`) and see with `ss -ltn` that it
  listens on this address and not on 127.0.0.1 alone; IPv6 wants its own `listen [::]:443` / `inet_protocols = all`
- no answer: open the port in the firewall for the zone that this scan ran from
- not meant to be reached from there: say so in `reachable_from`; retired: remove it from the inventory

Source: site: reachability; RFC 9293 §3.10.7.1 (a closed port answers with a reset)
"""

from scanner.declared import Service, TlsExpectation
from scanner.model import Endpoint, Judgement, Scope, Severity, Verdict
from scanner.observations.reachability import Reachability
from scanner.rules._chains import told

SEVERITY = Severity.MEDIUM


def judge(service: Service, endpoint: Endpoint, reached: Reachability, scope: Scope) -> Judgement:
    """Only from zones that may reach the service, as far as the scan says where it runs."""
    if scope.zone is not None and service.reachable_from and scope.zone not in service.reachable_from:
        message = f"not meant to be reached from {scope.zone}; judged by boundary-crossed"
        return Judgement(Verdict.NOT_APPLICABLE, message)
    detail = f": {told(reached.detail)}" if reached.detail else ""
    match reached.state:
        case "open":
            return Judgement(Verdict.PASS, "the port is open", ("reachability",))
        case "closed" | "filtered" if endpoint.protocol == "http" and service.tls is not TlsExpectation.NONE:
            return Judgement(Verdict.NOT_APPLICABLE, f"{reached.state}, as a plaintext port should be")
        case "closed":
            return Judgement(Verdict.FAIL, f"the port is closed{detail}", ("reachability",))
        case "filtered":
            return Judgement(Verdict.FAIL, f"the port does not answer{detail}", ("reachability",))
        case "unresolved":
            message = f"{endpoint.host} does not resolve to an address{detail}"
            return Judgement(Verdict.FAIL, message, ("reachability",))
        case _:
            return Judgement(Verdict.UNKNOWN, f"could not be asked{detail}", ("reachability",))
