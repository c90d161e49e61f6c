"""Chains of servers whose certificates are known, with `openssl s_client` as the second witness."""

import re
import ssl
import subprocess
from pathlib import Path

import pytest

from scanner.interview import Interview
from scanner.model import AskFailedError, FailureKind
from scanner.observations.certificate import Certificate
from scanner.observations.tls_versions import Answer, TlsVersions
from scanner.probes import certificate, cleartext, reachability, tls_versions
from scanner.wire.tls_names import Alert
from tests.hostile import Peer, serving
from tests.probes.test_tls_versions import alert, closes_on, wants_a_name
from tests.probes.tls_servers import ECDSA, RSA, context, interview, offers_rsa, run_in_shell, speaks_tls, tls_server
from tests.servers.certificates import SERVER_NAME, Pki


async def ask_all(asking: Interview) -> Certificate:
    """All probes in the order of a scan."""
    try:
        await reachability.probe(asking)
        await cleartext.probe(asking, None)
        versions = await tls_versions.probe(asking)
        asking.take_evidence()
        return await certificate.probe(asking, versions, None, None)
    finally:
        await asking.close()


def digests(seen: Certificate) -> dict[str, tuple[str, ...]]:
    """Key type → digests of the chain, leaf first."""
    return {chain.key_type: tuple(one.sha256 for one in chain.certificates) for chain in seen.chains}


def leaf_digest(s_client_output: str) -> str:
    """SHA-256 of the first certificate in an output of s_client, as OpenSSL counts it."""
    found = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", s_client_output, re.DOTALL)
    assert found, s_client_output
    command = ["openssl", "x509", "-noout", "-fingerprint", "-sha256"]
    done = subprocess.run(command, input=found[0], capture_output=True, text=True, check=True)
    return done.stdout.partition("=")[2].strip().replace(":", "").lower()


@pytest.mark.parametrize(
    ("oldest", "newest", "proven"),
    [
        # what TLS 1.2 has shown in the clear is not asked for once more
        ("TLSv1_2", "TLSv1_3", {"TLSv1.2": False, "TLSv1.3": True}),
        ("TLSv1_2", "TLSv1_2", {"TLSv1.2": False}),
        ("TLSv1", "TLSv1", {"TLSv1.0": False}),
        ("TLSv1_3", "TLSv1_3", {"TLSv1.3": True}),
    ],
)
async def test_both_kinds_of_key(pki: Pki, oldest: str, newest: str, proven: dict[str, bool]) -> None:
    with tls_server(context(pki, RSA, ECDSA, oldest=oldest, newest=newest)) as (port, _):
        asking = interview(port)
        seen = await ask_all(asking)
        witnessed = {one.about: leaf_digest(run_in_shell(one.reproduce)) for one in asking.take_evidence()}
    assert digests(seen) == {"rsa": pki.issue(RSA).chain, "ecdsa": pki.issue(ECDSA).chain}
    assert witnessed == {"rsa": pki.issue(RSA).sha256, "ecdsa": pki.issue(ECDSA).sha256}
    assert {chain.negotiated.version: chain.proven for chain in seen.chains} == proven
    assert seen.server_name == SERVER_NAME
    assert not seen.failures


async def test_few_connections_for_a_typical_host(pki: Pki) -> None:
    with tls_server(context(pki, RSA, ECDSA)) as (port, counters):
        asking = interview(port)
        await ask_all(asking)
    assert counters.accepted == asking.connections <= 8


@pytest.mark.parametrize("oldest", ["TLSv1_2", "TLSv1_3"])
async def test_one_kind_of_key(pki: Pki, oldest: str) -> None:
    for spec in (RSA, ECDSA):
        with tls_server(context(pki, spec, oldest=oldest)) as (port, _):
            seen = await ask_all(interview(port))
        assert digests(seen) == {spec.key_type: pki.issue(spec).chain}
        assert not seen.failures  # the other kind was answered with an alert


@pytest.mark.parametrize("oldest", ["TLSv1_2", "TLSv1_3"])
async def test_a_client_certificate_that_is_required_hides_nothing(pki: Pki, oldest: str) -> None:
    server = context(pki, oldest=oldest)
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(pki.root)
    with tls_server(server) as (port, _):
        assert digests(await ask_all(interview(port))) == {"rsa": pki.issue(RSA).chain}


async def test_no_name_is_sent_for_an_address(pki: Pki) -> None:
    with tls_server(wants_a_name(pki)) as (port, _):
        assert digests(await ask_all(interview(port)))["rsa"] == pki.issue(RSA).chain
        with pytest.raises(AskFailedError) as caught:
            await ask_all(interview(port, name=None))
    assert "no version of TLS was accepted" in caught.value.failure.detail


async def test_only_a_rare_suite(pki: Pki) -> None:
    with tls_server(context(pki, newest="TLSv1_2", ciphers="AES256-CCM8:@SECLEVEL=0")) as (port, _):
        seen = await ask_all(interview(port))
    assert digests(seen) == {"rsa": pki.issue(RSA).chain}
    assert seen.chains[0].negotiated.suite == "TLS_RSA_WITH_AES_256_CCM_8"


async def test_what_was_negotiated(pki: Pki) -> None:
    server = context(pki)
    server.set_alpn_protocols(["h2"])
    with tls_server(server) as (port, _):
        (chain,) = (await ask_all(interview(port, scheme="https"))).chains
    assert chain.negotiated.alpn == "h2"
    assert chain.negotiated.group is not None
    assert chain.negotiated.suite.startswith("TLS_ECDHE_RSA_WITH_")


@pytest.mark.parametrize("oldest", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize(
    ("description", "answered"),
    [(Alert.HANDSHAKE_FAILURE, True), (Alert.CERTIFICATE_EXPIRED, False), (Alert.UNRECOGNIZED_NAME, False)],
)
async def test_only_an_alert_about_the_key_is_a_refusal(
    pki: Pki, oldest: str, description: Alert, answered: bool
) -> None:
    """The versions are known; then a server that answers with an alert as soon as ECDSA alone is offered."""
    versions: dict[str, Answer] = {"TLSv1.3" if oldest == "TLSv1_3" else "TLSv1.2": "accepted"}
    steady = speaks_tls(context(pki, RSA, oldest=oldest))

    def talk(peer: Peer) -> None:
        if offers_rsa(peer):
            steady(peer)
        else:
            peer.receive()
            peer.send(alert(description))
            peer.drain()

    with serving(talk) as (port, _):
        asking = interview(port)
        seen = await certificate.probe(asking, TlsVersions(versions=versions), None, None)
        await asking.close()
    assert list(digests(seen)) == ["rsa"]
    assert ("ecdsa" in seen.failures) is not answered
    if not answered:
        assert seen.failures["ecdsa"].kind is FailureKind.MALFORMED


async def test_a_kind_of_key_that_could_not_be_asked_for_is_a_failure(pki: Pki) -> None:
    """A server that resets whoever offers ECDSA alone."""
    steady = speaks_tls(context(pki, RSA, oldest="TLSv1_3"))

    def talk(peer: Peer) -> None:
        (steady if offers_rsa(peer) else Peer.reset)(peer)

    with serving(talk) as (port, _):
        seen = await ask_all(interview(port))
    assert list(digests(seen)) == ["rsa"]
    assert seen.failures["ecdsa"].kind is FailureKind.RESET


async def test_a_server_that_closes_instead_of_alerts(pki: Pki) -> None:
    with serving(closes_on(speaks_tls(context(pki, RSA)), (0x0300, 0x0301, 0x0302))) as (port, _):
        assert digests(await ask_all(interview(port))) == {"rsa": pki.issue(RSA).chain}


def flight(version: int, *certificates: bytes) -> bytes:
    """ServerHello, Certificate and ServerHelloDone in one record."""
    hello = version.to_bytes(2) + b"r" * 32 + b"\0\xc0\x2b\0"
    listed = b"".join(len(der).to_bytes(3) + der for der in certificates)
    chain = len(listed).to_bytes(3) + listed
    messages = b"\x02" + len(hello).to_bytes(3) + hello + b"\x0b" + len(chain).to_bytes(3) + chain + b"\x0e\0\0\0"
    return b"\x16\x03\x03" + len(messages).to_bytes(2) + messages


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (flight(0x0399, b"\x30\x00"), FailureKind.MALFORMED),
        (flight(0x0303), FailureKind.MALFORMED),
    ],
)
async def test_nonsense_instead_of_a_chain_is_a_failure(words: bytes, kind: FailureKind) -> None:
    def talk(peer: Peer) -> None:
        if peer.receive():
            peer.send(words)
            peer.drain()

    with serving(talk) as (port, _):
        asking = interview(port)
        with pytest.raises(AskFailedError) as caught:
            await certificate.probe(asking, TlsVersions(versions={"TLSv1.2": "accepted"}), None, None)
        await asking.close()
    assert caught.value.failure.kind is kind


@pytest.mark.parametrize("oldest", ["TLSv1_2", "TLSv1_3"])
async def test_a_certificate_of_no_known_version_is_a_fact(pki: Pki, tmp_path: Path, oldest: str) -> None:
    """OpenSSL serves it, and does not mind it without verifying."""
    issued = pki.issue(RSA)
    der = ssl.PEM_cert_to_DER_cert(issued.served.read_text().partition("-----END")[0] + "-----END CERTIFICATE-----")
    strange = der.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020104"), 1)
    served = tmp_path / "strange.pem"
    served.write_text(ssl.DER_cert_to_PEM_cert(strange))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.minimum_version = ssl.TLSVersion[oldest]
    server.load_cert_chain(served, issued.key)
    with tls_server(server) as (port, _):
        (chain,) = (await ask_all(interview(port))).chains
    assert chain.certificates[0].malformed
    assert ssl.PEM_cert_to_DER_cert(chain.certificates[0].pem) == strange


async def test_a_malformed_certificate_is_a_fact() -> None:
    def talk(peer: Peer) -> None:
        if peer.receive():
            peer.send(flight(0x0303, b"\x30\x00"))
            peer.drain()

    with serving(talk) as (port, _):
        asking = interview(port)
        seen = await certificate.probe(asking, TlsVersions(versions={"TLSv1.2": "accepted"}), None, None)
        await asking.close()
    assert seen.chains[0].certificates[0].malformed
