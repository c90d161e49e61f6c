"""Connect, or over UDP ask, and say what came of it."""

import shlex

from scanner.interview import Interview
from scanner.model import AskFailedError, Endpoint, FailureKind, Reachable, Transport
from scanner.observations.reachability import Reachability

QUICK = True

_STATES: dict[FailureKind, Reachable] = {
    FailureKind.REFUSED: "closed",
    FailureKind.FILTERED: "filtered",
    FailureKind.UNRESOLVED: "unresolved",
}


async def probe(interview: Interview) -> Reachability:
    """Open, closed, filtered or unresolved; anything else could not be asked and raises AskFailedError.

    So does silence over UDP, which is either an open port or a filtered one.
    """
    asked, answered, command = _words(interview.endpoint, interview.protocol.transport)
    try:
        await interview.reach()
    except AskFailedError as error:
        interview.cite("reachability", asked, str(error), command)
        state = _STATES.get(error.failure.kind)
        if state is None:
            raise
        return Reachability(state=state, detail=error.failure.detail)
    interview.cite("reachability", asked, answered, command)
    return Reachability(state="open")


def _words(endpoint: Endpoint, transport: Transport) -> tuple[str, str, str]:
    """What is asked, what it is called when it succeeds, and a command that does the same."""
    where, port = endpoint.address or endpoint.host, endpoint.port
    quoted = shlex.quote(where)
    match transport:
        case "tcp":
            return f"TCP connect to {where} port {port}", "connected", f"nc -vz {quoted} {port}"
        case "udp":
            six = "-6 " if ":" in where else ""
            return f"UDP datagram to {where} port {port}", "answered", f"nmap {six}-sU -Pn -p {port} {quoted}"
        case "multicast":
            join = f"UDP6-RECV:{port},ipv6-join-group=[{where}]:0"
            if ":" not in where:
                join = f"UDP4-RECV:{port},ip-add-membership={where}:0.0.0.0"
            command = f"timeout 5 socat -u {shlex.quote(join)} - | xxd"
            return f"joined multicast group {where} and listened on port {port}", "heard a datagram", command
