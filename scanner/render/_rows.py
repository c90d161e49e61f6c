"""What a page shows of one endpoint, row by row: what was found out, what could not be asked, what was not asked."""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct, to_builtins

from scanner.model import Failure, Run
from scanner.observations import observation_types
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.extensions import Extensions
from scanner.observations.groups import Groups
from scanner.observations.tls_versions import TlsVersions
from scanner.render import _facts, _ssh
from scanner.render._facts import Fact, by_reason, merged
from scanner.render._keys import finite_fields, group_lists, scheme_lists
from scanner.render._suites import suite_lists
from scanner.render._text import label
from scanner.report import EndpointResult

VERSIONS = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")


class Row(Struct, frozen=True):
    """One row; `kind` names the macro that draws `it`."""

    title: str
    kind: str
    it: Any


def _versions(it: TlsVersions, _: Run) -> Any:
    answers = [(version, it.versions.get(version, "not asked")) for version in VERSIONS]
    return answers, by_reason(it.reasons)


def _suites(it: CipherSuites, run: Run) -> Any:
    return suite_lists(it, forbids=bool(run.asks.suites))


def _groups(it: Groups, run: Run) -> Any:
    return group_lists(it, forbids=bool(run.asks.groups)), list(finite_fields(it))


def _extensions(it: Extensions, run: Run) -> Any:
    return merged(_facts.extensions(it, quick=run.depth == "quick"))


_ROWS: dict[str, tuple[str, str, Callable[[Any, Run], Any]]] = {
    "cleartext": ("Before TLS", "cleartext", lambda it, _: it),
    "tls_versions": ("Versions", "versions", _versions),
    "certificate": ("Certificates", "certificates", lambda it, _: it),
    "cipher_suites": ("Cipher suites", "suites", _suites),
    "groups": ("Key exchange", "groups", _groups),
    "signature_schemes": ("Signatures", "names", lambda it, _: scheme_lists(it)),
    "extensions": ("Extensions", "facts", _extensions),
    "ssh": ("SSH", "ssh", lambda it, _: (list(_ssh.facts(it)), _ssh.lists(it))),
    "java_rmi": ("Java RMI", "facts", lambda it, _: merged(_facts.java_rmi(it))),
    "resumption": ("Sessions", "facts", lambda it, _: merged(_facts.sessions(it))),
    "kerberos": ("Kerberos", "facts", lambda it, _: merged(_facts.kerberos(it))),
}
"""Probe → title, macro, and what the macro is given."""
_BEHAVIOUR: dict[str, Callable[[Any], Iterator[Fact]]] = {
    "upgrade": _facts.inside,
    "client_authentication": _facts.client_certificates,
    "server_names": _facts.names,
    "downgrade": _facts.protection,
    "tolerance": _facts.tolerance,
    "conformance": _facts.conformance,
}
"""Probes with few words to say share a row."""


def rows(endpoint: EndpointResult[Any], run: Run) -> Iterator[Row]:
    """Everything of an endpoint, once; what is known first, then what could not be asked, then what was not asked."""
    seen: dict[str, Any] = {probe: one.observation for probe, one in endpoint.attempts.items() if one.status == "ok"}
    for probe, (title, kind, read) in _ROWS.items():
        if probe in seen:
            yield Row(title, kind, read(seen[probe], run))
    if facts := merged(fact for probe, read in _BEHAVIOUR.items() if probe in seen for fact in read(seen[probe])):
        authorities = seen["client_authentication"].authorities if "client_authentication" in seen else ()
        deviations = seen["conformance"].deviations if "conformance" in seen else ()
        yield Row("Behaviour", "behaviour", (facts, authorities, deviations))
    for probe, it in seen.items():
        if probe == "reachability":
            if it.detail:
                yield Row("Reachability", "text", f"{it.state}: {it.detail}")
        elif probe not in _ROWS and probe not in _BEHAVIOUR:
            plain = to_builtins(it)
            yield Row(label(probe), "anything", {key: value for key, value in plain.items() if key != "probe"})
    yield from _failures(endpoint)
    if missing := _missing(endpoint):
        yield Row("Not asked", "unasked", (_why_not(run), missing))


def _failures(endpoint: EndpointResult[Any]) -> Iterator[Row]:
    """What has no answer for one and the same reason stands in one row."""
    failed: dict[Failure, list[str]] = {}
    for probe, one in endpoint.attempts.items():
        if isinstance(one.failure, Failure):
            failed.setdefault(one.failure, []).append(title(probe))
    for failure, probes in failed.items():
        yield Row(
            probes[0] if len(probes) == 1 else "Not known", "failure", (failure, probes if len(probes) > 1 else [])
        )


def _missing(endpoint: EndpointResult[Any]) -> list[str]:
    """Probes that suit the endpoint and were not asked; where no TLS was asked for at all, the protocol has none."""
    kinds = observation_types()
    if not any(probe in kinds and kinds[probe].needs_tls for probe in endpoint.attempts):
        return []
    return [title(probe) for probe, kind in kinds.items() if kind.needs_tls and probe not in endpoint.attempts]


def _why_not(run: Run) -> str:
    if run.depth == "quick":
        return "not asked at this depth"
    return "not among the probes chosen for this run" if run.probes else "not asked in this run"


def title(probe: str) -> str:
    """A probe as a heading: `Cipher suites`, `TLS versions`."""
    words = label(probe)
    return words[:1].upper() + words[1:]
