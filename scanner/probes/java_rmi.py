"""Ask an RMI registry for its names, and follow the stubs behind them to the ports where the objects are.

A stub names a host as well: that may be any, so the port is asked at the endpoint's own address.
"""

from functools import partial

from scanner.interview import Interview
from scanner.model import AskFailedError, FailureKind
from scanner.net.exchange import first_flight
from scanner.observations.cleartext import Cleartext
from scanner.observations.java_rmi import JavaRmi, Login, RemoteObject, Transport
from scanner.observations.tls_versions import TlsVersions
from scanner.probes import _rmi
from scanner.protocols.rmi import UNUSED_NAME
from scanner.wire.jrmp import Stub
from scanner.wire.text import printable
from scanner.wire.tls_names import Version
from scanner.wire.tls_questions import version_hellos

QUICK = True

MOST_NAMES = 64
MOST_PORTS = 4
"""That are followed."""
_NAME = 200
"""Characters of a name that are kept."""
_HELLO = version_hellos(Version.TLSv1_2, ())[0]
_OTHERWISE = {FailureKind.CLOSED_EARLY, FailureKind.RESET, FailureKind.MALFORMED}
"""How a port ends a conversation that it does not speak."""
_JMX = ("javax.management.remote.rmi.RMIServer", "javax.management.remote.rmi.RMIServerImpl_Stub")


async def probe(interview: Interview, said: Cleartext | None, _versions: TlsVersions | None) -> JavaRmi:
    """Raises AskFailedError where no registry is found, in the clear or inside TLS."""
    tls = await _registry_is_secured(interview, said)
    usual = ("jmxrmi",) if interview.endpoint.protocol.startswith("jmx") else ()
    work = _rmi.inside(partial(_rmi.ask_registry, usual=usual), interview.endpoint.server_name, tls=tls)
    command = f"nmap -Pn -p {interview.endpoint.port} --script rmi-dumpregistry {interview.endpoint.address}"
    try:
        seen = await interview.talk("registry", work)
    except AskFailedError as error:
        interview.cite("names", "Registry.list()", str(error), command)
        if not _rmi.wants_certificate(error):
            raise
        return JavaRmi(registry="tls", lists_names=False, reasons={"lists_names": str(error)})
    told = f"refused: {seen.refusal}" if seen.refusal else f"{len(seen.names)} names"
    interview.cite("names", "Registry.list()", printable(told, 200), command)
    reasons = {"lists_names": seen.refusal} if seen.refusal else {}
    if len(seen.names) > MOST_NAMES:
        reasons["names"] = f"of {len(seen.names)}, the first {MOST_NAMES}"
    if len(seen.found) < len(seen.names):
        reasons["objects"] = f"of {len(seen.names)}, the first {len(seen.found)} were looked up"
    return JavaRmi(
        registry="tls" if tls else "plaintext",
        lists_names=not seen.refusal,
        names=tuple(printable(name, _NAME) for name in seen.names[:MOST_NAMES]),
        objects=await _follow(interview, seen, tls=tls),
        reasons=reasons,
    )


async def _registry_is_secured(interview: Interview, said: Cleartext | None) -> bool:
    """Whether the port begins with TLS. Raises AskFailedError when it does not, nor speaks JRMP in the clear."""
    if said is not None and said.speaks in ("tls", "rmi"):
        return said.speaks == "tls"
    try:
        await interview.ask(_HELLO)
    except AskFailedError as error:
        if error.failure.kind not in _OTHERWISE:
            raise
        await interview.talk("jrmp", _rmi.greet)
        return False
    return True


async def _follow(interview: Interview, seen: _rmi.Registry, *, tls: bool) -> tuple[RemoteObject, ...]:
    """Every name with what is known of the port behind it; each port is asked once."""
    ports: dict[int, tuple[Transport, str]] = {interview.endpoint.port: ("tls" if tls else "plaintext", "as registry")}
    logins: dict[Stub, tuple[Login, str]] = {}
    objects = []
    for name, found in seen.found:
        if isinstance(found, str):
            objects.append(RemoteObject(name=printable(name, _NAME), how=printable(found, _NAME)))
            continue
        if found.port not in ports and len(ports) <= MOST_PORTS:
            ports[found.port] = await _transport(interview, found)
        transport, how = ports.get(found.port, ("unknown", f"not asked: more than {MOST_PORTS} ports"))
        if not set(_JMX).isdisjoint(found.types) and found not in logins:
            logins[found] = await _login(interview, found, transport)
        login, login_how = logins.get(found, ("not-asked", ""))
        objects.append(
            RemoteObject(
                name=printable(name, _NAME),
                types=tuple(printable(one, _NAME) for one in found.types[:8]),
                host=printable(found.host, _NAME),
                port=found.port,
                socket_factory=printable(found.socket_factory, _NAME),
                transport=transport,
                how=how,
                login=login,
                login_how=login_how,
            )
        )
    return tuple(objects)


async def _transport(interview: Interview, stub: Stub) -> tuple[Transport, str]:
    """What a stub's port begins with."""
    asked = f"JRMP handshake with port {stub.port}, which a stub names"
    command = f"printf 'JRMI\\0\\2K' | nc -w 3 {interview.endpoint.address} {stub.port} | xxd"
    try:
        await interview.talk("jrmp", _rmi.greet, port=stub.port)
    except AskFailedError as error:
        interview.cite("objects", asked, str(error), command)
        return await _tls_instead(interview, stub) if error.failure.kind in _OTHERWISE else ("unknown", str(error))
    interview.cite("objects", asked, "ProtocolAck in the clear", command)
    return "plaintext", "a JRMP handshake in the clear was taken"


async def _tls_instead(interview: Interview, stub: Stub) -> tuple[Transport, str]:
    """Whether TLS is what a port speaks that ended a handshake of JRMP."""
    asked = f"{_HELLO} to port {stub.port}, which a stub names"
    command = interview.s_client(port=stub.port)
    hello = partial(first_flight, hello=_HELLO, server_name=interview.endpoint.server_name)
    try:
        flight = await interview.talk("tls", hello, port=stub.port)
    except AskFailedError as error:
        interview.cite("objects", asked, str(error), command)
        return "unknown", str(error)
    interview.cite("objects", asked, str(flight), command)
    return "tls", f"a ClientHello was answered with {flight}"


async def _login(interview: Interview, stub: Stub, transport: Transport) -> tuple[Login, str]:
    """Log in to JMX as nobody: what the answer says of authentication."""
    if interview.passive:
        return "not-asked", "a login is an active question (--passive)"
    if transport == "unknown":
        return "unknown", "the port could not be asked"
    talk = partial(_rmi.log_in, object_id=stub.object_id)
    work = _rmi.inside(talk, interview.endpoint.server_name, tls=transport == "tls")
    try:
        login, how = await interview.talk("login", work, port=stub.port)
    except AskFailedError as error:
        login, how = ("required" if _rmi.wants_certificate(error) else "unknown"), str(error)
    interview.cite("objects", f"JMX login as {UNUSED_NAME} on port {stub.port}", how)
    return login, how
