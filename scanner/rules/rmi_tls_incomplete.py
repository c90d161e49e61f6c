"""An RMI registry, or an object that it names, is reached without TLS.

RMI has two halves on two ports: the registry that hands out stubs, and the objects where the calls go. TLS on one alone
protects nobody: with objects in plaintext all calls are read, passwords among their arguments; with the registry in
plaintext, who is on the path hands out a stub of their own, and the calls go there.

How to fix:
- JMX: `com.sun.management.jmxremote.ssl=true` is for the connector alone, and
  `com.sun.management.jmxremote.registry.ssl=true` for the registry: set both
- objects: `UnicastRemoteObject.exportObject(object, port, new SslRMIClientSocketFactory(), new
  SslRMIServerSocketFactory())`; the registry: `LocateRegistry.createRegistry` with the same two
- where the product cannot do either (RMI in OX App Suite): bind it to 127.0.0.1, and tunnel to it

Source: RFC 9325 §3.2; site: transport of administrator credentials
"""

from scanner.declared import Service, TlsExpectation
from scanner.model import Judgement, Severity, Verdict
from scanner.observations.java_rmi import JavaRmi
from scanner.rules._rmi import OBJECTS, REGISTRY, named

SEVERITY = Severity.HIGH


def judge(service: Service, seen: JavaRmi) -> Judgement:
    """Half of TLS is worth a warning even where none is demanded: somebody meant to have it."""
    plain = [one for one in seen.objects if one.transport == "plaintext"]
    secured = [one for one in seen.objects if one.transport == "tls"]
    open_ = [one for one in seen.objects if one.transport == "unknown"]
    parts = ["the registry"] * (seen.registry == "plaintext") + [named(plain)] * bool(plain)
    cites = (*REGISTRY, *OBJECTS)
    if parts and service.tls is not TlsExpectation.NONE:
        return Judgement(Verdict.FAIL, f"reached in plaintext: {', '.join(parts)}", cites)
    if parts and (secured or seen.registry == "tls"):
        others = ["the registry"] * (seen.registry == "tls") + [named(secured)] * bool(secured)
        message = f"half of it is reached over TLS ({', '.join(others)}), but in plaintext: {', '.join(parts)}"
        return Judgement(Verdict.WARN, message, cites)
    if parts:
        return Judgement(Verdict.NOT_APPLICABLE, "the service is declared without TLS, and has none", cites)
    if open_ or "objects" in seen.reasons:
        why = [f"{named([one])}: {one.how}" for one in open_[:1]] + [seen.reasons.get("objects", "")]
        message = f"the registry is reached over TLS; not known of all objects: {'; '.join(filter(None, why))}"
        return Judgement(Verdict.UNKNOWN, message, cites)
    if not (seen.lists_names or seen.objects):
        return Judgement(Verdict.UNKNOWN, "the registry is reached over TLS; not known what it names", cites)
    return Judgement(Verdict.PASS, "the registry and all that it names are reached over TLS", cites)
