"""What the rules about Java RMI share."""

from collections.abc import Iterable

from scanner.model import Endpoint, Judgement, Verdict
from scanner.observations.java_rmi import RemoteObject
from scanner.rules._asked import many
from scanner.rules._chains import quoted

REGISTRY, OBJECTS = ("names",), ("objects",)
"""`Evidence.about`."""


def unasked(endpoint: Endpoint) -> Judgement:
    """For what is no RMI, and for a registry that could not be asked."""
    if not endpoint.protocol.startswith(("rmi", "jmx")):
        return Judgement(Verdict.NOT_APPLICABLE, f"{endpoint.protocol} is not Java RMI")
    return Judgement(Verdict.UNKNOWN, "not known what the registry says")


def named(objects: Iterable[RemoteObject]) -> str:
    """`'jmxrmi' on port 9998`."""
    return many([f"{quoted(one.name)} on port {one.port}" if one.port else quoted(one.name) for one in objects])
