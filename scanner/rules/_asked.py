"""What the rules about suites, groups and extensions share."""

from collections.abc import Collection, Mapping

from scanner.model import Judgement, Verdict
from scanner.observations.cipher_suites import Asked, CipherSuites
from scanner.observations.extensions import Extensions
from scanner.observations.tls_versions import TlsVersions

NOT_ASKED = "not asked at this depth"
SHOWN = 4


def was_asked(asked: Mapping[str, Asked], planned: Collection[str], wanted: Collection[str]) -> bool:
    """Whether everything that is wanted was asked for, of every version: all there is, or what the run had planned."""
    return bool(asked) and (all(one == "all" for one in asked.values()) or set(wanted) <= set(planned))


def many(names: Collection[str]) -> str:
    """The first few, and how many more there are."""
    first = ", ".join(list(names)[:SHOWN])
    return f"{first} and {len(names) - SHOWN} more" if len(names) > SHOWN else first


def accepted_with(suites: CipherSuites | None, *parts: str) -> tuple[str, ...]:
    """`Evidence.about` of the accepted suites whose names have one of these parts."""
    accepted = suites.suites.items() if suites else ()
    return tuple(f"{version} {name}" for version, names in accepted for name in names if any(p in name for p in parts))


def told(reasons: Mapping[str, str]) -> str:
    """Why something is not known, by version."""
    return "; ".join(f"{version}: {reason}" for version, reason in reasons.items())


def unseen(seen: Extensions, field: str, versions: TlsVersions) -> Judgement:
    """What to say of an extension of TLS 1.2 and older that no answer has shown."""
    older = [
        f"TLSv1.{minor}" for minor in range(3) if versions.versions.get(f"TLSv1.{minor}") in ("accepted", "unknown")
    ]
    if not older:
        return Judgement(Verdict.NOT_APPLICABLE, "of TLS 1.0 to 1.2, which have it, none is accepted")
    return Judgement(Verdict.UNKNOWN, f"not seen in {', '.join(older)}: {seen.reasons.get(field, 'no reason given')}")
