"""An RMI registry lists its names to anybody.

The names say what there is to attack, and behind each is a stub with the port to call: a registry asks nobody who they
are. Whoever can connect to it needs no more to reach the provisioning or the monitoring of the whole installation.

How to fix:
- bind the registry to the interface of those who use it, and open its port to their hosts alone
- JMX: `com.sun.management.jmxremote.host=127.0.0.1`, and tunnel to it
- over TLS, ask for a certificate: `com.sun.management.jmxremote.registry.ssl=true` with
  `com.sun.management.jmxremote.ssl.need.client.auth=true`; a registry of one's own: `new
  SslRMIServerSocketFactory(null, null, true)`

Source: site: internal interfaces (Java RMI Specification §6; JMX agent, "Monitoring and Management Guide" ch. 2)
"""

from scanner.model import Judgement, Severity, Verdict
from scanner.observations.java_rmi import JavaRmi
from scanner.rules._asked import many
from scanner.rules._chains import quoted, told
from scanner.rules._rmi import REGISTRY

SEVERITY = Severity.MEDIUM


def judge(seen: JavaRmi) -> Judgement:
    """A warning: no registry of the JDK can tell its clients apart but by TLS."""
    if seen.lists_names:
        names = many([quoted(name) for name in seen.names]) or "none at the moment"
        return Judgement(Verdict.WARN, f"lists its names to anybody: {names}", REGISTRY)
    why = told(seen.reasons.get("lists_names", ""))
    return Judgement(Verdict.PASS, f"does not list its names: {why}", REGISTRY)
