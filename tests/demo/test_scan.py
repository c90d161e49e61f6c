"""The demo's promise: a scan of its estate shows every planted defect and no other."""

import json
from collections import defaultdict
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from typer.testing import CliRunner

from scanner import registry
from scanner.cli import app
from scanner.demo import PLANTED, WAIVED, WARNED
from scanner.render._text import label

RULES = registry.identifiers("rules")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run that `tlsassay demo` leaves."""
    output = tmp_path_factory.mktemp("demo")
    done = CliRunner().invoke(app, ["demo", "--output", str(output)], catch_exceptions=False)
    assert done.exit_code == 0
    (run,) = (path for path in (output / "demo-estate").iterdir() if not path.is_symlink())
    assert str(run / "report.html") in done.stdout.replace("\n", "")
    return run


def test_every_planted_defect_and_no_other(folder: Path) -> None:
    report = json.loads((folder / "report.json").read_text())
    found: dict[str, set[str]] = defaultdict(set)
    for finding in report["findings"]:
        found[finding["service"]]
        if finding["verdict"] in {"fail", "warn"}:
            found[finding["service"]].add(finding["rule"])
    assert found == PLANTED
    assert {(one["rule"], one["service"]) for one in report["findings"] if one["verdict"] == "warn"} == WARNED
    waived = {(one["rule"], one["service"]) for one in report["findings"] if one["waiver"]}
    assert waived == {WAIVED}
    page = (folder / "report.html").read_text()
    for service, rules in PLANTED.items():
        assert service in page
        for rule in rules:
            assert rule in page
    # what is unknown is so for a planted reason: nobody listens, TLS is not offered, or the answers make no sense
    unknown = {one["service"] for one in report["findings"] if one["verdict"] == "unknown"}
    assert unknown == {
        service
        for service, rules in PLANTED.items()
        if rules & {"service-unreachable", "starttls-not-offered", "answer-not-offered"}
    }


@pytest.mark.real
def test_a_browser_shows_every_planted_defect_and_no_other(folder: Path, browser: Browser) -> None:
    page = browser.new_page()
    page.goto((folder / "report.html").as_uri())
    shown = {"fail": set(), "waived": set(), "warn": set()}  # type: dict[str, set[tuple[str, str]]]
    for standing, found in shown.items():
        for item in page.locator(f"#attention ol.{standing} > li").all():
            service = item.locator("p.meta a").first.inner_text()
            rules = {rule for rule in RULES if f"· {label(rule)} ·" in item.inner_text()}
            found.update((service, rule) for rule in rules)
    assert shown["waived"] == {(WAIVED[1], WAIVED[0])}
    assert shown["warn"] == {(service, rule) for rule, service in WARNED}
    assert set().union(*shown.values()) == {(service, rule) for service, rules in PLANTED.items() for rule in rules}
    page.close()
