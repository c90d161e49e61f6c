"""Suites of servers whose configuration is known, and whose order decides."""

import ssl

import pytest

from scanner.model import Asks, FailureKind
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.tls_versions import TlsVersions
from scanner.probes import cipher_suites
from scanner.wire.openssl_names import openssl_suite
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import cipher_suites as registry
from tests.hostile import Peer, Talk, serving
from tests.probes.asked import Asked, ask
from tests.probes.tls_servers import ECDSA, RSA, context, interview, peeked, served_suites, speaks_tls, tls_server
from tests.servers.certificates import CertificateSpec, Pki

CODES = {openssl_suite(code): code for code in registry()}
IN_13 = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256")
"""In the order of OpenSSL."""
MANY = "ECDHE+AES:AES:CAMELLIA:ARIA:ECDHE+CHACHA20:!aNULL:@SECLEVEL=0"


def server(
    pki: Pki,
    ciphers: str,
    *specs: CertificateSpec,
    order: str = "server",
    oldest: str = "TLSv1_2",
    newest: str = "TLSv1_2",
) -> ssl.SSLContext:
    """Order: server, client or chacha (the server's, but ChaCha20 for clients that put it first)."""
    made = context(pki, *specs, ciphers=ciphers, oldest=oldest, newest=newest)
    made.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    if order != "client":
        made.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    if order == "chacha":
        made.options |= 1 << 21  # SSL_OP_PRIORITIZE_CHACHA
    return made


def iana(ciphers: str) -> tuple[str, ...]:
    """IANA names of suites by OpenSSL's, in their order."""
    return tuple(registry()[CODES[name]] for name in ciphers.split(":") if not name.startswith("@"))


async def suites(port: int) -> Asked:
    return await ask(port, CipherSuites)


@pytest.mark.parametrize("order", ["server", "client"])
@pytest.mark.parametrize(
    "ciphers",
    [
        "AES128-SHA",
        "AES256-SHA:AES128-SHA",
        "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA256",
        "AES128-SHA:ECDHE-RSA-AES256-SHA384:CAMELLIA256-SHA256:AES128-CCM8:ARIA256-GCM-SHA384:NULL-SHA256:NULL-MD5",
        "ADH-AES128-SHA256:AECDH-NULL-SHA:AES128-SHA",
    ],
)
async def test_configured_suites(pki: Pki, ciphers: str, order: str) -> None:
    made = server(pki, f"{ciphers}:@SECLEVEL=0", order=order)
    served = [one for one in ciphers.split(":") if not one.startswith("ADH")]  # without parameters there is none
    with tls_server(made) as (port, counters):
        asked = await suites(port)
    seen = asked[CipherSuites]
    expected = iana(":".join(served))
    if order == "server":
        assert seen.suites == {"TLSv1.2": expected}
    else:
        assert sorted(seen.suites["TLSv1.2"]) == sorted(expected)
    assert seen.preference == {"TLSv1.2": order if len(served) > 1 else "unknown"}
    assert seen.asked == {"TLSv1.2": "all"}
    assert (seen.reasons, seen.chacha20_prioritised) == ({}, {})
    # the first was heard with the version; one for each other, two that are declined, and perhaps the order;
    # where no long hello was accepted, its refusal is confirmed with three short ones
    assert asked.attempts["cipher_suites"].connections <= len(served) + (3 if len(served) > 1 else 4)
    assert counters.accepted == asked.connections


async def test_every_version(pki: Pki) -> None:
    ciphers = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA:AES256-SHA"
    made = server(pki, f"{ciphers}:@SECLEVEL=0", oldest="TLSv1", newest="TLSv1_3")
    with tls_server(made) as (port, _):
        seen = (await suites(port))[CipherSuites]
    old = iana("ECDHE-RSA-AES128-SHA:AES256-SHA")
    assert seen.suites == {"TLSv1.0": old, "TLSv1.1": old, "TLSv1.2": iana(ciphers), "TLSv1.3": IN_13}
    assert set(seen.preference.values()) == {"server"}
    assert seen.chacha20_prioritised == {"TLSv1.3": False}


@pytest.mark.parametrize("order", ["server", "client"])
async def test_many_suites_of_two_keys(pki: Pki, order: str) -> None:
    made = server(pki, MANY, RSA, ECDSA, order=order)
    expected = iana(":".join(served_suites(made)))
    with tls_server(made) as (port, _):
        asked = await suites(port)
    seen = asked[CipherSuites]
    assert len(expected) > 40
    found = seen.suites["TLSv1.2"]
    assert (found if order == "server" else sorted(found)) == (expected if order == "server" else sorted(expected))
    assert seen.preference == {"TLSv1.2": order}
    # of a client's order, some hellos also leave out groups and schemes, and have to be asked again
    assert asked.attempts["cipher_suites"].connections <= len(expected) + (3 if order == "server" else 8)


@pytest.mark.parametrize(
    ("order", "first", "prioritised"),
    [
        ("server", "AES128-GCM-SHA256", {"TLSv1.2": False}),
        ("chacha", "AES128-GCM-SHA256", {"TLSv1.2": True}),  # of two suites alone, that is the client's order
        ("server", "CHACHA20-POLY1305", {}),  # it is first for everybody
        ("client", "AES128-GCM-SHA256", {}),
    ],
)
@pytest.mark.parametrize("more", ["", ":AES256-SHA:AES128-SHA:AES256-SHA256:AES128-SHA256:AES256-GCM-SHA384"])
async def test_chacha20(pki: Pki, order: str, first: str, prioritised: dict[str, bool], more: str) -> None:
    two = sorted(("AES128-GCM-SHA256", "CHACHA20-POLY1305"), key=lambda name: name != first)
    ciphers = ":".join(f"ECDHE-RSA-{name}" for name in two) + more
    with tls_server(server(pki, f"{ciphers}:@SECLEVEL=0", order=order)) as (port, _):
        seen = (await suites(port))[CipherSuites]
    assert set(seen.suites["TLSv1.2"]) == set(iana(ciphers))
    alike = order == "chacha" and not more
    assert seen.preference == {"TLSv1.2": "client" if order == "client" or alike else "server"}
    assert seen.chacha20_prioritised == ({} if alike else prioritised)
    if order == "server":
        assert seen.suites["TLSv1.2"] == iana(ciphers)


async def test_what_others_want_to_know_rides_along(pki: Pki) -> None:
    """GREASE and a version of the future are answered like the plain hello, and cost no connection of their own."""
    with tls_server(server(pki, "AES256-SHA:AES128-SHA:AES128-SHA256:@SECLEVEL=0")) as (port, counters):
        asking = interview(port)
        await cipher_suites.probe(asking, TlsVersions(versions={"TLSv1.2": "accepted"}))
        await asking.close()
    heard: list[Hello] = [hello for hello, _ in asking.heard()]
    assert [0x0A0A in hello.suites for hello in heard] == [False, True, False]
    assert [hello.legacy_version for hello in heard] == [None, None, 0x0305]
    assert counters.accepted == 3 + 1


# servers that choke


def chokes(steady: Talk, most: int, on: Talk) -> Talk:
    """Does that to whoever offers more than so many suites."""
    return lambda peer: (on if len(peeked(peer)[0]) > most else steady)(peer)


def alerts(peer: Peer) -> None:
    peer.receive()
    peer.send(bytes([21, 3, 3, 0, 2, 2, 40]))
    peer.drain()


@pytest.mark.parametrize("on", [Peer.reset, alerts])
async def test_a_server_that_chokes_on_long_hellos(pki: Pki, on: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.asking.PAUSE", 0)
    ciphers = "AES256-SHA:AES128-SHA:AES128-SHA256:NULL-SHA"
    with serving(chokes(speaks_tls(server(pki, f"{ciphers}:@SECLEVEL=0")), 127, on)) as (port, _):
        seen = (await suites(port))[CipherSuites]
    assert sorted(seen.suites["TLSv1.2"]) == sorted(iana(ciphers))
    assert not seen.reasons


async def test_a_failure_half_way_is_no_refusal(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that resets whoever no longer offers its first suite."""
    monkeypatch.setattr("scanner.asking.PAUSE", 0)
    steady = speaks_tls(server(pki, "AES256-SHA:AES128-SHA:@SECLEVEL=0"))

    def talk(peer: Peer) -> None:
        offered = peeked(peer)[0]
        (steady if not offered or CODES["AES256-SHA"] in offered else Peer.reset)(peer)

    with serving(talk) as (port, _):
        asked = await suites(port)
    assert asked[CipherSuites].suites == {"TLSv1.2": iana("AES256-SHA")}
    assert "reset" in asked[CipherSuites].reasons["TLSv1.2"]
    assert asked[CipherSuites].preference == {"TLSv1.2": "unknown"}
    assert [line.about for line in asked.evidence(CipherSuites)] == ["TLSv1.2 TLS_RSA_WITH_AES_256_CBC_SHA"]


async def test_no_version_at_all() -> None:
    with serving(Peer.reset) as (port, _):
        assert (await suites(port)).failure(CipherSuites).kind is FailureKind.RESET


async def test_one_that_accepts_anything_is_cut_off() -> None:
    """It selects whatever comes first in a hello."""

    def talk(peer: Peer) -> None:
        hello = peer.receive()
        if hello[:1] != b"\x16":
            return peer.send(bytes([21, 3, 3, 0, 2, 2, 70]))
        at = 44 + hello[43]
        body = b"\x03\x03" + b"r" * 32 + b"\0" + hello[at + 2 : at + 4] + b"\0"
        message = b"\x02" + len(body).to_bytes(3) + body + b"\x0e\0\0\0"
        peer.send(b"\x16\x03\x03" + len(message).to_bytes(2) + message)
        return peer.drain()

    with serving(talk) as (port, counters):
        asking = interview(port)
        seen = await cipher_suites.probe(asking, TlsVersions(versions={"TLSv1.2": "accepted"}))
        await asking.close()
    assert "accepts anything" in seen.reasons["TLSv1.2"]
    assert counters.accepted <= cipher_suites.MOST + 5


# SSL 2.0


def sslv2_server(*codes: int) -> Talk:
    """Answers its CLIENT-HELLO (SSL 2.0 draft §2.6) with these ciphers, whoever else with an alert."""

    def talk(peer: Peer) -> None:
        if peer.receive()[:1] == b"\x16":
            peer.send(bytes([21, 3, 1, 0, 2, 2, 70]))
        else:
            listed = b"".join(code.to_bytes(3) for code in codes)
            lengths = b"\0\0" + len(listed).to_bytes(2) + b"\0\x10"
            hello = b"\x04\0\x01\0\x02" + lengths + listed + bytes(16)
            peer.send((0x8000 | len(hello)).to_bytes(2) + hello)
        peer.drain()

    return talk


async def test_sslv2_lists_them_all_at_once() -> None:
    with serving(sslv2_server(0x010080, 0x0700C0)) as (port, _):
        asked = await suites(port)
    assert asked[TlsVersions].versions["SSLv2"] == "accepted"
    seen = asked[CipherSuites]
    assert seen.suites == {"SSLv2": ("SSL_CK_RC4_128_WITH_MD5", "SSL_CK_DES_192_EDE3_CBC_WITH_MD5")}
    assert asked.attempts["cipher_suites"].connections == 0


# at depth quick


@pytest.mark.parametrize(
    ("forbidden", "found"),
    [
        ("AES128-SHA:NULL-SHA", "AES128-SHA"),
        ("NULL-SHA:NULL-MD5", ""),
        ("AES128-SHA:AES256-SHA", "AES128-SHA:AES256-SHA"),
    ],
)
async def test_quick_asks_for_what_is_forbidden(pki: Pki, forbidden: str, found: str) -> None:
    expected = iana(found) if found else ()
    with tls_server(server(pki, "AES128-SHA:AES256-SHA:ECDHE-RSA-AES128-SHA:@SECLEVEL=0")) as (port, _):
        asked = await ask(port, CipherSuites, depth="quick", asks=Asks(suites=iana(forbidden)))
    seen = asked[CipherSuites]
    assert set(seen.suites["TLSv1.2"]) == set(expected)
    assert (seen.asked, seen.preference, seen.reasons) == ({"TLSv1.2": "planned"}, {}, {})
    declined = expected != iana(forbidden) and set(expected) != set(iana(forbidden))
    assert asked.attempts["cipher_suites"].connections == len(expected) + declined
    abouts = {line.about for line in asked.evidence(CipherSuites)}
    assert abouts == {f"TLSv1.2 {name}" for name in expected} | ({"TLSv1.2 suites"} if declined else set())


async def test_quick_has_nothing_to_ask(pki: Pki) -> None:
    with tls_server(context(pki)) as (port, _):
        asked = await ask(port, CipherSuites, depth="quick", asks=Asks(suites=("TLS_NULL_WITH_NULL_NULL",)))
    assert asked[CipherSuites].suites == {"TLSv1.2": (), "TLSv1.3": ()}
    assert asked.attempts["cipher_suites"].connections == 0
