"""Servers that choke on some ClientHellos, decline without a word, or want a certificate of their clients."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from scanner import asking
from scanner.plan import FULL, Plan
from tests.hostile import Peer, Talk, hangs_up, serving
from tests.hostile_tls import Offered, alert, authenticating, hear, shakes_hands, smtp, unless
from tests.probes.looking import PLANS, SHORT, Looked, look, unclaimed
from tests.probes.tls_servers import context, speaks_tls
from tests.servers.certificates import Pki
from tests.wire.tls13_peers import certificate, openssl_context

TLS12, TLS13 = 0x0303, 0x0304
CIPHERS = "ECDHE+AESGCM:AES128-SHA:AES256-SHA:@SECLEVEL=0"
SUITES = (
    *("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    *("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"),
)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PAUSE", 0.02)


def looked_at(talk: Talk) -> dict[str, Looked]:
    async def both() -> dict[str, Looked]:
        with serving(talk) as (port, _):
            return {plan.depth: await look(port, plan=plan) for plan in PLANS}

    with ThreadPoolExecutor() as pool:
        return pool.submit(asyncio.run, both()).result()


# --- client certificates --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("newest", [TLS12, TLS13], ids=["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("required", [True, False], ids=["required", "requested"])
@pytest.mark.parametrize("scheme", ["tls", "smtp"])
async def test_mutual_tls(required: bool, newest: int, scheme: str) -> None:
    """In TLS 1.3 the client's handshake looks finished when the server has yet to say no (RFC 8446 §4.4.2.4)."""
    plain = openssl_context("rsa")
    plain.set_max_proto_version(newest)
    steady = looked_at(shakes_hands(plain))["full"]
    mutual = authenticating(
        "rsa", required=required, newest=newest, authorities=(certificate("p256"), certificate("p384"))
    )
    talk = shakes_hands(mutual)
    with serving(talk if scheme == "tls" else smtp(talk)) as (port, _):
        looked = await look(port, scheme=scheme)
    assert not unclaimed(looked, steady)
    for probe in ("tls_versions", "cipher_suites", "groups", "signature_schemes"):
        assert looked[probe] == steady[probe]
    assert [chain.certificates for chain in looked["certificate"].chains] == [
        chain.certificates for chain in steady["certificate"].chains
    ]
    labels = {"TLSv1.2", "TLSv1.3"} if newest == TLS13 else {"TLSv1.2"}
    seen = looked["client_authentication"]
    assert seen.wanted == dict.fromkeys(labels, "required" if required else "requested")
    assert seen.authorities == ("Common Name: p256.example.test", "Common Name: p384.example.test")
    resumption = looked["resumption"]
    if required:
        assert set(resumption.tickets.values()) == {"unknown"}
        assert resumption.reasons.keys() == seen.reasons.keys() == labels
        assert "certificate_required" in seen.reasons.get("TLSv1.3", "certificate_required")
    else:
        assert set(resumption.tickets.values()) <= {"resumed", "not offered"}
        assert not resumption.reasons
    assert not looked["conformance"].deviations


# --- hellos that are too long, or of the wrong length ---------------------------------------------------------------


def many_suites(offered: Offered) -> bool:
    return len(offered.suites) >= 128


def middling(offered: Offered) -> bool:
    return 256 <= len(offered.message) <= 511


def reads_and_resets(peer: Peer) -> None:
    hear(peer)
    peer.reset()


@pytest.fixture(scope="module")
def talk(pki: Pki) -> Talk:
    """A sound server."""
    return speaks_tls(context(pki, ciphers=CIPHERS))


@pytest.fixture(scope="module")
def steady(talk: Talk) -> dict[str, Looked]:
    """What it shows when nothing is in the way, by depth."""
    return looked_at(talk)


@pytest.mark.parametrize("plan", PLANS, ids=["full", "quick"])
@pytest.mark.parametrize(
    ("chokes", "trouble"),
    [
        (many_suites, Peer.drain),
        (many_suites, reads_and_resets),
        (many_suites, hangs_up),
        (many_suites, alert(50)),
        (many_suites, alert(40)),
        (middling, Peer.drain),
    ],
    ids=["hangs", "resets", "closes", "decode_error", "handshake_failure", "hangs on 256 to 511 bytes"],
)
async def test_one_that_chokes_on_some_hellos(
    talk: Talk, steady: dict[str, Looked], chokes: Callable[[Offered], bool], trouble: Talk, plan: Plan
) -> None:
    """Asked in another way, it tells everything."""
    with serving(unless(chokes, trouble, talk)) as (port, counters):
        looked = await look(port, plan=plan, limits=SHORT)
    assert not unclaimed(looked, steady[plan.depth])
    for probe in ("cipher_suites", "groups"):
        assert not looked[probe].reasons
    if plan is FULL:
        assert looked["tls_versions"].versions["TLSv1.2"] == looked["tls_versions"].versions["TLSv1.3"] == "accepted"
        assert set(looked["cipher_suites"].suites["TLSv1.2"]) == set(SUITES)
        assert looked["groups"].groups == steady["full"]["groups"].groups
        assert looked["signature_schemes"] == steady["full"]["signature_schemes"]
        assert looked["resumption"].tickets == steady["full"]["resumption"].tickets
    assert counters.accepted == looked.connections <= steady[plan.depth].connections + 25


async def test_one_that_hangs_on_long_hellos_costs_few_waits(talk: Talk) -> None:
    """A wait of ten seconds is a sixth of an endpoint's time."""
    waited = []

    def hangs(peer: Peer) -> None:
        waited.append(peer.number)
        peer.drain()

    with serving(unless(many_suites, hangs, talk)) as (port, _):
        await look(port, limits=SHORT)
    assert len(waited) <= 2


# --- no alerts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", PLANS, ids=["full", "quick"])
@pytest.mark.parametrize("scheme", ["tls", "smtp"])
async def test_one_that_declines_by_closing(scheme: str, plan: Plan) -> None:
    """As Dovecot 2.3 does: the lists are complete, and say how that is known."""
    server = openssl_context("rsa")
    server.set_cipher_list(CIPHERS.encode())
    server.set_min_proto_version(TLS12)
    steady = looked_at(shakes_hands(server))[plan.depth]
    mute = shakes_hands(server, mute=True)
    with serving(mute if scheme == "tls" else smtp(mute)) as (port, counters):
        looked = await look(port, scheme=scheme, plan=plan)
    assert not unclaimed(looked, steady)
    assert looked["tls_versions"].versions == steady["tls_versions"].versions
    assert looked["cipher_suites"].suites == steady["cipher_suites"].suites
    assert looked["groups"].groups == steady["groups"].groups
    assert not looked["cipher_suites"].reasons
    assert not looked["groups"].reasons
    said = [line.answered for line in looked.attempts["cipher_suites"].evidence if line.about == "TLSv1.2 suites"]
    assert all("closed each time without an alert" in one for one in said)
    assert "closes each time" in looked["tls_versions"].reasons["TLSv1.1"]
    assert counters.accepted <= steady.connections * 4
