"""What a rule compares an endpoint with: its other addresses, and the services it is declared to be like."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from scanner.model import Attempt, Endpoint


class Seen(Struct, frozen=True):
    """What was found out of one endpoint."""

    endpoint: Endpoint
    observations: dict[str, Any]
    """By probe."""


class Peers(Struct, frozen=True):
    """What a rule compares an endpoint with."""

    nodes: tuple[Seen, ...] = ()
    """The same URL at each of its addresses, the endpoint itself among them."""
    services: dict[str, tuple[Seen, ...]] = {}
    """The endpoints of the services that any service is compared with, by its ID."""


def facts_of(endpoint: Endpoint, attempts: Mapping[str, Attempt[Any]]) -> Seen:
    """What others are compared with."""
    return Seen(endpoint, {probe: one.observation for probe, one in attempts.items() if one.observation is not None})
