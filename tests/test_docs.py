"""What the guides show has to work as shown."""

import re
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from scanner.inventory import load_inventory
from scanner.model import FailureKind
from scanner.rules import __file__ as rules_file
from scanner.trust import store_files

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "targets" / "README.md",
    ROOT / "reports" / "README.md",
]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", ["README.md", "docs/inventory.md"])
def test_the_inventories_shown_are_valid(page: str, tmp_path: Path) -> None:
    (text,) = blocks(page, "yaml")
    (first, *_) = x509.load_pem_x509_certificates(store_files("mozilla")[0].read_bytes()[:10000].rpartition(b"\n\n")[0])
    (tmp_path / "device-roots.pem").write_bytes(first.public_bytes(Encoding.PEM))
    if "CS-06" in text:  # the waiver shown is for a service of a catalogue
        text = text.replace("service: CS-06", "service: OX-10")
    path = tmp_path / "shown.yaml"
    path.write_text(text)
    assert load_inventory(path).services


def test_the_first_inventory_is_ten_lines() -> None:
    (text,) = blocks("README.md", "yaml")
    assert len(text.splitlines()) == 10


def test_the_rule_shown_is_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    from scanner.explain import text_of  # noqa: PLC0415 - with the example beside it only here

    (text,) = blocks("docs/extending.md", "python")
    module = type(pytest)("scanner.rules.banner_names_version")
    module.__file__ = rules_file
    exec(text, module.__dict__)  # noqa: S102 - the page's own example
    told = text_of(module)
    assert told.title == "The server's banner names its version."
    assert told.needs == ("cleartext",)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} → {target}"


def test_kinds_of_failure_read_as_words() -> None:
    assert all(kind.value == kind.value.lower() and "_" not in kind.value for kind in FailureKind)
