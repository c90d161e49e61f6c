"""The harness itself: what it does with a server that dies, never gets ready, or leaves children behind."""

import sys
import time
from pathlib import Path

import pytest

from tests.servers import harness
from tests.servers.certificates import CertificateSpec, Pki
from tests.servers.harness import Configuration, Listener


def _script(name: str, text: str) -> Configuration:
    return Configuration(
        name=name,
        binary=sys.executable,
        package="python3",
        tls="required",
        truth={"tcp": Listener()},
        prepare=lambda site: [sys.executable, "-c", text, site.address, str(site.ports["tcp"])],
    )


FORK = """
import os, socket, sys, time
child = os.fork()
if child:
    open("child", "w").write(str(child))
    listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
"""


def test_a_server_that_dies_shows_its_log(server_pki: Pki, tmp_path: Path) -> None:
    configuration = _script("dies", "raise SystemExit('port 25 is the wrong colour')")
    with (
        pytest.raises(RuntimeError, match=r"(?s)exited with 1.+wrong colour"),
        harness.start(configuration, server_pki, tmp_path),
    ):
        raise AssertionError("it runs")


def test_a_server_that_never_listens_is_given_up(
    server_pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness, "START_SECONDS", 0.3)
    with (
        pytest.raises(RuntimeError, match="not ready"),
        harness.start(_script("mute", "import time; time.sleep(60)"), server_pki, tmp_path),
    ):
        raise AssertionError("it is ready")


def test_nothing_is_left_of_a_server(server_pki: Pki, tmp_path: Path) -> None:
    forking = _script("forks", FORK + "time.sleep(60)")
    with harness.start(forking, server_pki, tmp_path) as running:
        child = int((tmp_path / "forks" / "child").read_text())
        assert running.ports.keys() == {"tcp"}
    deadline = time.monotonic() + 10
    while _is_alive(child) and time.monotonic() < deadline:
        time.sleep(harness.POLL_SECONDS)  # SIGKILL takes effect in its own time
    assert not _is_alive(child)


def _is_alive(process: int) -> bool:
    """False for a zombie, too: whether it is reaped is up to the machine's init."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(") ")[2][0] != "Z"


def test_a_server_that_is_not_installed(server_pki: Pki, tmp_path: Path) -> None:
    absent = Configuration(
        name="absent", binary="no-such-daemon", package="", tls="", truth={"tcp": Listener()}, prepare=lambda _: [""]
    )
    assert harness.find_binary("no-such-daemon") is None
    with pytest.raises(FileNotFoundError), harness.start(absent, server_pki, tmp_path):
        raise AssertionError("it runs")


def test_ports_are_distinct() -> None:
    assert len(set(harness.free_ports("127.0.0.1", 20))) == 20


def test_a_certificate_is_made_once(server_pki: Pki) -> None:
    assert server_pki.issue(CertificateSpec()) is server_pki.issue(CertificateSpec())
    incomplete = server_pki.issue(CertificateSpec(with_intermediate=False))
    assert (len(server_pki.issue(CertificateSpec()).chain), len(incomplete.chain)) == (2, 1)
