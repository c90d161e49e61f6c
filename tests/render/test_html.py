"""`report.html`: nothing a server says becomes markup, nothing is loaded, nothing is left out."""

import base64
import hashlib
import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner.model import Observation, Verdict
from scanner.render import html
from scanner.render._text import visible
from scanner.report import EndpointResult, Finding, Report
from tests.render.example import report
from tests.render.parts import HOSTILE, LINK, evidence, ok

ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "a", "header", "nav", "main", "section", "article", "footer"),
    *("p", "b", "h1", "h2", "h3", "h4", "h5", "ul", "ol", "li", "dl", "dt", "dd", "div", "span", "small", "br"),
    *("details", "summary", "table", "caption", "thead", "tbody", "tr", "th", "td", "time", "code", "pre"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "role", "aria-label", "scope"),
    *("tabindex", "colspan", "title", "open"),
}
VOID = {"meta", "br"}


class Page(HTMLParser):
    """Everything a browser would make elements of."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page.decode())
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), "an attribute stands twice"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str, attribute: str) -> list[str]:
        """Values of an attribute, in order."""
        return [str(attrs[attribute]) for name, attrs in self.elements if name == tag and attribute in attrs]

    @property
    def text(self) -> str:
        """All text, spaces collapsed."""
        return " ".join("".join(data for tag, data in self.texts if tag != "style").split())


def rendered(one: Report[Any]) -> bytes:
    """What the renderer writes."""
    out = io.BytesIO()
    html.render(one, out)
    return out.getvalue()


def assert_only_ours(page: Page) -> None:
    """No element, attribute or link that the template does not make."""
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert {name for _, attrs in page.elements for name in attrs} <= ATTRIBUTES
    assert all(target.startswith("#") for target in page.all("a", "href"))


def test_nothing_a_server_says_becomes_markup() -> None:
    data = rendered(report())
    assert_only_ours(Page(data))
    assert b"<script" not in data
    assert b"<img" not in data
    assert b"\x1b" not in data
    assert "\u202e".encode() not in data
    assert LINK in Page(data).text


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.characters() | st.sampled_from("<>\"'&=/`{}%#-! \x00\x1b\r\n"), max_size=60))
def test_no_text_whatever_becomes_markup(said: str) -> None:
    (first, *rest) = report().findings
    lie = replace(first, message=said, remediation=said, clause=said, verdict=Verdict.FAIL, rule=said)
    lie = replace(lie, evidence=(evidence(said, said, said, said),))
    page = Page(rendered(replace(report(), findings=[lie, *rest])))
    assert_only_ours(page)
    assert all(c.isprintable() or c == "\n" for _, text in page.texts for c in text)


def test_style_is_the_only_resource_and_its_digest_is_right() -> None:
    page = Page(rendered(report()))
    (policy,) = (a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    style = "".join(data for tag, data in page.texts if tag == "style")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"url\(|@import|expression", style)


def test_every_finding_is_there_once_and_every_link_leads_somewhere() -> None:
    page = Page(rendered(report()))
    ids = [str(attrs["id"]) for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    for finding in report().findings:
        assert html.finding_id(finding) in ids
        assert " ".join(visible(finding.message).split()) in page.text
    assert {target.removeprefix("#") for target in page.all("a", "href")} <= set(ids)
    assert {html.service_id(service.id) for service in report().services} <= set(ids)


def test_anchors_are_the_same_in_every_run_and_differ_between_services() -> None:
    (first, *_) = report().findings
    assert html.finding_id(first) == html.finding_id(replace(first, message="other", verdict=Verdict.FAIL))
    assert html.finding_id(first) != html.finding_id(replace(first, address="192.0.2.99"))
    names = ["OX-10", "OX 10", "OX_10", "OX_20_10", "ox-10", "ÖX-10", "O\u0308X-10", ""]
    assert len({html.service_id(name) for name in names}) == len(names)
    assert html.service_id("OX-10") == "s-OX-10"


def test_verdict_comes_first_and_worst_first_after_it() -> None:
    data = rendered(report()).decode()
    body = data[data.index("<body") :]
    order = ["<h1>", "6 violations in 3 of 7 services", "Read this verdict with care", 'id="attention"', "Violations"]
    order += ["Unknown: could not be decided", "Warnings", "Waived", 'id="matrix"', 'id="services"', 'id="coverage"']
    places = [body.index(word) for word in order]
    assert places == sorted(places)
    attention = body[body.index('id="attention"') : body.index('id="matrix"')]
    severities = re.findall(r'class="sev">(\w+)<', attention[: attention.index("Unknown: could")])
    assert severities == ["critical", "high", "high", "medium", "medium", "medium"]


def test_worst_comes_first_within_an_endpoint() -> None:
    data = rendered(report()).decode()
    smtp = data[data.index('id="s-MX-01"') : data.index('id="s-DB-01"')]
    assert re.findall(r'class="finding ([\w-]+)"', smtp) == ["fail", "fail", "unknown"]


def test_says_what_was_not_looked_at() -> None:
    text = Page(rendered(report())).text
    for said in (
        "The run is incomplete",
        "The scan was passive",
        "2 endpoints could not be assessed",
        "1 declared service not in this report",
        "how keys are stored cannot be seen from the network",
        "Waivers that cover nothing",
        "OX-99",
    ):
        assert said in text, said


def test_waivers_show_owner_reason_and_whether_they_lapsed() -> None:
    text = Page(rendered(report())).text
    assert "Waived until 2026-09-30 · owner db team" in text
    assert "Waiver lapsed on 2026-02-28 · owner mail team · approval SEC-311" in text


def test_could_not_ask_is_never_shown_as_no() -> None:
    text = Page(rendered(report())).text
    assert "Could not ask: upgrade refused: 454" in text
    assert "rsa: could not be asked, timed out" in text
    assert "SSLv3 unknown" in text
    assert "SSLv3: reset twice, no alert" in text
    assert "system: not judged" in text


def test_a_new_kind_of_observation_is_shown_without_a_template_of_its_own() -> None:
    class Novelty(Observation, frozen=True, kw_only=True):
        """Facts nobody has drawn yet."""

        said: str
        nested: dict[str, tuple[str, ...]]

    (first, *rest) = report().endpoints
    seen = first.attempts | {"novelty": ok(Novelty(said=HOSTILE, nested={"<b>": ("<i>", "two")}))}
    page = Page(rendered(replace(report(), endpoints=[replace(first, attempts=seen), *rest])))
    assert_only_ours(page)
    assert "novelty" in page.text
    assert "<i>" in page.text


def test_services_apart_and_endpoints_without_findings_still_show() -> None:
    endpoints: list[EndpointResult[Any]] = list(report().endpoints)
    apart = [endpoints[0], endpoints[2], replace(endpoints[0], address="192.0.2.77")]
    page = Page(rendered(replace(report(), endpoints=apart, findings=[])))
    ids = [str(attrs["id"]) for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert "192.0.2.77" in page.text


def test_a_finding_that_belongs_to_no_endpoint_is_an_error_and_not_dropped() -> None:
    stray: Finding = replace(list(report().findings)[-1], url="https://elsewhere.example.com")
    with pytest.raises(ValueError, match="follows no endpoint"):
        rendered(replace(report(), findings=[*report().findings, stray]))


def test_an_empty_report_renders() -> None:
    empty = replace(report(), endpoints=[], findings=[], services=(), policies=(), unmatched_waivers=())
    empty = replace(empty, summary=replace(empty.summary, verdict="unknown", unknown=0, fail=0))
    assert "Inconclusive" in Page(rendered(empty)).text


def test_long_evidence_is_folded_and_a_long_question_cut() -> None:
    (first, *rest) = report().findings
    asked = [evidence("suites", f"hello {n}: {'TLS_X ' * 300}", "alert", "openssl") for n in range(5)]
    shown = replace(first, verdict=Verdict.FAIL, evidence=tuple(asked))
    page = Page(rendered(replace(report(), findings=[shown, *rest])))
    assert "3 more answers" in page.text
    assert "(1,809 characters, all of them in report.json)" in page.text
    assert all(f"hello {n}: " in page.text for n in range(5))


def test_stays_small() -> None:
    few = len(rendered(replace(report(), findings=[])))
    endpoint, *_ = report().endpoints
    findings = [one for one in report().findings if one.address == endpoint.address]
    many = [replace(one, clause=f"{one.clause}.{n}") for one in findings for n in range(50)]
    grown = len(rendered(replace(report(), endpoints=[endpoint], findings=many)))
    assert (grown - few) / len(many) < 1200
