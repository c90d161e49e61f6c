"""Servers that ignore what they do not know, and some that do not."""

import socket

import pytest

from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.tolerance import Tolerance
from tests.hostile import Peer, Talk, hangs_up, serving
from tests.probes.asked import ask
from tests.probes.tls_servers import context, peeked, speaks_tls, tls_server
from tests.servers.certificates import Pki


@pytest.mark.parametrize(("newest", "newer"), [("TLSv1_2", "tolerated"), ("TLSv1_3", "tolerated")])
@pytest.mark.parametrize("suites", [True, False])
async def test_tolerant(pki: Pki, newest: str, newer: str, suites: bool) -> None:
    kinds = (Tolerance, CipherSuites) if suites else (Tolerance,)
    with tls_server(context(pki, newest=newest)) as (port, _):
        asked = await ask(port, *kinds)
    seen = asked[Tolerance]
    assert (seen.grease, seen.newer_versions, seen.reasons) == ("tolerated", newer, {})
    # the enumeration of suites has asked both along the way
    assert asked.attempts["tolerance"].connections == (0 if suites else 2)


async def test_tls13_alone_has_no_newer_version(pki: Pki) -> None:
    with tls_server(context(pki, oldest="TLSv1_3")) as (port, _):
        seen = (await ask(port, Tolerance))[Tolerance]
    assert (seen.grease, seen.newer_versions) == ("tolerated", "not-applicable")


def grease(peer: Peer) -> bool:
    return 0x0A0A in peeked(peer)[0]


def future(peer: Peer) -> bool:
    start = peer.socket.recv(11, socket.MSG_PEEK)
    return start[:1] == b"\x16" and start[9:11] == b"\x03\x05"


def alerts(peer: Peer) -> None:
    peer.receive()
    peer.send(bytes([21, 3, 3, 0, 2, 2, 47]))
    hangs_up(peer)


@pytest.mark.parametrize("suites", [True, False])
@pytest.mark.parametrize("end", [alerts, Peer.reset])
@pytest.mark.parametrize("what", ["grease", "newer_versions"])
async def test_not_tolerant(pki: Pki, what: str, end: Talk, suites: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.asking.PAUSE", 0)
    steady = speaks_tls(context(pki, newest="TLSv1_2"))
    strange = grease if what == "grease" else future
    with serving(lambda peer: (end if strange(peer) else steady)(peer)) as (port, _):
        asked = await ask(port, *((Tolerance, CipherSuites) if suites else (Tolerance,)))
    seen = asked[Tolerance]
    assert getattr(seen, what) == ("intolerant" if end is alerts else "unknown")
    assert ("illegal_parameter" if end is alerts else "reset") in seen.reasons[what]
    other = "newer_versions" if what == "grease" else "grease"
    assert getattr(seen, other) == "tolerated"
    if suites:  # which do not suffer from what rides along
        assert len(asked[CipherSuites].suites["TLSv1.2"]) > 10
        assert not asked[CipherSuites].reasons
