"""What tests in several folders share."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.missing import not_run
from tests.servers.certificates import Pki

CHROMIUM = Path("/usr/bin/chromium")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before each test: whether the programs that it `needs` are there."""
    for mark in item.iter_markers("needs"):
        for program in mark.args:
            if shutil.which(program) is None:
                not_run(f"{program}, to compare with, is not installed (`make servers` installs it)")


@pytest.fixture(scope="module")  # its event loop is in the way of scans in other modules
def browser() -> Iterator[Browser]:
    """Chromium from the distribution, headless."""
    if not CHROMIUM.exists():
        not_run(f"{CHROMIUM} is missing: the page was not looked at in a browser")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """The authority that issued the certificates of small servers."""
    return Pki(tmp_path_factory.mktemp("pki"))
