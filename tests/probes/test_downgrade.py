"""Fallback signal and sentinel of servers whose versions are known."""

import pytest

from scanner.observations.downgrade import Downgrade
from scanner.wire.tls_names import FALLBACK_SCSV
from tests.hostile import Peer, Talk, hangs_up, serving
from tests.probes.asked import ask
from tests.probes.tls_servers import context, peeked, run_in_shell, speaks_tls, tls_server
from tests.servers.certificates import Pki


@pytest.mark.parametrize(
    ("oldest", "newest", "sentinel"),
    [
        ("TLSv1_2", "TLSv1_3", {"TLSv1.2": True}),
        ("TLSv1", "TLSv1_3", {"TLSv1.0": True, "TLSv1.1": True, "TLSv1.2": True}),
        ("TLSv1", "TLSv1_2", {"TLSv1.0": True, "TLSv1.1": True}),
        ("TLSv1", "TLSv1_1", {}),  # RFC 8446 §4.1.3 is about servers that speak TLS 1.2 or 1.3
    ],
)
async def test_openssl_protects(pki: Pki, oldest: str, newest: str, sentinel: dict[str, bool]) -> None:
    with tls_server(context(pki, oldest=oldest, newest=newest)) as (port, _):
        asked = await ask(port, Downgrade)
        shown = {line.about: run_in_shell(line.reproduce) for line in asked.evidence(Downgrade)}
    seen = asked[Downgrade]
    assert (seen.fallback_scsv, seen.sentinel, seen.reason) == ("honoured", sentinel, "")
    assert asked.attempts["downgrade"].connections == 1
    assert "alert inappropriate fallback" in shown["fallback SCSV"]
    if sentinel:
        octets = shown["downgrade sentinel"].replace(" ", "").replace("\n", "")
        assert "444f574e475244" in octets  # DOWNGRD


@pytest.mark.parametrize("only", ["TLSv1_2", "TLSv1_3"])
async def test_one_version_has_nothing_to_fall_back_to(pki: Pki, only: str) -> None:
    with tls_server(context(pki, oldest=only, newest=only)) as (port, _):
        asked = await ask(port, Downgrade)
    assert (asked[Downgrade].fallback_scsv, asked[Downgrade].sentinel) == ("not-applicable", {})
    assert asked.attempts["downgrade"].connections == 0


def ignores(steady: Talk) -> Talk:
    """Answers a fallback signal like one that does not know it, with its only older version."""

    def talk(peer: Peer) -> None:
        if FALLBACK_SCSV in peeked(peer)[0]:
            peer.receive()
            body = b"\x03\x03" + b"r" * 32 + b"\0\xc0\x2f\0"
            message = b"\x02" + len(body).to_bytes(3) + body + b"\x0e\0\0\0"
            peer.send(b"\x16\x03\x03" + len(message).to_bytes(2) + message)
            peer.drain()
        else:
            steady(peer)

    return talk


def alerts(peer: Peer) -> None:
    peer.receive()
    peer.send(bytes([21, 3, 3, 0, 2, 2, 47]))
    hangs_up(peer)


async def test_ignored(pki: Pki) -> None:
    with serving(ignores(speaks_tls(context(pki)))) as (port, _):
        seen = (await ask(port, Downgrade))[Downgrade]
    assert (seen.fallback_scsv, seen.reason) == ("ignored", "")
    assert seen.sentinel == {"TLSv1.2": False}  # not in every answer


@pytest.mark.parametrize(("end", "reason"), [(alerts, "illegal_parameter"), (Peer.reset, "reset")])
async def test_another_answer_tells_nothing(pki: Pki, end: Talk, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.asking.PAUSE", 0)
    steady = speaks_tls(context(pki))
    with serving(lambda peer: (end if FALLBACK_SCSV in peeked(peer)[0] else steady)(peer)) as (port, _):
        seen = (await ask(port, Downgrade))[Downgrade]
    assert seen.fallback_scsv == "unknown"
    assert reason in seen.reason
    assert seen.sentinel == {"TLSv1.2": True}
