"""What the rules about suites and groups share."""

from collections.abc import Collection, Mapping

from scanner.observations.cipher_suites import Asked

NOT_ASKED = "not asked at this depth"
SHOWN = 4


def was_asked(asked: Mapping[str, Asked], planned: Collection[str], wanted: Collection[str]) -> bool:
    """Whether everything that is wanted was asked for: all of it, or as was planned for the run."""
    return all(one == "all" for one in asked.values()) or set(wanted) <= set(planned)


def many(names: Collection[str]) -> str:
    """The first few, and how many more there are."""
    first = ", ".join(list(names)[:SHOWN])
    return f"{first} and {len(names) - SHOWN} more" if len(names) > SHOWN else first


def told(reasons: Mapping[str, str]) -> str:
    """Why something is not known, by version."""
    return "; ".join(f"{version}: {reason}" for version, reason in reasons.items())
