"""Hellos for whole handshakes: a share of a group that the server takes, and schemes by kind of key."""

from hashlib import sha256

import pytest

from scanner.model import AskFailedError, FailureKind
from scanner.probes import _tls13
from scanner.wire.tls_names import Version
from scanner.wire.tls_questions import offering, version_hellos
from tests.hostile import Peer, Talk, hangs_up, serving
from tests.probes.openssl_server import s_server
from tests.probes.tls_servers import ECDSA, RSA, context, interview, tls_server
from tests.servers.certificates import Pki

NEW = version_hellos(Version.TLSv1_3)[0]


@pytest.mark.parametrize(
    ("key_type", "kind"),
    [
        ("rsa", "rsa"),
        ("rsa-pss", "rsa-pss"),
        ("ecdsa", "ecdsa"),
        ("ed25519", "eddsa"),
        ("ed448", "eddsa"),
        ("ml-dsa-65", "ml-dsa"),
    ],
)
def test_kinds_of_key(key_type: str, kind: str) -> None:
    assert _tls13.kind_of(key_type) == kind
    assert _tls13.of_kinds([kind]) == _tls13.SCHEMES[kind]


@pytest.mark.parametrize(("configured", "share"), [("P-384", 24), ("X25519:P-256", 29)])
async def test_a_share_of_a_group_that_was_selected(pki: Pki, configured: str, share: int) -> None:
    with s_server(pki, "-tls1_3", "-groups", configured) as port:
        asking = interview(port)
        await asking.ask(NEW)
        question = _tls13.hello(asking)
        assert question.groups == question.key_shares == (share,)
        handshake = await _tls13.shake_hands(asking, question)
        assert handshake is not None
        assert handshake.proven


def retry(group: int, session_id: bytes) -> bytes:
    """A HelloRetryRequest for this group (RFC 8446 §4.1.3, §4.1.4)."""
    extensions = bytes.fromhex("002b00020304") + bytes.fromhex("00330002") + group.to_bytes(2)
    random = sha256(b"HelloRetryRequest").digest()
    echoed = bytes([len(session_id)]) + session_id
    body = b"\x03\x03" + random + echoed + b"\x13\x01\0" + len(extensions).to_bytes(2) + extensions
    message = b"\x02" + len(body).to_bytes(3) + body
    return b"\x16\x03\x03" + len(message).to_bytes(2) + message


async def test_no_share_of_the_groups_that_were_selected() -> None:
    def talk(peer: Peer) -> None:
        hello = peer.receive()
        peer.send(retry(0x11EC, hello[44 : 44 + hello[43]]))
        peer.drain()

    with serving(talk) as (port, _):
        asking = interview(port)
        await asking.ask(NEW)
        with pytest.raises(AskFailedError) as caught:
            _tls13.hello(asking)
    assert caught.value.failure.kind is FailureKind.INTERNAL
    assert "no cryptography for X25519MLKEM768" in caught.value.failure.detail


async def test_kinds_that_no_certificate_has_yet(pki: Pki) -> None:
    with tls_server(context(pki, RSA, ECDSA)) as (port, _):
        asking = interview(port)
        assert _tls13.unheard_kinds(asking) == list(_tls13.SCHEMES)
        question = _tls13.hello(asking, _tls13.of_kinds(["ecdsa"]))
        assert (await _tls13.shake_hands(asking, question)) is not None
        assert _tls13.unheard_kinds(asking) == ["rsa", "rsa-pss", "eddsa", "ml-dsa"]
        await asking.ask(offering(Version.TLSv1_2, (0xC02F,)))  # TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
        assert "rsa" not in _tls13.unheard_kinds(asking)
        assert await _tls13.shake_hands(asking, _tls13.hello(asking, _tls13.of_kinds(["eddsa"]))) is None


def alert(description: int) -> Talk:
    def talk(peer: Peer) -> None:
        peer.receive()
        peer.send(bytes([21, 3, 3, 0, 2, 2, description]))
        hangs_up(peer)

    return talk


@pytest.mark.parametrize(("description", "declined"), [(40, True), (70, True), (112, False), (200, False)])
async def test_only_some_alerts_decline(description: int, declined: bool) -> None:
    with serving(alert(description)) as (port, _):
        asking = interview(port)
        if declined:
            assert await _tls13.shake_hands(asking, _tls13.hello(asking)) is None
            return
        with pytest.raises(AskFailedError) as caught:
            await _tls13.shake_hands(asking, _tls13.hello(asking))
    assert caught.value.failure.kind is FailureKind.MALFORMED
    assert "a TLS 1.3 handshake was answered with" in caught.value.failure.detail
