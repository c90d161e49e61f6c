"""Endpoints that are compared with each other, from the servers to the verdicts."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from scanner.assess import assess
from scanner.declared import DeclaredEndpoint, Inventory, Service
from scanner.journal import Journal, StoredRun
from scanner.model import InventoryDigest, Run
from scanner.policy import load_policies
from scanner.report import Report
from tests.hostile import says, serving
from tests.probes.tls_servers import ECDSA, RSA, context, speaks_tls
from tests.servers.certificates import Pki
from tests.test_scan import Names, attempts_of

NODES = ("127.83.0.1", "127.83.0.2", "127.83.0.3")


async def judged(tmp_path: Path, *services: Service, **more: Any) -> Report[Any]:
    """Scanned, stored and judged."""
    inventory = Inventory(name="peers", services=services, twins=False, sha256=hashlib.sha256(b"").hexdigest())
    run = Run(id="r", started="2026-11-25T00:00:00Z", inventory=InventoryDigest("peers", ""))
    with Journal(tmp_path / "attempts.jsonl", run, inventory) as journal:
        for attempt in await attempts_of(inventory, **more):
            journal.append(attempt)
        journal.end("2026-11-25T00:00:09Z", complete=True)
    return assess([StoredRun(tmp_path / "attempts.jsonl")], load_policies(["site"]), version="0")


def verdicts(report: Report[Any], rule: str) -> dict[str, str]:
    """Address, or URL where there are several, → verdict."""
    return {f"{one.url} {one.address}": one.verdict.value for one in report.findings if one.rule == rule}


def service(name: str, *urls: str, **more: Any) -> Service:
    return Service(id=name, endpoints=tuple(DeclaredEndpoint(url=url) for url in urls), **more)


@pytest.mark.parametrize(("alike", "verdict"), [(True, "fail"), (False, "warn")])
async def test_the_node_that_was_forgotten_is_named(pki: Pki, tmp_path: Path, alike: bool, verdict: str) -> None:
    new, old = speaks_tls(context(pki, RSA)), speaks_tls(context(pki, RSA, oldest="TLSv1"))
    with (
        serving(new, host=NODES[0]) as (port, _),
        serving(old, host=NODES[1], port=port),
        serving(new, host=NODES[2], port=port),
    ):
        url = f"https://site.example:{port}"
        names = Names(**{"site.example": NODES})
        report = await judged(tmp_path, service("A", url, nodes_alike=alike), resolver=names)
    expected = {f"{url} {node}": verdict if node == NODES[1] else "pass" for node in NODES}
    assert verdicts(report, "node-differs") == expected
    (said,) = (one for one in report.findings if one.rule == "node-differs" and one.verdict.value == verdict)
    assert said.message.startswith(f"{NODES[1]} differs from the versions of {NODES[0]}, {NODES[2]}")
    assert said.evidence


async def test_one_certificate_for_two_services(pki: Pki, tmp_path: Path) -> None:
    mine, other = speaks_tls(context(pki, RSA)), speaks_tls(context(pki, ECDSA))
    with serving(mine) as (first, _), serving(mine) as (second, _), serving(other) as (third, _):
        urls = [f"tls://127.0.0.1:{port}" for port in (first, second, third)]
        services = [service(name, url) for name, url in zip("BC", urls[1:], strict=True)]
        same = service("A", urls[0], same_certificate=("B",))
        report = await judged(tmp_path, same, *services, service("D", urls[0], same_certificate=("B", "C")))
    found = {one.service: one.verdict.value for one in report.findings if one.rule == "certificate-not-shared"}
    assert found == {"A": "pass", "B": "not-applicable", "C": "not-applicable", "D": "fail"}
    assert "C (" in next(one.message for one in report.findings if one.verdict.value == "fail" and one.service == "D")


async def test_secured_together_or_not_at_all(pki: Pki, tmp_path: Path) -> None:
    plain = says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    with serving(speaks_tls(context(pki))) as (first, _), serving(plain) as (second, _):
        on, off = f"tls://127.0.0.1:{first}", f"http://127.0.0.1:{second}"
        report = await judged(
            tmp_path,
            service("A", on, all_or_none_tls=("B",)),
            service("B", on),
            service("C", on, all_or_none_tls=("A", "D")),
            service("D", off, all_or_none_tls=("D",)),
        )
    found = {one.service: one.verdict.value for one in report.findings if one.rule == "tls-mixed"}
    assert found == {"A": "pass", "B": "not-applicable", "C": "fail", "D": "pass"}
