"""Lists, host keys and their proof, against a fake that is told how to lie; OpenSSH itself is in `tests/servers`."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from scanner.model import Evidence, FailureKind
from scanner.observations.cleartext import Cleartext
from scanner.observations.ssh import BothWays, Ssh
from scanner.wire.ssh import Message, encode_disconnect, encode_packet, string
from scanner.wire.ssh_exchange import METHODS
from scanner.wire.ssh_keys import KINDS, decode_host_key
from tests.hostile import Peer, hangs_up, in_turn, says, serving
from tests.probes.looking import SHORT, Looked, look
from tests.ssh_server import OFFER, STRICT, Fake, public_blob

CHACHA, CBC, ETM = "chacha20-poly1305@openssh.com", "aes128-cbc", "hmac-sha2-256-etm@openssh.com"
EVERY = tuple(name for names in KINDS.values() for name in names)


async def seen_by(fake: Fake) -> Ssh:
    with serving(fake) as (port, _):
        seen = (await look(port, scheme="ssh"))["ssh"]
    assert isinstance(seen, Ssh)
    return seen


def evidence(looked: Looked, about: str) -> Evidence:
    (found,) = (one for one in looked.attempts["ssh"].evidence if one.about == about)
    return found


async def test_lists_are_in_the_servers_order_for_both_directions() -> None:
    seen = await seen_by(Fake())
    assert (seen.banner, seen.version, seen.ssh1) == ("SSH-2.0-fake_1.0 a comment", "2.0", False)
    assert seen.key_exchange == OFFER.key_exchange[:-1]  # the last is no method
    assert seen.host_key_algorithms == OFFER.host_keys
    assert seen.ciphers == BothWays(to_server=OFFER.ciphers_to_server, to_client=OFFER.ciphers_to_client)
    assert seen.macs == BothWays(to_server=OFFER.macs_to_server, to_client=OFFER.macs_to_client)
    assert seen.compression == BothWays(to_server=("none",), to_client=("none", "zlib@openssh.com"))
    assert seen.ciphers.names == OFFER.ciphers_to_server
    assert seen.strict_key_exchange


async def test_one_connection_for_each_kind_of_key_and_one_before() -> None:
    with serving(Fake().with_offer(host_keys=EVERY)) as (port, counters):
        looked = await look(port, scheme="ssh")
        assert await counters.reach(lambda seen: seen.ended == len(KINDS) + 1)
    assert counters.accepted == looked.connections == len(KINDS) + 1
    keys = {key.type: key for key in looked["ssh"].host_keys}
    assert tuple(keys) == tuple(KINDS)
    for kind, key in keys.items():
        expected = decode_host_key(public_blob(kind))
        assert (key.bits, key.fingerprint, key.public_key) == (expected.bits, expected.fingerprint, expected.line)
        assert (key.algorithm, key.key_exchange) == (KINDS[kind][0], "curve25519-sha256")
    assert not looked["ssh"].reasons
    goodbye = encode_packet(encode_disconnect("tlsassay"))
    assert sum(received.endswith(goodbye) for received in counters.received) == len(KINDS)


@pytest.mark.parametrize("method", METHODS)
async def test_every_method(method: str) -> None:
    seen = await seen_by(Fake().with_offer(key_exchange=(method,), host_keys=("ssh-ed25519",)))
    (key,) = seen.host_keys
    assert key.key_exchange == method


@pytest.mark.parametrize(
    ("algorithms", "chosen"),
    [(("ssh-rsa",), "ssh-rsa"), (("ssh-rsa", "rsa-sha2-256"), "rsa-sha2-256"), (EVERY[-4:], "rsa-sha2-512")],
)
async def test_an_rsa_key_is_asked_for_once(algorithms: tuple[str, ...], chosen: str) -> None:
    seen = await seen_by(Fake().with_offer(host_keys=algorithms))
    assert [key.algorithm for key in seen.host_keys if key.type == "rsa"] == [chosen]


@pytest.mark.parametrize(
    ("ciphers", "macs", "strict", "exposed"),
    [
        ((CHACHA, "aes128-ctr"), (ETM,), True, ()),
        ((CHACHA, "aes128-ctr"), (ETM,), False, (CHACHA,)),
        ((CBC,), (ETM,), False, (CBC, ETM)),
        ((CBC,), ("hmac-sha2-256",), False, ()),
        (("aes128-ctr",), (ETM,), False, ()),
    ],
)
@pytest.mark.parametrize("direction", ["to_server", "to_client"])
async def test_terrapin(
    ciphers: tuple[str, ...], macs: tuple[str, ...], strict: bool, exposed: tuple[str, ...], direction: str
) -> None:
    methods = ("curve25519-sha256", *([STRICT] if strict else []))
    safe = Fake().with_offer(
        ciphers_to_server=("aes128-ctr",), ciphers_to_client=("aes128-ctr",), key_exchange=methods
    )  # fmt: skip
    seen = await seen_by(safe.with_offer(**{f"ciphers_{direction}": ciphers, f"macs_{direction}": macs}))
    assert (seen.strict_key_exchange, seen.terrapin) == (strict, exposed)


@pytest.mark.parametrize(
    "lie",
    [
        Fake(spoils=lambda content: content[::-1]),
        Fake(shows="ed25519").with_offer(host_keys=("rsa-sha2-512",)),
        Fake(shows="rsa").with_offer(host_keys=("ssh-ed25519",)),
        Fake(shows="ecdsa-nistp256").with_offer(host_keys=("ecdsa-sha2-nistp384",)),
    ],
)
async def test_a_key_that_somebody_else_has_is_no_key(lie: Fake) -> None:
    seen = await seen_by(lie)
    assert not seen.host_keys
    assert all("was not made with the host key SHA256:" in reason for reason in seen.reasons.values())
    assert set(seen.reasons) <= set(KINDS)
    assert seen.reasons
    assert seen.key_exchange


async def test_what_comes_in_between_is_ignored() -> None:
    asides = [bytes([Message.IGNORE]) + string(b"x"), bytes([Message.DEBUG]) + b"\0" + string(b"") * 2]
    seen = await seen_by(Fake(asides=asides, before=b"Authorised use only\r\n"))
    assert [key.type for key in seen.host_keys] == ["ed25519", "rsa"]
    endless = await seen_by(Fake(asides=asides * 20))
    assert "messages that are to be ignored" in endless.reasons["ed25519"]


async def test_no_method_in_common_leaves_the_lists() -> None:
    seen = await seen_by(Fake().with_offer(key_exchange=("diffie-hellman-group-exchange-sha256",)))
    assert seen.reasons == dict.fromkeys(("ed25519", "rsa"), "no key exchange method in common")
    assert (seen.key_exchange, seen.host_keys) == (("diffie-hellman-group-exchange-sha256",), ())


async def test_kinds_that_are_not_asked_for_are_named() -> None:
    certificate = "ssh-ed25519-cert-v01@openssh.com"
    seen = await seen_by(Fake().with_offer(host_keys=(certificate, "ssh-ed25519")))
    assert (seen.not_asked, [key.type for key in seen.host_keys]) == ((certificate,), ["ed25519"])
    alone = await seen_by(Fake().with_offer(host_keys=(certificate,)))
    assert (alone.not_asked, alone.host_keys, alone.reasons) == ((certificate,), (), {})


async def test_ssh_1_beside_ssh_2() -> None:
    seen = await seen_by(Fake(line=b"SSH-1.99-Cisco-1.25"))
    assert (seen.version, seen.ssh1) == ("1.99", True)
    assert len(seen.host_keys) == 2


async def test_ssh_1_alone_is_asked_nothing_else() -> None:
    with serving(says(b"SSH-1.5-OSU_1.4alpha3\n")) as (port, counters):
        looked = await look(port, scheme="ssh")
    assert looked["ssh"] == Ssh(banner="SSH-1.5-OSU_1.4alpha3", version="1.5", ssh1=True)
    assert set(counters.received) == {b"SSH-2.0-tlsassay\r\n"}
    assert [one.about for one in looked.attempts["ssh"].evidence] == ["version"]


def disconnects(peer: Peer) -> None:
    peer.send(b"SSH-2.0-x\r\n" + encode_packet(encode_disconnect("too many of you")))
    hangs_up(peer)


async def test_a_server_that_disconnects_is_a_failure_with_its_words() -> None:
    with serving(disconnects) as (port, counters):
        looked = await look(port, scheme="ssh")
    assert looked.failure("ssh").kind is FailureKind.CLOSED_EARLY
    assert "too many of you" in looked.failure("ssh").detail
    assert counters.accepted <= 6


async def test_silence_behind_the_identification_is_a_failure() -> None:
    with serving(says(b"SSH-2.0-x\r\n")) as (port, _):
        looked = await look(port, scheme="ssh", limits=SHORT)
    assert looked.failure("ssh").kind is FailureKind.DEADLINE
    assert isinstance(looked.seen("cleartext"), Cleartext)


async def test_a_reset_is_tried_again() -> None:
    with serving(in_turn(Fake(), Peer.reset, Fake(), Peer.reset, Fake())) as (port, _):
        assert [key.type for key in (await look(port, scheme="ssh"))["ssh"].host_keys] == ["ed25519", "rsa"]


async def test_lists_stay_when_the_exchange_breaks_off() -> None:
    def breaks_off(peer: Peer) -> None:
        peer.send(b"garbage" * 9)
        hangs_up(peer)

    fake = replace(Fake().with_offer(key_exchange=("sntrup761x25519-sha512",)), then=breaks_off)
    assert (await seen_by(fake)).key_exchange == ("sntrup761x25519-sha512",)


async def test_names_are_made_safe() -> None:
    name = "x" * 200
    seen = await seen_by(Fake().with_offer(ciphers_to_client=("aes128-ctr", name)))
    assert all(len(one) <= 64 for one in seen.ciphers.names)


@pytest.mark.parametrize(
    ("key_exchange", "host_keys", "about", "command"),
    [
        (("curve25519-sha256",), ("ssh-ed25519",), "ed25519", "ssh-keyscan -t ed25519 -p {port} 127.0.0.1 |"),
        (("curve25519-sha256",), ("ecdsa-sha2-nistp384",), "ecdsa-nistp384", "ssh-keyscan -t ecdsa -p {port} "),
        (("diffie-hellman-group14-sha1",), ("ssh-rsa",), "rsa", "-o HostKeyAlgorithms=ssh-rsa "),
    ],
)
async def test_evidence(key_exchange: Sequence[str], host_keys: Sequence[str], about: str, command: str) -> None:
    fake = Fake().with_offer(key_exchange=tuple(key_exchange), host_keys=tuple(host_keys))
    with serving(fake) as (port, _):
        looked = await look(port, scheme="ssh")
    key = looked["ssh"].host_keys[0]
    cited = evidence(looked, about)
    assert f"{key.bits} {key.fingerprint}" in cited.answered
    assert command.format(port=port) in cited.reproduce
    assert evidence(looked, "key exchange").answered == key_exchange[0]
    assert "-l nobody 127.0.0.1" in evidence(looked, "ciphers").reproduce
