"""What can be known of an endpoint: pure records, one file each, named like the probe that asks."""

from functools import cache, reduce
from operator import or_
from typing import Any

from scanner import registry
from scanner.model import Observation


@cache
def observation_types() -> dict[str, type[Observation]]:
    """Every observation by its probe's name: `tls_versions` → `TlsVersions`."""
    types: dict[str, type[Observation]] = {}
    for stem in registry.stems("observations"):
        module = registry.load("observations", stem)
        (types[stem],) = (
            thing
            for thing in vars(module).values()
            if isinstance(thing, type) and issubclass(thing, Observation) and thing.__module__ == module.__name__
        )
    return types


def of_any_observation(generic: Any) -> Any:
    """`Attempt` → `Attempt[all observations]`, as msgspec decodes it by their `probe` tag.

    The union is made from the folder at run time, so type checkers see no more than Any.
    """
    return generic[reduce(or_, observation_types().values())]
