"""Connect, and say what came of it."""

import shlex

from scanner.interview import Interview
from scanner.model import AskFailedError, FailureKind, Reachable
from scanner.observations.reachability import Reachability

QUICK = True

_STATES: dict[FailureKind, Reachable] = {
    FailureKind.REFUSED: "closed",
    FailureKind.FILTERED: "filtered",
    FailureKind.UNRESOLVED: "unresolved",
}


async def probe(interview: Interview) -> Reachability:
    """Open, closed, filtered or unresolved; anything else could not be asked and raises AskFailedError."""
    endpoint = interview.endpoint
    command = f"nc -vz {shlex.quote(endpoint.address or endpoint.host)} {endpoint.port}"
    try:
        await interview.reach()
    except AskFailedError as error:
        interview.cite(
            "reachability",
            f"TCP connect to {endpoint.address or endpoint.host} port {endpoint.port}",
            str(error),
            command,
        )
        state = _STATES.get(error.failure.kind)
        if state is None:
            raise
        return Reachability(state=state, detail=error.failure.detail)
    interview.cite("reachability", f"TCP connect to {endpoint.address} port {endpoint.port}", "connected", command)
    return Reachability(state="open")
