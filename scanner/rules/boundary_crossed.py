"""A service can be reached from a zone that it must not be reached from.

The boundary that the inventory declares is not there: administration pages, databases and unencrypted channels stand
open to people whom only the firewall was to keep away. For a service without any encryption the boundary is all the
protection it has.

How to fix:
- bind the service to the inner address alone: `listen 10.0.0.5:8080;` (nginx), `Listen 10.0.0.5:8080` (Apache),
  `inet_interfaces` (Postfix), `listen` (Dovecot), `slapd -h ldap://10.0.0.5/`, `bind_address` (MySQL, MariaDB)
- close the port between the zones in the firewall: `nft list ruleset` shows what is let through; mind IPv6
- meant to be reached from there after all: add the zone to `reachable_from`

Source: site: `reachable_from` of the inventory; BSI IT-Grundschutz NET.1.1 (zones and their crossings)
"""

from scanner.declared import Service
from scanner.model import Judgement, Scope, Severity, Verdict
from scanner.observations.reachability import Reachability
from scanner.rules._chains import told

SEVERITY = Severity.HIGH


def judge(service: Service, reached: Reachability, scope: Scope) -> Judgement:
    """Only from zones that must not reach the service; the others are judged by service-unreachable."""
    allowed = ", ".join(service.reachable_from)
    if service.direction == "outbound":
        return Judgement(Verdict.NOT_APPLICABLE, "outbound: where others may be reached from is their concern")
    if not service.reachable_from:
        return Judgement(Verdict.NOT_APPLICABLE, "no boundary is declared")
    if scope.zone is None:
        return Judgement(Verdict.UNKNOWN, "this scan did not say which zone it runs from (--zone)")
    if scope.zone in service.reachable_from:
        return Judgement(Verdict.NOT_APPLICABLE, f"may be reached from {scope.zone}; judged by service-unreachable")
    match reached.state:
        case "open":
            message = f"open to {scope.zone}, but declared for {allowed} only"
            return Judgement(Verdict.FAIL, message, ("reachability",))
        case "closed" | "filtered":
            return Judgement(Verdict.PASS, f"{reached.state} from {scope.zone}", ("reachability",))
        case "unresolved":
            return Judgement(Verdict.PASS, f"its name does not resolve from {scope.zone}", ("reachability",))
        case _:
            detail = f": {told(reached.detail)}" if reached.detail else ""
            return Judgement(Verdict.UNKNOWN, f"could not be asked{detail}", ("reachability",))
