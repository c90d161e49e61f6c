"""Signature schemes of servers whose configuration is known."""

import pytest

from scanner.model import FailureKind
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.groups import Groups
from scanner.observations.signature_schemes import SignatureSchemes
from tests.hostile import Peer, serving
from tests.probes.asked import ask
from tests.probes.openssl_server import s_server
from tests.probes.tls_servers import ECDSA, RSA, context, offers_rsa, speaks_tls, tls_server
from tests.servers.certificates import CertificateSpec, Pki

RSA_12 = {f"rsa_pss_rsae_sha{n}" for n in (256, 384, 512)} | {f"rsa_pkcs1_sha{n}" for n in (1, 224, 256, 384, 512)}
ECDSA_12 = {"ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512", "ecdsa_sha224", "ecdsa_sha1"}
RSA_13 = {f"rsa_pss_rsae_sha{n}" for n in (256, 384, 512)}


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize(
    ("specs", "old", "new"),
    [
        ((RSA,), RSA_12, RSA_13),
        ((ECDSA,), ECDSA_12, {"ecdsa_secp256r1_sha256"}),  # in TLS 1.3 the scheme names the curve
        ((RSA, ECDSA), RSA_12 | ECDSA_12, RSA_13 | {"ecdsa_secp256r1_sha256"}),
    ],
)
async def test_all_of_openssl(
    pki: Pki, specs: tuple[CertificateSpec, ...], old: set[str], new: set[str], alone: bool
) -> None:
    kinds = (SignatureSchemes,) if alone else (SignatureSchemes, CipherSuites, Groups)
    ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:@SECLEVEL=0"
    with tls_server(context(pki, *specs, ciphers=ciphers)) as (port, counters):
        asked = await ask(port, *kinds)
    seen = asked[SignatureSchemes]
    assert {version: set(found) for version, found in seen.schemes.items()} == {"TLSv1.2": old, "TLSv1.3": new}
    assert not seen.reasons
    # one for each in TLS 1.3 and one that is declined; in TLS 1.2 some were heard
    assert asked.attempts["signature_schemes"].connections <= len(old) + len(new) + 3
    assert counters.accepted == asked.connections


@pytest.mark.parametrize(
    ("configured", "old", "new"),
    [
        ("RSA-PSS+SHA384", {"rsa_pss_rsae_sha384"}, {"rsa_pss_rsae_sha384"}),
        ("RSA+SHA256:RSA-PSS+SHA512", {"rsa_pkcs1_sha256", "rsa_pss_rsae_sha512"}, {"rsa_pss_rsae_sha512"}),
    ],
)
async def test_configured_schemes(pki: Pki, configured: str, old: set[str], new: set[str]) -> None:
    with s_server(pki, "-sigalgs", configured) as port:
        seen = (await ask(port, SignatureSchemes))[SignatureSchemes]
    assert {version: set(found) for version, found in seen.schemes.items()} == {"TLSv1.2": old, "TLSv1.3": new}


async def test_a_server_that_signs_nothing(pki: Pki) -> None:
    """Suites with an RSA key exchange alone: nothing is signed (RFC 5246 §7.4.3)."""
    with tls_server(context(pki, newest="TLSv1_2", ciphers="AES128-SHA:@SECLEVEL=0")) as (port, _):
        asked = await ask(port, SignatureSchemes, CipherSuites)
    assert asked[SignatureSchemes].schemes == {"TLSv1.2": ()}
    assert asked.attempts["signature_schemes"].connections == 0


async def test_versions_that_do_not_negotiate_them(pki: Pki) -> None:
    with tls_server(context(pki, oldest="TLSv1", newest="TLSv1_1")) as (port, _):
        asked = await ask(port, SignatureSchemes)
    assert (asked[SignatureSchemes].schemes, asked[SignatureSchemes].reasons) == ({}, {})
    assert asked.attempts["signature_schemes"].connections == 0


async def test_nothing_at_all() -> None:
    with serving(Peer.reset) as (port, _):
        assert (await ask(port, SignatureSchemes)).failure(SignatureSchemes).kind is FailureKind.RESET


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
async def test_a_failure_half_way_is_no_refusal(pki: Pki, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that resets whoever no longer offers an everyday RSA scheme."""
    monkeypatch.setattr("scanner.asking.PAUSE", 0)
    steady = speaks_tls(context(pki, oldest=version, newest=version))
    with serving(lambda peer: (steady if offers_rsa(peer) else Peer.reset)(peer)) as (port, _):
        asked = await ask(port, SignatureSchemes)
    label = version.replace("_", ".")
    seen = asked[SignatureSchemes]
    assert "rsa_pss_rsae_sha256" in seen.schemes[label]
    assert "reset" in seen.reasons[label]
    assert not [line for line in asked.evidence(SignatureSchemes) if line.about.endswith("schemes")]
