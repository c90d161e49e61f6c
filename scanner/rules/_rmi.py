"""What the rules about Java RMI share."""

from collections.abc import Iterable

from scanner.observations.java_rmi import RemoteObject
from scanner.rules._asked import many
from scanner.rules._chains import quoted

REGISTRY, OBJECTS = ("names",), ("objects",)
"""`Evidence.about`."""


def named(objects: Iterable[RemoteObject]) -> str:
    """`'jmxrmi' on port 9998`."""
    return many([f"{quoted(one.name)} on port {one.port}" if one.port else quoted(one.name) for one in objects])
