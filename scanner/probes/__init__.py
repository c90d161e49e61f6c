"""How things are asked, one file each, with the same stem as its observation.

A probe module has one coroutine,

    async def probe(interview: Interview, versions: TlsVersions) -> Certificate

whose further parameters, by type, are the observations it builds on; `probe_order` follows from that. It
returns a complete observation or raises AskFailedError, and notes its evidence with `interview.cite`.
"""

import inspect
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from types import NoneType
from typing import get_args, get_type_hints

from scanner import registry
from scanner.observations import observation_types


@dataclass(frozen=True)
class Need:
    """An observation that a probe builds on."""

    probe: str
    optional: bool
    """Whether the probe can do without: then it only waits for it, in case it is asked."""


@cache
def builds_on(stem: str) -> tuple[Need, ...]:
    """What a probe needs, by the types of its parameters; `Observation | None` can be missing."""
    names = {kind: name for name, kind in observation_types().items()}
    function = registry.load("probes", stem).probe
    hints = get_type_hints(function)
    found = []
    for name in list(inspect.signature(function).parameters)[1:]:
        parts = get_args(hints[name]) or (hints[name],)
        kind = next(part for part in parts if part is not NoneType)
        found.append(Need(names[kind], NoneType in parts))
    return tuple(found)


@cache
def probe_order() -> tuple[str, ...]:
    """Probes, those that others build on first. Raises graphlib.CycleError."""
    # whatever else: the first connection shows whether anybody is there, and serves the next question
    graph = {
        stem: ["reachability"] * (stem != "reachability") + [need.probe for need in builds_on(stem)]
        for stem in registry.stems("probes")
    }
    return tuple(TopologicalSorter(graph).static_order())
