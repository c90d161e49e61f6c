"""`report.html`: one self-contained page for a reviewer; it loads nothing, runs nothing and prints well."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b, sha256
from pathlib import PurePath
from typing import Any, BinaryIO

import jinja2
from markupsafe import Markup

from scanner import registry
from scanner.declared import Service
from scanner.model import Evidence, Verdict
from scanner.observations import observation_types
from scanner.observations.certificate import CertificateFacts, Chain
from scanner.render._facts import MOST_AUTHORITIES
from scanner.render._glance import glance
from scanner.render._overview import ORDER, cautions, headline, overview, standing, together
from scanner.render._rows import rows, title
from scanner.render._suites import SEVERE, SHORT, weak
from scanner.render._text import SYMBOLS, WORDS, count, cut, label, moment, prose, visible
from scanner.render._walk import Judged, by_service
from scanner.report import EndpointResult, Finding, Report
from scanner.wire.suite_weaknesses import WEAKNESSES

SUFFIX = "html"

_MARKS = {
    stands: Markup('<span class="m {}" role="img" aria-label="{}">{}</span>').format(stands, word, SYMBOLS[stands])
    for stands, word in WORDS.items()
}
"""Standings as a symbol that screen readers can read."""

_CHUNK = 64
"""Pieces of the page joined into one write."""


def render(report: Report[Any], out: BinaryIO) -> None:
    """Stream `report` as one HTML page in UTF-8; the report is read twice, one endpoint at a time."""
    seen = overview(report)
    css = registry.data_files("render", ".css")["report"]
    digest = b64encode(sha256(css.encode()).digest()).decode("ascii")
    page = _template().stream(
        report=report,
        run=report.run,
        seen=seen,
        headline=headline(report, seen),
        cautions=cautions(report, seen),
        duration=_duration(report.run.started, report.run.finished),
        sections=_sections(report),
        zones=[run.zone for run in report.merged or [report.run] if run.zone],
        allowed={service.id: service.reachable_from for service in report.services},
        names={service.id: service.name for service in report.services},
        css=Markup(css),  # noqa: S704 - our own file, and the policy names its digest
        csp=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )
    page.enable_buffering(_CHUNK)
    out.writelines(piece.encode("utf-8") for piece in page)


@cache
def _template() -> jinja2.Template:
    """The page. Whatever an expression yields is first made visible, then escaped."""
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(registry.data_files("render", ".html.j2")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "symbols": SYMBOLS,
        "marks": _MARKS,
        "words": WORDS,
        "count": count,
        "standing": standing,
        "cut": cut,
        "prose": prose,
    }
    environment.globals |= {"service_id": service_id, "finding_id": finding_id, "endpoint_id": endpoint_id}
    environment.globals |= {
        "rows": rows,
        "glance": glance,
        "weak": weak,
        "most_authorities": MOST_AUTHORITIES,
        "short": SHORT,
        "severe": SEVERE,
        "weaknesses": WEAKNESSES,
        "kinds": observation_types(),
        "distinct": _distinct,
        "sorted_out": _sorted_out,
        "served": _served,
        "together": together,
        "label": label,
        "moment": moment,
    }
    environment.filters["title_of"] = title
    # of a trust store or a policy of the site's own: in which folder of the scanning host it lies is nobody's business
    environment.filters["file_name"] = lambda text: PurePath(text).name
    return environment.get_template("report")


def service_id(service: str) -> str:
    """Anchor of a service: `s-OX-10`. Different services never share one."""
    return "s-" + "".join(c if c.isascii() and (c.isalnum() or c == "-") else f"_{ord(c):x}_" for c in service)


def endpoint_id(endpoint: EndpointResult[Any]) -> str:
    """Anchor of an endpoint, the same in every run."""
    return "e-" + _digest(endpoint.service, endpoint.url, endpoint.address, endpoint.zone or "")


def finding_id(finding: Finding) -> str:
    """Anchor of a finding, the same in every run."""
    one = finding
    return "f-" + _digest(one.policy, one.rule, one.clause, one.service, one.url, one.address, one.zone or "")


def _digest(*parts: str) -> str:
    """Twelve digits: among a million findings, two alike are a matter of one run in five hundred."""
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _sections(report: Report[Any]) -> Iterator[tuple[str, str, Service | None, Iterator[Judged]]]:
    """One section each service: its anchor, ID, declaration if there is one, and endpoints with their findings."""
    declared = {service.id: service for service in report.services}
    times: dict[str, int] = {}
    for name, judged in by_service(report):
        times[name] = times.get(name, 0) + 1
        again = f"--{times[name]}" if times[name] > 1 else ""
        yield service_id(name) + again, name, declared.get(name), judged
    for service in report.services:
        if service.id not in times:
            yield service_id(service.id), service.id, service, iter(())


def _sorted_out(findings: list[Finding]) -> tuple[list[Finding], list[Finding], int]:
    """What needs attention, the worst first, what does not, and how much of the latter does not apply."""
    quiet = {"pass", "not-applicable"}
    rest = [finding for finding in findings if standing(finding) in quiet]
    moot = sum(finding.verdict == Verdict.NOT_APPLICABLE for finding in rest)
    loud = [finding for finding in findings if standing(finding) not in quiet]
    return sorted(loud, key=lambda one: (ORDER.index(standing(one)), -one.severity.rank)), rest, moot


def _served(chains: tuple[Chain, ...]) -> Iterator[tuple[Chain, list[tuple[str, CertificateFacts, bool]]]]:
    """Each chain with its certificates: where it stands, its facts, and whether an earlier chain served it too."""
    shown: set[str] = set()
    for chain in chains:
        places = ["Leaf", *(f"Issuer {number}, as served" for number in range(1, len(chain.certificates)))]
        yield chain, [(place, one, one.sha256 in shown) for place, one in zip(places, chain.certificates, strict=True)]
        shown |= {one.sha256 for one in chain.certificates}


def _distinct(findings: list[Finding]) -> list[Evidence]:
    """Evidence of several findings, each piece once."""
    return list(dict.fromkeys(evidence for finding in findings for evidence in finding.evidence))


def _duration(started: str, finished: str | None) -> str:
    """`41 s`, `3 min 7 s`, `2 h 10 min`; `not finished` without an end. Arguments are RFC 3339."""
    if finished is None:
        return "not finished"
    spent = datetime.fromisoformat(finished) - datetime.fromisoformat(started)
    minutes, seconds = divmod(int(spent / timedelta(seconds=1)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
