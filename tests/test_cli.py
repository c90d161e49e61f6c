"""The command line as a user meets it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scanner import __version__, registry
from scanner.cli import app
from tests.test_journal import write_example

ROOT = Path(__file__).parents[1]
PROBES = set(registry.stems("probes"))
COMMANDS = ("scan", "check", "assess", "merge", "validate", "explain", "list", "schema", "demo")


def run(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


@contextlib.contextmanager
def counting_server() -> Iterator[tuple[int, list[int]]]:
    """A silent server: its port, and a list that grows with each connection."""
    seen: list[int] = []
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(listener.accept()[0])
                    seen.append(1)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], seen
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for one in held:
                one.close()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def inventory(folder: Path, endpoint: str, **more: str) -> Path:
    path = folder / "inventory.yaml"
    path.write_text(
        "name: here\nzones: [inside, outside]\nservices:\n"
        f"  - {{id: S1, endpoints: ['{endpoint}'], reachable_from: [inside]}}\n"
        + "".join(f"{key}: {value}\n" for key, value in more.items())
    )
    return path


def test_version_and_help_name_everything() -> None:
    assert run("--version").stdout.strip() == f"tlsassay {__version__}"
    told = run("--help").stdout
    readme = (ROOT / "README.md").read_text("utf-8")
    for command in COMMANDS:
        assert command in told
        assert f"tlsassay {command}" in readme, f"README does not show `tlsassay {command}`"
    assert run("scan", "--help").exit_code == 0


@pytest.mark.parametrize("what", ["protocols", "probes", "rules", "policies", "formats"])
def test_list_names_what_the_folders_hold(what: str) -> None:
    names = run("list", what).stdout.split()
    assert names
    if what == "rules":
        assert names == list(registry.identifiers("rules"))
    if what == "probes":
        assert {"cipher-suites", "groups", "tls-versions", "conformance"} <= set(names)
        for name in names:  # as listed, so to be chosen
            assert run("check", "--probe", name, "--format", "json", "https://h").exit_code == 2


@pytest.mark.parametrize("of", ["inventory", "report"])
def test_schemas_are_those_that_are_published(of: str) -> None:
    assert json.loads(run("schema", of).stdout) == json.loads((ROOT / "docs" / "schema" / f"{of}.json").read_text())


def test_explain_says_what_why_and_how() -> None:
    told = run("explain", "plaintext-port-open").stdout
    assert "How to fix:" in told
    assert "Source:" in told
    wrong = run("explain", "plaintext-port-opn")
    assert wrong.exit_code == 2
    assert "did you mean 'plaintext-port-open'" in wrong.stderr


def test_validate_accepts_and_refuses(tmp_path: Path) -> None:
    good = inventory(tmp_path, "https://127.0.0.1:443")
    assert run("validate", str(good)).exit_code == 0
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        "name: x\nservices:\n  - {id: S1, endpoint: ['httpz://h']}\n  - {id: S1, endpoints: ['httpz://h']}\n"
    )
    refused = run("validate", str(bad), str(good))
    assert refused.exit_code == 2
    assert "bad.yaml:3: " in refused.stderr
    assert "did you mean 'endpoints'" in refused.stderr
    assert "bad.yaml:4: " in refused.stderr
    assert "1 services" in refused.stdout or "1 service" in refused.stdout


def test_validate_warns_of_slips(tmp_path: Path) -> None:
    seen = run("validate", str(inventory(tmp_path, "ldaps://127.0.0.1:686")))
    assert seen.exit_code == 0
    assert ":4: warning: " in seen.stderr
    assert "ldaps is registered at 636" in seen.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--zone", "insid"], "did you mean 'inside'"),
        (["--format", "htm"], "did you mean 'html'"),
        (["--policy", "sitte"], "did you mean 'site'"),
        (["--probe", "group"], "did you mean 'groups'"),
        (["--probe", "groups", "--probe", "tls-version"], "did you mean 'tls_versions'"),
        (["--depth", "quik"], "'quick', 'full'"),
        (["--resolve", "h:443:name"], "numeric address"),
        (["--as-of", "31.03.2027"], "2027-03-31"),
        (["-4", "-6"], "exclude each other"),
        (["--concurrency", "0"], "--concurrency"),
    ],
)
def test_a_mistake_exits_2_and_nothing_is_scanned(tmp_path: Path, words: list[str], told: str) -> None:
    with counting_server() as (port, seen):
        path = inventory(tmp_path, f"tcp://127.0.0.1:{port}")
        done = run("scan", str(path), "--output", str(tmp_path / "out"), *words)
    assert done.exit_code == 2
    assert told in done.stderr
    assert not seen
    assert not (tmp_path / "out").exists()


def test_one_bad_inventory_of_several_scans_none(tmp_path: Path) -> None:
    with counting_server() as (port, seen):
        good = inventory(tmp_path, f"tcp://127.0.0.1:{port}")
        bad = tmp_path / "bad.yaml"
        bad.write_text("name: x\n")
        done = run("scan", str(good), str(bad), "--output", str(tmp_path / "out"))
    assert done.exit_code == 2
    assert "bad.yaml:1: " in done.stderr
    assert not seen


def test_a_scan_writes_its_run_and_says_where(tmp_path: Path) -> None:
    path = inventory(tmp_path, f"https://127.0.0.1:{closed_port()}")
    done = run("scan", str(path), "--output", str(tmp_path / "out"), "--zone", "inside")
    assert done.exit_code == 1
    latest = tmp_path / "out" / "here" / "latest"
    assert {one.name for one in latest.iterdir()} == {"attempts.jsonl", "report.html", "report.json"}
    assert "service-unreachable" in done.stdout
    assert "report.html" in done.stdout
    report = json.loads((latest / "report.json").read_text())
    assert report["run"]["zone"] == "inside"


ELSEWHERE = {"ssh", "kerberos", "java_rmi"}
"""Probes that are not asked of https."""


@pytest.mark.parametrize(
    ("words", "depth", "asked"),
    [
        ([], "full", PROBES),
        (["--depth", "full"], "full", PROBES),
        (
            ["--depth", "quick"],
            "quick",
            {
                "reachability",
                "cleartext",
                "tls_versions",
                "cipher_suites",
                "groups",
                "certificate",
                "extensions",
                "conformance",
                *ELSEWHERE,
                "upgrade",
            },
        ),
        (["--probe", "tls-versions"], "full", {"reachability", "tls_versions"}),
        (
            ["--probe", "groups", "--probe", "cleartext"],
            "full",
            {"reachability", "cleartext", "tls_versions", "groups"},
        ),
        (["--depth", "quick", "--probe", "groups"], "quick", {"reachability", "tls_versions", "groups"}),
    ],
)
def test_what_is_asked_is_chosen_and_kept(tmp_path: Path, words: list[str], depth: str, asked: set[str]) -> None:
    path = inventory(tmp_path, f"https://127.0.0.1:{closed_port()}")
    done = run("scan", str(path), "--output", str(tmp_path / "out"), "--zone", "inside", *words)
    assert done.exit_code == 1
    latest = tmp_path / "out" / "here" / "latest"
    report = json.loads((latest / "report.json").read_text())
    begin, *attempts, _ = map(json.loads, (latest / "attempts.jsonl").read_text().splitlines())
    assert {one["probe"] for one in attempts} == asked - ELSEWHERE
    assert set(report["endpoints"][0]["attempts"]) == asked - ELSEWHERE
    for kept in (begin["run"], report["run"]):
        assert kept["depth"] == depth
        assert set(kept.get("probes", ())) == (set() if asked == PROBES else asked)
        assert kept.get("asks", {}).get("minimum") == ("TLSv1.2" if depth == "quick" else None)
    judged = {one["rule"]: (one["verdict"], one["message"]) for one in report["findings"]}
    assert judged["service-unreachable"][0] == "fail"
    if "certificate" not in asked:
        why = "not asked at this depth" if depth == "quick" else "not asked: certificate was not chosen"
        assert judged["certificate-expired"] == ("not-applicable", why)
    assert judged["tls-version-below-minimum"][0] == "unknown"


def test_check_takes_the_same_choice(tmp_path: Path) -> None:
    url = f"https://127.0.0.1:{closed_port()}"
    done = run("check", url, "--depth", "quick", "--probe", "tls_versions", "--output", str(tmp_path))
    assert done.exit_code == 1
    (path,) = tmp_path.glob("*/latest/report.json")
    made = json.loads(path.read_text())["run"]
    assert (made["depth"], made["probes"]) == ("quick", ["reachability", "tls_versions"])
    assert run("check", url, "--probe", "tls").exit_code == 2
    assert run("check", url, "--depth", "deep").exit_code == 2


def test_closed_from_outside_is_compliant(tmp_path: Path) -> None:
    path = inventory(tmp_path, f"https://127.0.0.1:{closed_port()}")
    assert run("scan", str(path), "--output", str(tmp_path / "out"), "--zone", "outside").exit_code == 0


def test_resolve_pins_a_name_that_nobody_resolves(tmp_path: Path) -> None:
    with counting_server() as (port, seen):
        path = inventory(tmp_path, f"tcp://db.example.invalid:{port}")
        words = ["--resolve", f"db.example.invalid:{port}:127.0.0.1", "--zone", "inside", "--timeout", "0.5", "--quiet"]
        done = run("scan", str(path), "--output", str(tmp_path / "out"), *words)
    assert seen
    report = json.loads((tmp_path / "out" / "here" / "latest" / "report.json").read_text())
    assert report["endpoints"][0]["address"] == "127.0.0.1"
    assert len(done.stdout.splitlines()) == 1


def test_output_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    done = run("scan", str(inventory(tmp_path, f"tcp://127.0.0.1:{closed_port()}")), "--output", str(tmp_path / "out"))
    assert done.exit_code == 2
    assert "cannot write" in done.stderr


def test_check_needs_no_file_and_keeps_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("check", f"tls://127.0.0.1:{closed_port()}", f"127.0.0.1:{closed_port()}")
    assert done.exit_code == 1
    assert not list(tmp_path.iterdir())
    assert run("check", "htps://h").exit_code == 2
    assert run("check", "https://h", "--format", "json").exit_code == 2


def test_assess_judges_a_stored_run_again(tmp_path: Path) -> None:
    write_example(tmp_path)
    first = run("assess", str(tmp_path), "--output", str(tmp_path / "a"))
    second = run("assess", str(tmp_path), "--output", str(tmp_path / "b"))
    assert first.exit_code == second.exit_code == 3
    assert (tmp_path / "a" / "report.json").read_bytes() == (tmp_path / "b" / "report.json").read_bytes()
    assert (tmp_path / "a" / "report.html").read_bytes() == (tmp_path / "b" / "report.html").read_bytes()
    later = run("assess", str(tmp_path), "--as-of", "2031-01-01", "--output", str(tmp_path / "c"), "--format", "json")
    assert later.exit_code == 3
    assert json.loads((tmp_path / "c" / "report.json").read_text())["as_of"] == "2031-01-01T00:00:00Z"
    assert not (tmp_path / "c" / "report.html").exists()


def test_assess_of_something_else_is_said_plainly(tmp_path: Path) -> None:
    missing = run("assess", str(tmp_path))
    assert missing.exit_code == 2
    (tmp_path / "attempts.jsonl").write_text("nonsense\n")
    damaged = run("assess", str(tmp_path))
    assert damaged.exit_code == 2
    assert "is not a journal" in damaged.stderr


def test_merge_refuses_what_does_not_belong_together(tmp_path: Path) -> None:
    write_example(tmp_path)
    alone = run("merge", str(tmp_path))
    assert (alone.exit_code, "two runs or more" in alone.stderr) == (2, True)
    twice = run("merge", str(tmp_path), str(tmp_path))
    assert (twice.exit_code, "zone" in twice.stderr) == (2, True)
    missing = run("merge", str(tmp_path), str(tmp_path / "nowhere"))
    assert missing.exit_code == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_scan_writes_what_is_known(tmp_path: Path, number: signal.Signals) -> None:
    with counting_server() as (port, seen):
        path = tmp_path / "inventory.yaml"
        path.write_text(
            "name: here\nservices:\n"
            f"  - {{id: GONE, endpoints: ['tls://127.0.0.1:{closed_port()}']}}\n"
            f"  - {{id: SILENT, endpoints: ['tls://127.0.0.1:{port}']}}\n"
        )
        words = [
            sys.executable,
            "-m",
            "scanner",
            "scan",
            str(path),
            "--output",
            str(tmp_path / "out"),
            "--timeout",
            "60",
        ]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
        try:
            assert process.stderr is not None
            said = process.stderr.readline()  # the closed endpoint is done
            assert "1 of 2" in said
            while not seen:
                assert process.poll() is None
                os.sched_yield()
            process.send_signal(number)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 3
    assert "Traceback" not in err
    report = json.loads((tmp_path / "out" / "here" / "latest" / "report.json").read_text())
    assert report["run"]["complete"] is False
    assert {one["service"] for one in report["endpoints"]} >= {"GONE"}
    assert any(one["service"] == "GONE" and one["verdict"] == "fail" for one in report["findings"])
    assert "incomplete" in out
