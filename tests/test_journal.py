"""Attempts on disk and back."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from scanner.declared import CertificateExpectation, DeclaredEndpoint, Inventory, Service
from scanner.journal import Journal, JournalError, StoredRun
from scanner.model import Asks, Attempt, Endpoint, Evidence, Failure, FailureKind, InventoryDigest, ReachTls, Run
from scanner.observations.reachability import Reachability
from scanner.observations.tls_versions import TlsVersions

URLS = ("https://a.example.test:443", "https://b.example.test:443")
RUN = Run(id="r1", started="2026-11-23T10:00:00Z", inventory=InventoryDigest("example", "00"), zone="internal")
INVENTORY = Inventory(
    name="example",
    zones=("internal",),
    services=tuple(
        Service(
            id=f"S{number}",
            endpoints=(DeclaredEndpoint(url=url),),
            certificate=CertificateExpectation(trust=("mozilla",)),
        )
        for number, url in enumerate(URLS)
    ),
)


def endpoint(number: int, address: str = "192.0.2.1") -> Endpoint:
    return Endpoint(
        service=f"S{number}",
        url=URLS[number],
        protocol="https",
        host=f"{'ab'[number]}.example.test",
        port=443,
        address=address,
        server_name=f"{'ab'[number]}.example.test",
        reach_tls=ReachTls.IMPLICIT,
    )


def attempts(where: Endpoint) -> list[Attempt[Any]]:
    line = Evidence(about="TLSv1.2", asked="hello", answered="ServerHello", at="2026-11-23T10:00:01Z")
    versions = {
        "SSLv3": "refused",
        "TLSv1.0": "refused",
        "TLSv1.1": "refused",
        "TLSv1.2": "accepted",
        "TLSv1.3": "accepted",
    }
    return [
        Attempt(endpoint=where, probe="reachability", observation=Reachability(state="open"), connections=1),
        Attempt(
            endpoint=where,
            probe="tls_versions",
            observation=TlsVersions(versions=versions),
            evidence=(line,),
            connections=4,
        ),
        Attempt(endpoint=where, probe="certificate", failure=Failure(FailureKind.RESET, "reset"), connections=2),
    ]


def write(path: Path, *, end: bool = True) -> Path:
    """A journal in which the attempts of several endpoints are interleaved and out of order."""
    everything = [attempts(endpoint(1)), attempts(endpoint(0, "192.0.2.9")), attempts(endpoint(0, "192.0.2.10"))]
    with Journal(path, RUN, INVENTORY) as journal:
        for row in zip(*everything, strict=True):
            for attempt in row:
                journal.append(attempt)
        if end:
            journal.end("2026-11-23T10:00:09Z", complete=True)
    return path


def write_example(folder: Path) -> Path:
    """For other tests: a small finished run."""
    return write(folder / "attempts.jsonl")


def test_what_is_written_is_read_in_the_order_of_the_inventory(tmp_path: Path) -> None:
    stored = StoredRun(write(tmp_path / "attempts.jsonl"))
    assert stored.inventory == INVENTORY
    assert stored.run.complete
    assert (stored.run.endpoints, stored.run.connections, stored.run.finished) == (3, 21, "2026-11-23T10:00:09Z")
    found = list(stored.endpoints())
    assert [(one.service, one.address) for one, _ in found] == [
        ("S0", "192.0.2.10"),
        ("S0", "192.0.2.9"),
        ("S1", "192.0.2.1"),
    ]
    for where, by_probe in found:
        assert list(by_probe.values()) == attempts(where)


def test_iterating_twice_gives_the_same(tmp_path: Path) -> None:
    stored = StoredRun(write(tmp_path / "attempts.jsonl"))
    assert list(stored.endpoints()) == list(stored.endpoints())


@pytest.mark.parametrize("cut", [1, 40, 400])
def test_a_journal_cut_anywhere_is_an_incomplete_run(tmp_path: Path, cut: int) -> None:
    path = write(tmp_path / "attempts.jsonl")
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    stored = StoredRun(path)
    assert not stored.run.complete
    assert stored.run.finished is None
    assert stored.run.connections <= 21
    assert sum(len(by_probe) for _, by_probe in stored.endpoints()) in {7, 8, 9}


def test_a_killed_scan_loses_nothing_that_was_appended(tmp_path: Path) -> None:
    """Without `end` and without closing: what was appended is on disk."""
    with Journal(tmp_path / "attempts.jsonl", RUN, INVENTORY) as journal:
        for attempt in attempts(endpoint(0)):
            journal.append(attempt)
            stored = StoredRun(tmp_path / "attempts.jsonl")
            ((_, by_probe),) = stored.endpoints()
            assert attempt in by_probe.values()


def test_a_run_is_never_written_over(tmp_path: Path) -> None:
    path = write(tmp_path / "attempts.jsonl")
    with pytest.raises(FileExistsError):
        Journal(path, RUN, INVENTORY)


@pytest.mark.parametrize("content", [b"", b"{}\n", b"not json\n", b'{"line":"end"}\n'])
def test_other_files_are_no_journals(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "attempts.jsonl"
    path.write_bytes(content)
    with pytest.raises(JournalError, match="is not a journal"):
        StoredRun(path)


def test_what_was_to_be_asked_is_kept(tmp_path: Path) -> None:
    """A stored run can be judged by another policy only if it says what it left out."""
    asks = Asks(minimum="TLSv1.2", suites=("TLS_RSA_WITH_RC4_128_SHA",), groups=("secp160r1",))
    run = replace(RUN, depth="quick", probes=("reachability", "tls_versions"), asks=asks)
    with Journal(tmp_path / "attempts.jsonl", run, INVENTORY) as journal:
        pass
    assert StoredRun(tmp_path / "attempts.jsonl").run == run
    with Journal(tmp_path / "ended.jsonl", run, INVENTORY) as journal:
        journal.end("2026-11-23T10:00:09Z", complete=True)
    ended = StoredRun(tmp_path / "ended.jsonl").run
    assert (ended.depth, ended.probes, ended.asks) == ("quick", run.probes, asks)


def test_a_journal_that_says_nothing_of_depth_asked_everything(tmp_path: Path) -> None:
    path = write(tmp_path / "attempts.jsonl")
    assert b'"depth":"full","probes":[],"asks":{}' in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(b'"depth":"full","probes":[],"asks":{},', b""))
    run = StoredRun(path).run
    assert (run.depth, run.probes, run.asks) == ("full", (), Asks())


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "attempts.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    lines[3] = b'{"endpoint": 7}\n'
    path.write_bytes(b"".join(lines))
    with pytest.raises(JournalError, match=r"attempts\.jsonl:4: "):
        StoredRun(path)
