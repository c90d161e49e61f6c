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


@cache
def any_observation() -> Any:
    """The union of all observations, as msgspec decodes it by its `probe` tag."""
    return reduce(or_, observation_types().values())
