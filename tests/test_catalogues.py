"""The shipped catalogues: every row of the register of channels is declared, as the register has it."""

import re
from pathlib import Path

import pytest

from scanner.declared import Inventory, split_endpoint
from scanner.inventory import catalogue_folder, load_inventory
from scanner.inventory.slips import likely_slips
from scanner.protocols import protocol
from tests.missing import not_run

REGISTER = Path(__file__).parents[2] / "shared" / "channels.md"
"""The register itself, where it lies beside the checkout."""
ROWS = {
    "ox-app-suite": [f"OX-{n:02}" for n in range(1, 25)],
    "cryptshare": [f"CS-{n:02}" for n in range(1, 17)],
    "ox-connector": [f"OC-{n:02}" for n in range(1, 5)],
    "ox-mail": [f"OM-{n:02}" for n in range(1, 8)],
    "mobile-broker": [f"MB-{n:02}" for n in range(1, 9)],
}
OX = {
    # ports, need, TLS and boundary of the register's table A
    "OX-01": ({80, 443}, "high", "advised", {"internet", "internal"}),
    "OX-02": ({80, 443}, "very high", "advised", {"internal"}),
    "OX-03": ({1099}, "very high", "none", {"internal"}),
    "OX-04": ({9999, 9994}, "medium", "none", {"internal"}),
    "OX-05": ({80, 443}, "medium", "advised", {"internal"}),
    "OX-06": ({8009, 8010}, "very high", "advised", {"internal"}),
    "OX-07": ({61616}, "medium", "advised", {"internal"}),
    "OX-08": ({8009, 8010}, "very high", "advised", {"internal"}),
    "OX-09": ({3306}, "very high", "advised", {"internal"}),
    "OX-10": ({143, 993}, "very high", "starttls-enforced", {"internal", "internet"}),
    "OX-11": ({110, 995}, "very high", "starttls-enforced", {"internet", "internal"}),  # public: to everybody
    "OX-12": ({25, 465, 587}, "very high", "starttls-enforced", {"internal", "internet"}),
    "OX-13": ({80, 443}, "very high", "advised", {"internal"}),
    "OX-14": ({80, 443}, "very high", "advised", {"internal"}),
    "OX-15": ({3306}, "very high", "advised", {"internal"}),
    "OX-16": ({389, 636}, "very high", "advised", {"internal"}),
    "OX-17": ({143, 993}, "very high", "starttls-enforced", {"internal"}),
    "OX-18": ({88}, "very high", "none", {"internal"}),
    "OX-19": ({443}, "high", "required", {"internal"}),
    "OX-20": ({5701, 54327}, "very high", "none", {"internal"}),
    "OX-21": ({80}, "high", "none", {"internal"}),
    "OX-22": ({8003}, "high", "advised", {"internal"}),
    "OX-23": ({80}, "high", "none", {"internal"}),
    "OX-24": ({443, 2195}, "high", "required", {"internal"}),
}
CS_PORTS = {
    "CS-01": {80, 443},
    "CS-02": {443},
    "CS-03": {80},
    "CS-04": {443},
    "CS-05": {8080},
    "CS-06": {9090},
    "CS-07": {22},
    "CS-08": {25},
    "CS-09": {465},
    "CS-10": {587},
    "CS-11": {389},
    "CS-12": {636},
    "CS-13": {3268},
    "CS-14": {22},
    "CS-15": {443},
    "CS-16": {443},
}
OUTBOUND = {"OX-19", "OX-24", "OM-07", *(f"CS-{n:02}" for n in (3, 4, 8, 9, 10, 11, 12, 13, 14))}


def bound(catalogue: str, folder: Path) -> Inventory:
    """A catalogue with every host bound that it leaves to the site."""
    text = (catalogue_folder() / f"{catalogue}.yaml").read_text()
    names = {name for name in re.findall(r"\{([\w-]+)\}", text) if not name.endswith("-port")}
    hosts = "".join(f"  {name}: {name}.example\n" for name in sorted(names - {"nodes"}))
    site = folder / "site.yaml"
    site.write_text(f"name: bound\nextends: {catalogue}\nhosts:\n{hosts}  nodes: [192.0.2.1, 192.0.2.2]\n")
    return load_inventory(site)


def ports(inventory: Inventory) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for service in inventory.services:
        for endpoint in service.endpoints:
            scheme, _, port = split_endpoint(endpoint.url)
            found.setdefault(service.id, set()).add(port or protocol(scheme).port or 0)
    return found


@pytest.mark.parametrize("catalogue", ROWS)
def test_every_row_is_declared_and_says_what_travels(catalogue: str, tmp_path: Path) -> None:
    inventory = bound(catalogue, tmp_path)
    assert [service.id for service in inventory.services] == ROWS[catalogue]
    for service in inventory.services:
        assert service.data, service.id
        assert service.name, service.id
        assert service.reachable_from, service.id
        assert set(service.reachable_from) <= set(inventory.zones)
        assert (service.direction == "outbound") is (service.id in OUTBOUND), service.id


def test_ox_app_suite_is_as_the_register_has_it(tmp_path: Path) -> None:
    inventory = bound("ox-app-suite", tmp_path)
    declared = ports(inventory)
    for service in inventory.services:
        row = declared[service.id], service.protection_need.value, service.tls.value, set(service.reachable_from)
        assert row == OX[service.id], service.id


def test_cryptshare_is_as_the_register_has_it(tmp_path: Path) -> None:
    assert ports(bound("cryptshare", tmp_path)) == CS_PORTS


def test_the_register_has_no_other_rows() -> None:
    if not REGISTER.is_file():
        not_run(f"the register, {REGISTER.name}, is not beside this checkout")
    listed = re.findall(r"^\| ([A-Z]{2}-\d{2}) \|", REGISTER.read_text(), re.MULTILINE)
    assert listed == [row for rows in ROWS.values() for row in rows]


@pytest.mark.parametrize("catalogue", ROWS)
def test_its_example_is_without_mistake_or_slip(catalogue: str) -> None:
    inventory = load_inventory(catalogue_folder() / f"example-{catalogue}.yaml")
    assert list(likely_slips(inventory)) == []
    assert {service.id for service in inventory.services} <= set(ROWS[catalogue])
