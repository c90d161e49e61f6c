"""Extensions of servers whose configuration is known; `openssl s_client -tlsextdebug` shows the same."""

import base64
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from scanner.model import FailureKind, Observation
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.extensions import Extensions
from scanner.observations.signature_schemes import SignatureSchemes
from tests.hostile import Peer, serving
from tests.probes.asked import ask
from tests.probes.openssl_server import s_server
from tests.probes.tls_servers import RSA, context, run_in_shell, speaks_tls, tls_server
from tests.servers.certificates import Pki

EVERYTHING: tuple[type[Observation], ...] = (Extensions, CipherSuites, SignatureSchemes)
SHOWN = {
    "extended master secret": "Extended master secret: yes",
    "encrypt-then-MAC": '"encrypt-then-mac"',
    "secure renegotiation": "Secure Renegotiation IS supported",
    "session tickets": '"session ticket"',
    "heartbeat": '"heartbeat"',
    "compression": "Compression: zlib",
    "OCSP staple": "OCSP Response Status: successful",
}


@pytest.mark.parametrize("ciphers", ["ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"])
@pytest.mark.parametrize(("oldest", "newest"), [("TLSv1_2", "TLSv1_3"), ("TLSv1", "TLSv1_2")])
async def test_openssl(pki: Pki, oldest: str, newest: str, ciphers: str) -> None:
    with tls_server(context(pki, oldest=oldest, newest=newest, ciphers=f"{ciphers}:@SECLEVEL=0")) as (port, _):
        asked = await ask(port, *EVERYTHING)
        shown = {line.about: run_in_shell(line.reproduce) for line in asked.evidence(Extensions)}
    seen = asked[Extensions]
    with_cbc = ":" in ciphers
    assert seen.extended_master_secret is True
    assert seen.encrypt_then_mac is (True if with_cbc else None)
    assert seen.secure_renegotiation is True
    assert seen.session_tickets is True
    assert (seen.heartbeat, seen.compression, seen.stapled, seen.scts) == (False, False, False, 0)
    assert (seen.ocsp_staple, seen.alpn) == (None, ())
    assert set(seen.reasons) == (set() if with_cbc else {"encrypt_then_mac"})
    answered = {line.about: line.answered for line in asked.evidence(Extensions)}
    for about, printed in shown.items():
        assert (SHOWN[about] in printed) is (answered[about] == "answered"), about


@pytest.mark.parametrize(
    ("option", "field"),
    [(1 << 19, "encrypt_then_mac"), (1 << 14, "session_tickets"), (1 << 0, "extended_master_secret")],
    ids=["SSL_OP_NO_ENCRYPT_THEN_MAC", "SSL_OP_NO_TICKET", "SSL_OP_NO_EXTENDED_MASTER_SECRET"],
)
async def test_without_one_of_them(pki: Pki, option: int, field: str) -> None:
    server = context(pki, newest="TLSv1_2", ciphers="ECDHE-RSA-AES128-SHA:@SECLEVEL=0")
    server.options |= option
    with tls_server(server) as (port, _):
        seen = (await ask(port, Extensions))[Extensions]
    fields = ("encrypt_then_mac", "session_tickets", "extended_master_secret", "secure_renegotiation")
    assert {name: getattr(seen, name) for name in fields} == {name: name != field for name in fields}


async def test_tls13_alone_has_no_such_thing(pki: Pki) -> None:
    with tls_server(context(pki, oldest="TLSv1_3")) as (port, _):
        seen = (await ask(port, Extensions))[Extensions]
    for name in ("extended_master_secret", "secure_renegotiation", "session_tickets", "heartbeat", "compression"):
        assert getattr(seen, name) is None
        assert "TLS 1.3" in seen.reasons[name]
    assert (seen.stapled, seen.scts) == (False, 0)


# application protocols


@pytest.mark.parametrize("kinds", [(Extensions,), EVERYTHING])
@pytest.mark.parametrize("newest", ["TLSv1_2", "TLSv1_3", "only 1.3"])
@pytest.mark.parametrize("names", [(), ("h2", "http/1.1"), ("imap",), ("http/1.1", "http/1.0", "h2")])
async def test_application_protocols(
    pki: Pki, names: tuple[str, ...], newest: str, kinds: tuple[type[Observation], ...]
) -> None:
    alone = newest == "only 1.3"
    server = context(pki, oldest="TLSv1_3" if alone else "TLSv1_2", newest="TLSv1_3" if alone else newest)
    server.set_alpn_protocols(list(names))
    with tls_server(server) as (port, _):
        asked = await ask(port, *kinds, scheme="https")
        shown = [run_in_shell(line.reproduce) for line in asked.evidence(Extensions) if line.about == "ALPN"]
    seen = asked[Extensions]
    assert set(seen.alpn) == set(names)
    assert len(shown) == bool(names)
    assert all("ALPN protocol: " in one for one in shown)
    # one for each that was not heard yet, and one that is declined
    assert asked.attempts["extensions"].connections <= len(names) + 2


async def test_quick_asks_for_none(pki: Pki) -> None:
    server = context(pki)
    server.set_alpn_protocols(["h2", "http/1.1"])
    with tls_server(server) as (port, _):
        asked = await ask(port, Extensions, depth="quick", scheme="https")
    assert asked[Extensions].alpn == ("h2",)
    assert asked[Extensions].extended_master_secret is True
    assert asked.attempts["extensions"].connections == 0


# stapled


def staple(pki: Pki, path: Path) -> Path:
    """An OCSP response that calls the RSA leaf good, signed by a key of nobody: only its form is looked at."""
    issued = pki.issue(RSA)
    leaf, issuer = x509.load_pem_x509_certificates(issued.served.read_bytes())[:2]
    key = serialization.load_pem_private_key(issued.key.read_bytes(), None)
    now = datetime.now(UTC)
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=leaf,
        issuer=issuer,
        algorithm=hashes.SHA1(),  # noqa: S303 - what RFC 5019 §2.1.1 has
        cert_status=ocsp.OCSPCertStatus.GOOD,
        this_update=now - timedelta(hours=1),
        next_update=now + timedelta(days=1),
        revocation_time=None,
        revocation_reason=None,
    )
    signed = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, leaf).sign(key, hashes.SHA256())
    path.write_bytes(signed.public_bytes(serialization.Encoding.DER))
    return path


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
async def test_a_staple(pki: Pki, tmp_path: Path, version: str) -> None:
    with s_server(pki, version, "-status_file", str(staple(pki, tmp_path / "staple.der"))) as port:
        asked = await ask(port, Extensions)
        (shown,) = [run_in_shell(line.reproduce) for line in asked.evidence(Extensions) if line.about == "OCSP staple"]
    seen = asked[Extensions]
    assert seen.stapled is True
    assert seen.ocsp_staple is not None
    assert seen.ocsp_staple.status == "good"
    (served,) = x509.load_pem_x509_certificates(pki.issue(RSA).served.read_bytes())[:1]
    assert int(seen.ocsp_staple.serial, 16) == served.serial_number
    assert seen.ocsp_staple.next_update > seen.ocsp_staple.this_update
    assert SHOWN["OCSP staple"] in shown


async def test_timestamps(pki: Pki, tmp_path: Path) -> None:
    """`-serverinfo`: extension 18 in PEM; two timestamps of 47 bytes each."""
    one = (47).to_bytes(2) + bytes(47)
    listed = (len(one) * 2).to_bytes(2) + one * 2
    extension = (18).to_bytes(2) + len(listed).to_bytes(2) + listed
    path = tmp_path / "scts.pem"
    armoured = base64.encodebytes(extension).decode()
    path.write_text(f"-----BEGIN SERVERINFO FOR TIMESTAMPS-----\n{armoured}-----END SERVERINFO FOR TIMESTAMPS-----\n")
    with s_server(pki, "-tls1_2", "-serverinfo", str(path)) as port:
        seen = (await ask(port, Extensions))[Extensions]
    assert seen.scts == 2


# what could not be asked


async def test_a_failure_half_way(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that resets whoever offers application protocols."""
    monkeypatch.setattr("scanner.asking.PAUSE", 0)
    steady = speaks_tls(context(pki))

    def talk(peer: Peer) -> None:
        waiting = peer.socket.recv(16384, socket.MSG_PEEK)
        (Peer.reset if b"spdy/3" in waiting else steady)(peer)

    with serving(talk) as (port, _):
        seen = (await ask(port, Extensions))[Extensions]
    assert seen.alpn == ()
    assert "reset" in seen.reasons["alpn"]
    assert seen.extended_master_secret is True


async def test_nothing_at_all() -> None:
    with serving(Peer.reset) as (port, _):
        failure = (await ask(port, Extensions)).failure(Extensions)
    assert failure.kind is FailureKind.RESET
