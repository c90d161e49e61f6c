"""JMX takes a login from anybody.

Whoever is in may call every operation of the management beans, and load beans of their own: that is to run any code in
the server's process, with its rights, its keys and its data. No password was asked for.

How to fix:
- `com.sun.management.jmxremote.authenticate=true` (the default), with
  `com.sun.management.jmxremote.password.file` and `…access.file`, readable by the process alone
- or certificates: `com.sun.management.jmxremote.ssl.need.client.auth=true`
- not needed from elsewhere: leave out `com.sun.management.jmxremote.port`; `jcmd` and `jconsole` find local processes

Source: site: no administration without authentication (JDK, "Monitoring and Management Guide" ch. 2)
"""

from scanner.model import Endpoint, Judgement, Severity, Verdict
from scanner.observations.java_rmi import JavaRmi
from scanner.rules._chains import told
from scanner.rules._rmi import OBJECTS, REGISTRY, named

SEVERITY = Severity.CRITICAL


def judge(endpoint: Endpoint, seen: JavaRmi) -> Judgement:
    """Wherever a registry names a JMX connector, whatever the URL says; TLS does not matter here."""
    connectors = [one for one in seen.objects if one.login_how]
    taken = [one for one in connectors if one.login == "none"]
    if taken:
        return Judgement(Verdict.FAIL, f"a login as nobody was taken: {named(taken)}", OBJECTS)
    open_ = [one for one in connectors if one.login != "required"]
    if open_:
        message = f"not known whether a login is required: {named(open_)}: {open_[0].login_how}"
        return Judgement(Verdict.UNKNOWN, message, OBJECTS)
    if more := seen.reasons.get("objects") or next((told(one.how) for one in seen.objects if not one.types), ""):
        message = f"not known of all objects whether they are connectors of JMX: {more}"
        return Judgement(Verdict.UNKNOWN, message, OBJECTS)
    if connectors:
        return Judgement(Verdict.PASS, f"a login as nobody was refused: {named(connectors)}", OBJECTS)
    if endpoint.protocol.startswith("jmx"):
        return Judgement(Verdict.UNKNOWN, "no connector of JMX was seen", REGISTRY)
    return Judgement(Verdict.NOT_APPLICABLE, "no connector of JMX was seen")
