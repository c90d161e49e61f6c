"""`report.html` in a real browser: nothing blocked, nothing wider than the window, nothing that needs JavaScript."""

from typing import Any

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser

from scanner.render import html
from scanner.report import Report
from tests.render.example import report
from tests.render.observed import lying, old, one_endpoint, sound

pytestmark = pytest.mark.real


def with_every_kind_of_fact() -> Report[Any]:
    """The example, and endpoints as the engine sees them."""
    more = [*one_endpoint(sound()).endpoints, *one_endpoint(old()).endpoints, *one_endpoint(lying()).endpoints]
    places = [replace(one, service=f"F{number}") for number, one in enumerate(more)]
    return replace(report(), endpoints=[*report().endpoints, *places])


@pytest.fixture(scope="module")
def page_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The example report as a file."""
    file = tmp_path_factory.mktemp("report") / "report.html"
    with file.open("wb") as out:
        html.render(with_every_kind_of_fact(), out)
    return file.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_fits_and_breaks_no_rule_of_its_own(browser: Browser, page_url: str, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 9000}, color_scheme=scheme)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url) if request.url != page_url else None)
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(page_url)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("getComputedStyle(document.querySelector('.finding')).borderLeftWidth") != "0px"
    assert page.evaluate("document.querySelectorAll('script, img, [onerror]').length") == 0
    assert said == []
    context.close()


def test_works_without_javascript(browser: Browser, page_url: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(page_url)
    assert page.locator("h1").inner_text().endswith("6 violations in 3 of 7 services")
    passed = page.locator("details.passes").first
    table = passed.locator("table")
    assert not table.is_visible()
    passed.locator("summary").click()
    assert table.is_visible()
    context.close()


def test_prints_what_is_folded(browser: Browser, page_url: str) -> None:
    context = browser.new_context(viewport={"width": 700, "height": 9000}, color_scheme="dark")
    page = context.new_page()
    page.goto(page_url)
    page.emulate_media(media="print")
    assert page.locator("details.passes table").first.is_visible()
    folded = page.locator("details.fold:not([open]) .suites").first
    assert folded.is_visible()
    assert not page.locator("nav").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    context.close()
