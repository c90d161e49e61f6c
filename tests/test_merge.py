"""Runs of one inventory from several zones, judged as one: in memory, and through a real firewall."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from scanner.assess import MergeError, assess
from scanner.journal import StoredRun
from scanner.model import Asks
from scanner.policy import load_policies
from scanner.render._overview import overview
from tests.missing import not_run
from tests.test_assess import Run
from tests.test_journal import write_example

ROOT = Path(__file__).parents[1]
SITE = load_policies(["site"])


@pytest.fixture
def inside(tmp_path: Path) -> Run:
    return Run(StoredRun(write_example(tmp_path)), id="r1", zone="inside")


def other(run: Run, **changes: Any) -> Run:
    made = Run.__new__(Run)
    made.run, made.inventory, made.everything = replace(run.run, **changes), run.inventory, run.everything
    return made


def test_two_zones_are_one_report(inside: Run) -> None:
    outside = other(inside, id="r2", zone="outside", started="2026-11-24T10:00:00Z", finished="2026-11-24T10:00:09Z")
    report = assess([outside, inside], SITE, version="0")
    alone = [assess([one], SITE, version="0", as_of=report.as_of) for one in (inside, outside)]
    assert [run.zone for run in report.merged] == ["inside", "outside"]
    assert (report.run.id, report.run.zone, report.as_of) == ("r1+r2", None, "2026-11-24T10:00:00Z")
    assert report.run.started == inside.run.started
    assert report.run.finished == "2026-11-24T10:00:09Z"
    assert report.run.endpoints == 2 * inside.run.endpoints
    assert len(report.endpoints) == sum(len(one.endpoints) for one in alone)
    assert report.summary.fail == sum(one.summary.fail for one in alone)
    assert report.summary.passed == sum(one.summary.passed for one in alone)
    stand = [where for where, _ in groupby((one.service, one.url, one.zone) for one in report.endpoints)]
    urls = dict.fromkeys((endpoint.service, endpoint.url) for endpoint, _ in inside.everything)
    assert stand == [(*url, zone) for url in urls for zone in ("inside", "outside")]
    by_zone = [[one for one in report.findings if one.zone == zone] for zone in ("inside", "outside")]
    assert by_zone == [list(one.findings) for one in alone]
    assert overview(report).reach.keys() == {(one.service, one.url) for one in report.endpoints}


def test_a_run_alone_is_not_merged(inside: Run) -> None:
    report = assess([inside], SITE, version="0")
    assert (report.merged, report.run) == ((), inside.run)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"zone": "inside"}, "two of the runs are from zone inside"),
        ({"zone": None}, "run r2 does not say which zone"),
        ({"zone": "outside", "depth": "quick"}, "did not ask the same"),
        ({"zone": "outside", "asks": Asks(minimum="TLSv1.2")}, "did not ask the same"),
    ],
)
def test_what_does_not_belong_together(inside: Run, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(MergeError, match=words):
        assess([inside, other(inside, id="r2", **changes)], SITE, version="0")


def test_another_inventory_does_not_belong(inside: Run) -> None:
    outside = other(inside, id="r2", zone="outside")
    outside.inventory = replace(inside.inventory, sha256="0" * 64)
    with pytest.raises(MergeError, match="different inventories"):
        assess([inside, outside], SITE, version="0")


def test_an_interrupted_run_makes_the_whole_incomplete(inside: Run) -> None:
    outside = other(inside, id="r2", zone="outside", complete=False, finished=None)
    run = assess([inside, outside], SITE, version="0").run
    assert (run.complete, run.finished) == (False, None)


# --- two networks and a firewall ------------------------------------------------------------------------------------

ADDRESS = "10.211.0.1"
LISTENING = (8001, 8002, 8003, 8004)
"""Ports with a server; 8005 has none."""
LET_THROUGH = (8002, 8004)
"""From outside; 8003 is rejected there, the others are dropped. From inside nothing is filtered."""
MAY = {8001: ["inside"], 8002: ["inside", "outside"], 8003: ["inside"], 8004: ["inside"], 8005: ["inside", "outside"]}
FIREWALL = f"""
table inet filter {{
  chain input {{
    type filter hook input priority 0;
    iifname "to-outside" tcp dport {{ {", ".join(map(str, LET_THROUGH))} }} accept
    iifname "to-outside" tcp dport 8003 reject with tcp reset
    iifname "to-outside" tcp dport 8000-8999 drop
  }}
}}
"""
LISTEN = """
import socket, sys
servers = [socket.create_server(("10.211.0.1", int(port))) for port in sys.argv[1:]]
print("ready", flush=True)
sys.stdin.read()
"""


def run(*words: str, text: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, input=text, capture_output=True, text=True, check=check, timeout=60, cwd=ROOT)


@pytest.fixture(scope="module")
def networks() -> Iterator[dict[str, str]]:
    """Zone → network namespace; both reach the servers, one of them through a firewall."""
    if os.geteuid() != 0:
        not_run("only root may make a network namespace")
    for program, package in (("ip", "iproute2"), ("nft", "nftables")):
        if shutil.which(program) is None:
            not_run(f"{program} is not installed (apt-get install {package})")
    names = {zone: f"tlsassay-{zone}-{os.getpid()}" for zone in ("servers", "inside", "outside")}
    with ExitStack() as undo:
        for name in names.values():
            run("ip", "netns", "add", name)
            undo.callback(run, "ip", "netns", "delete", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        servers = names.pop("servers")
        run("ip", "-n", servers, "address", "add", f"{ADDRESS}/32", "dev", "lo")
        for number, (zone, name) in enumerate(names.items(), 1):
            run("ip", "-n", servers, "link", "add", f"to-{zone}", "type", "veth", "peer", "name", "eth0", "netns", name)
            run("ip", "-n", servers, "address", "add", f"10.211.{number}.1/24", "dev", f"to-{zone}")
            run("ip", "-n", name, "address", "add", f"10.211.{number}.2/24", "dev", "eth0")
            run("ip", "-n", servers, "link", "set", f"to-{zone}", "up")
            run("ip", "-n", name, "link", "set", "eth0", "up")
            run("ip", "-n", name, "route", "add", f"{ADDRESS}/32", "via", f"10.211.{number}.1")
        run("ip", "netns", "exec", servers, "nft", "-f", "-", text=FIREWALL)
        listening = ["ip", "netns", "exec", servers, sys.executable, "-c", LISTEN, *map(str, LISTENING)]
        with subprocess.Popen(listening, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            assert process.stdout.readline() == "ready\n"
            yield names
            process.stdin.close()


def test_the_matrix_shows_what_the_firewall_lets_through(networks: dict[str, str], tmp_path: Path) -> None:
    services = [
        {"id": f"P{port}", "endpoints": [f"tcp://{ADDRESS}:{port}"], "reachable_from": zones, "tls": "none"}
        for port, zones in MAY.items()
    ]
    inventory = tmp_path / "site.yaml"
    inventory.write_text(yaml.safe_dump({"name": "two zones", "zones": ["inside", "outside"], "services": services}))
    runs = []
    for zone, name in networks.items():
        command = ["-m", "scanner", "scan", str(inventory), "--zone", zone, "--output", str(tmp_path / zone), "--quiet"]
        scanned = run("ip", "netns", "exec", name, sys.executable, *command, "--timeout", "2.5", check=False)
        assert not scanned.stderr
        runs.append(str(tmp_path / zone / "two-zones" / "latest"))
    merged = run(sys.executable, "-m", "scanner", "merge", *runs, "--output", str(tmp_path / "merged"), check=False)
    assert merged.returncode == 1, merged.stderr
    report = json.loads((tmp_path / "merged" / "report.json").read_text())
    seen = {(one["service"], one["zone"]): one["reachability"] for one in report["endpoints"]}
    expected: dict[tuple[str, str], str] = {}
    for port in MAY:
        expected[f"P{port}", "inside"] = "open" if port in LISTENING else "closed"
        dropped = "closed" if port == 8003 else "filtered"
        expected[f"P{port}", "outside"] = "open" if port in LET_THROUGH else dropped
    assert seen == expected
    failed = {(one["service"], one["zone"], one["rule"]) for one in report["findings"] if one["verdict"] == "fail"}
    assert failed == {
        ("P8004", "outside", "boundary-crossed"),
        ("P8005", "inside", "service-unreachable"),
        ("P8005", "outside", "service-unreachable"),
    }
    assert "open to outside, but declared for inside only" in merged.stdout
    assert f"tcp://{ADDRESS}:8004 [{ADDRESS}] from outside" in merged.stdout
    page = (tmp_path / "merged" / "report.html").read_text()
    assert '<th scope="col">from inside</th><th scope="col">from outside</th>' in page
