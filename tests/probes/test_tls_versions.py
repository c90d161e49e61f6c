"""Versions of servers whose configuration is known, and confirmed by OpenSSL's client where it can speak them."""

import socket
import ssl

import pytest

from scanner.model import AskFailedError, FailureKind
from scanner.observations.tls_versions import TlsVersions
from scanner.probes.tls_versions import probe
from scanner.wire.tls_names import Alert, Extension
from tests.hostile import Peer, Talk, hangs_up, in_turn, says, serving
from tests.probes.tls_servers import (
    ECDSA,
    RSA,
    context,
    interview,
    peeked,
    run_in_shell,
    s_client,
    speaks_tls,
    tls_server,
)
from tests.servers.certificates import SERVER_NAME, Pki

ALL = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
OPTIONS = {"TLSv1.0": "-tls1", "TLSv1.1": "-tls1_1", "TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}


def alert(description: int, level: int = 2) -> bytes:
    return bytes([21, 3, 3, 0, 2, level, description])


CLOSE_NOTIFY = alert(Alert.CLOSE_NOTIFY, 1)


def on_hello(words: bytes) -> Talk:
    """Reads a hello, answers in these words and leaves."""

    def talk(peer: Peer) -> None:
        if peer.receive():
            peer.send(words)
            hangs_up(peer)

    return talk


async def ask(port: int, name: str | None = SERVER_NAME) -> TlsVersions:
    asking = interview(port, name=name)
    try:
        return await probe(asking)
    finally:
        await asking.close()


@pytest.mark.parametrize(
    ("oldest", "newest", "accepted"),
    [
        ("TLSv1_2", "TLSv1_2", ("TLSv1.2",)),
        ("TLSv1_3", "TLSv1_3", ("TLSv1.3",)),
        ("TLSv1_2", "TLSv1_3", ("TLSv1.2", "TLSv1.3")),
        ("TLSv1", "TLSv1", ("TLSv1.0",)),
        ("TLSv1", "TLSv1_3", ("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")),
    ],
)
async def test_configured_versions(pki: Pki, oldest: str, newest: str, accepted: tuple[str, ...]) -> None:
    with tls_server(context(pki, RSA, ECDSA, oldest=oldest, newest=newest)) as (port, counters):
        seen = await ask(port)
        connections = counters.accepted
        confirmed = {
            version
            for version, option in OPTIONS.items()
            if "BEGIN CERTIFICATE" in s_client(port, option, "-cipher", "ALL:@SECLEVEL=0")
        }
    assert seen.versions == {version: "accepted" if version in accepted else "refused" for version in ALL}
    assert not seen.reasons
    assert confirmed == set(accepted)
    assert connections <= 13


async def test_a_client_certificate_that_is_required_hides_nothing(pki: Pki) -> None:
    server = context(pki)
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(pki.root)
    with tls_server(server) as (port, _):
        seen = await ask(port)
    assert [version for version in ALL if seen.versions[version] == "accepted"] == ["TLSv1.2", "TLSv1.3"]


def wants_a_name(pki: Pki) -> ssl.SSLContext:
    server = context(pki)

    def check(_: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> int | None:
        return None if name == SERVER_NAME else ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    server.sni_callback = check
    return server


async def test_an_alert_about_the_name_says_nothing_about_versions(pki: Pki) -> None:
    with tls_server(wants_a_name(pki)) as (port, _):
        with_name, without = await ask(port), await ask(port, None)
    assert with_name.versions["TLSv1.2"] == with_name.versions["TLSv1.3"] == "accepted"
    assert without.versions["TLSv1.2"] == without.versions["TLSv1.3"] == "unknown"
    assert "unrecognized_name" in without.reasons["TLSv1.2"]


async def test_only_a_rare_suite(pki: Pki) -> None:
    with tls_server(context(pki, newest="TLSv1_2", ciphers="AES256-CCM8:@SECLEVEL=0")) as (port, _):
        seen = await ask(port)
        assert "AES256-CCM8" in s_client(port, "-tls1_2", "-cipher", "ALL:@SECLEVEL=0")
    assert seen.versions["TLSv1.2"] == "accepted"
    assert seen.versions["TLSv1.3"] == seen.versions["TLSv1.1"] == "refused"


@pytest.mark.parametrize("description", [Alert.HANDSHAKE_FAILURE, Alert.PROTOCOL_VERSION, Alert.INSUFFICIENT_SECURITY])
async def test_alerts_that_refuse(description: Alert) -> None:
    with serving(on_hello(alert(description))) as (port, _):
        assert (await ask(port)).versions == dict.fromkeys(ALL, "refused")


@pytest.mark.parametrize("words", [alert(Alert.UNRECOGNIZED_NAME), alert(Alert.ACCESS_DENIED), alert(200)])
async def test_alerts_that_say_nothing(words: bytes) -> None:
    with serving(on_hello(words)) as (port, _):
        seen = await ask(port)
    assert seen.versions == dict.fromkeys(ALL, "unknown")
    assert set(seen.reasons) == set(ALL)


@pytest.mark.parametrize("version", [b"\x00\x00", b"\x02\x00", b"\x03\x09", b"\xff\xff"])
async def test_a_version_that_does_not_exist_is_no_refusal(version: bytes) -> None:
    body = version + b"r" * 32 + b"\0" + b"\xc0\x2f" + b"\0"
    hello = b"\x02" + len(body).to_bytes(3) + body + b"\x0e\0\0\0"
    with serving(on_hello(b"\x16\x03\x03" + len(hello).to_bytes(2) + hello)) as (port, _):
        seen = await ask(port)
    assert set(seen.versions.values()) == {"unknown"}
    assert "which was not offered" in seen.reasons["TLSv1.2"]


@pytest.mark.parametrize(
    ("talk", "kind", "most"),
    [
        # a second version, and a plainer hello: it may be one of these that it does not like
        (Peer.reset, FailureKind.RESET, 7),
        (hangs_up, FailureKind.CLOSED_EARLY, 7),
        (on_hello(CLOSE_NOTIFY), FailureKind.CLOSED_EARLY, 7),
        (says(b"SSH-2.0-x\r\n"), FailureKind.MALFORMED, 2),
    ],
)
async def test_no_answer_at_all_is_a_failure_after_few_connections(talk: Talk, kind: FailureKind, most: int) -> None:
    with serving(talk) as (port, counters), pytest.raises(AskFailedError) as caught:
        await ask(port)
    assert caught.value.failure.kind is kind
    assert counters.accepted <= most


async def test_resetting_every_second_connection_changes_no_answer(pki: Pki) -> None:
    steady = speaks_tls(context(pki))
    for order in ((Peer.reset, steady), (steady, Peer.reset), (hangs_up, steady), (steady, hangs_up)):
        with serving(in_turn(*order)) as (port, _):
            seen = await ask(port)
        for version in ("TLSv1.2", "TLSv1.3"):
            assert seen.versions[version] in {"accepted", "unknown"}, order


def closes_on(steady: Talk, declined: tuple[int, ...], end: Talk = hangs_up) -> Talk:
    """As some stacks do: no alert for a hello of these versions, but the end."""

    def talk(peer: Peer) -> None:
        start = peer.socket.recv(11, socket.MSG_PEEK)
        newest = peeked(peer)[1].get(Extension.SUPPORTED_VERSIONS, start[8:])[1:]
        offered = int.from_bytes(newest) if start[:1] == b"\x16" else 0x0002
        (end if offered in declined else steady)(peer)

    return talk


@pytest.mark.parametrize("end", [hangs_up, on_hello(CLOSE_NOTIFY)])
async def test_closing_on_some_versions_is_how_they_are_declined(pki: Pki, end: Talk) -> None:
    with serving(closes_on(speaks_tls(context(pki)), (0x0300, 0x0301, 0x0302), end)) as (port, _):
        seen = await ask(port)
    assert [seen.versions[version] for version in ALL] == ["refused"] * 4 + ["accepted"] * 2
    assert "closes each time" in seen.reasons["TLSv1.0"]


@pytest.mark.parametrize(("ended", "answer"), [(4, "unknown"), (7, "refused")])
async def test_closing_at_ssl2_makes_no_other_refusal_easier(pki: Pki, ended: int, answer: str) -> None:
    """To many a stack SSL 2.0 is no TLS at all: that it closes there does not tell how it declines a version."""
    steady, left = speaks_tls(context(pki)), iter(range(ended))

    def ends_some(peer: Peer) -> None:
        (steady if next(left, None) is None else hangs_up)(peer)

    closing = closes_on(steady, (0x0002,))
    with serving(closes_on(closing, (0x0302,), end=ends_some)) as (port, _):
        seen = await ask(port)
    assert (seen.versions["SSLv2"], seen.versions["TLSv1.1"]) == ("refused", answer)


async def test_closing_on_all_but_the_newest(pki: Pki) -> None:
    with serving(closes_on(speaks_tls(context(pki, oldest="TLSv1_3")), (0x0300, 0x0301, 0x0302, 0x0303))) as (port, _):
        seen = await ask(port)
    assert [seen.versions[version] for version in ALL] == ["refused"] * 5 + ["accepted"]


async def test_a_reset_on_some_versions_stays_unknown(pki: Pki) -> None:
    with serving(closes_on(speaks_tls(context(pki)), (0x0300, 0x0301, 0x0302), end=Peer.reset)) as (port, _):
        seen = await ask(port)
    assert [seen.versions[version] for version in ALL] == ["refused"] + ["unknown"] * 3 + ["accepted"] * 2
    assert "reset" in seen.reasons["TLSv1.0"]


async def test_evidence_reproduces(pki: Pki) -> None:
    with tls_server(context(pki, oldest="TLSv1_2", newest="TLSv1_2")) as (port, _):
        asking = interview(port)
        seen = await probe(asking)
        evidence = asking.take_evidence()
        await asking.close()
        assert {one.about for one in evidence} == set(ALL)
        for one in evidence:
            if one.about == "SSLv3":  # OpenSSL is built without
                continue
            shown = "BEGIN CERTIFICATE" in run_in_shell(one.reproduce)
            assert shown is (seen.versions[one.about] == "accepted"), one.reproduce


async def test_no_hello_is_cited_that_was_not_sent() -> None:
    """Evidence is what was asked: one hello, of an endpoint that is then given up; none, where nobody listens."""
    with serving(says(b"SSH-2.0-x\r\n")) as (port, counters):
        asking = interview(port)
        with pytest.raises(AskFailedError):
            await probe(asking)
        assert [one.about for one in asking.take_evidence()] == ["TLSv1.2"]
        await asking.close()
    assert counters.accepted == 2  # one question, tried twice
    asking = interview(port)
    with pytest.raises(AskFailedError):
        await probe(asking)
    assert asking.take_evidence() == ()
