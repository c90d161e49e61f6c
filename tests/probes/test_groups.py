"""Groups of servers whose configuration is known; `openssl s_client` negotiates each one that is found."""

import ssl

import pytest

from scanner.model import Asks, FailureKind
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.groups import Groups
from scanner.wire.tls_hello import CLASSICAL_GROUPS, TLS13_GROUPS
from scanner.wire.tls_names import Extension, group_name
from tests.hostile import Peer, serving
from tests.probes.asked import ask
from tests.probes.openssl_server import s_server
from tests.probes.tls_servers import ECDSA, RSA, context, peeked, speaks_tls, tls_server
from tests.servers.certificates import CertificateSpec, Pki

IN_CURVES = ("x25519", "secp256r1", "x448", "secp521r1", "secp384r1")
"""What OpenSSL 3.0 has by default, in its own order."""
FINITE = ("ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192")


def names(codes: tuple[int, ...]) -> set[str]:
    return set(map(group_name, codes))


@pytest.mark.parametrize("with_suites", [True, False])
@pytest.mark.parametrize("specs", [(RSA,), (RSA, ECDSA)])
async def test_all_of_openssl(pki: Pki, specs: tuple[CertificateSpec, ...], with_suites: bool) -> None:
    kinds = (Groups, CipherSuites) if with_suites else (Groups,)
    with tls_server(context(pki, *specs)) as (port, _):
        seen = (await ask(port, *kinds))[Groups]
    assert seen.groups == {"TLSv1.2": IN_CURVES, "TLSv1.3": (*IN_CURVES, *FINITE)}
    assert seen.asked == {"TLSv1.2": "all", "TLSv1.3": "all"}
    assert (seen.open, seen.reasons) == ({}, {})
    assert (seen.dh, seen.dh_bits, seen.rsa_export_bits) == ((), None, None)


@pytest.mark.parametrize(
    ("configured", "curves", "modern"),
    [
        ("P-384", {"secp384r1"}, {"secp384r1"}),
        ("X25519:P-256", {"x25519", "secp256r1"}, {"x25519", "secp256r1"}),
        ("brainpoolP256r1:P-521", {"brainpoolP256r1", "secp521r1"}, {"secp521r1"}),
        ("secp256k1:P-256:ffdhe3072", {"secp256k1", "secp256r1"}, {"secp256r1", "ffdhe3072"}),
    ],
)
async def test_configured_groups(pki: Pki, configured: str, curves: set[str], modern: set[str]) -> None:
    with s_server(pki, "-groups", configured) as port:
        seen = (await ask(port, Groups, CipherSuites))[Groups]
    assert {version: set(found) for version, found in seen.groups.items()} == {"TLSv1.2": curves, "TLSv1.3": modern}
    assert not seen.reasons


@pytest.mark.parametrize("oldest", ["TLSv1", "TLSv1_2", "TLSv1_3"])
async def test_versions_that_have_groups(pki: Pki, oldest: str) -> None:
    """The newest up to TLS 1.2, and TLS 1.3."""
    newest = "TLSv1" if oldest == "TLSv1" else "TLSv1_3"
    with tls_server(context(pki, oldest=oldest, newest=newest)) as (port, _):
        seen = (await ask(port, Groups, CipherSuites))[Groups]
    expected = {"TLSv1": {"TLSv1.0": IN_CURVES}, "TLSv1_3": {"TLSv1.3": (*IN_CURVES, *FINITE)}}
    expected["TLSv1_2"] = {"TLSv1.2": IN_CURVES} | expected["TLSv1_3"]
    assert {version: set(found) for version, found in seen.groups.items()} == {
        version: set(found) for version, found in expected[oldest].items()
    }


async def test_no_suite_with_a_curve(pki: Pki) -> None:
    with tls_server(context(pki, newest="TLSv1_2", ciphers="AES128-SHA:AES256-SHA:@SECLEVEL=0")) as (port, _):
        asked = await ask(port, Groups, CipherSuites)
    assert asked[Groups].groups == {"TLSv1.2": ()}
    assert asked.attempts["groups"].connections == 0  # the enumeration of suites has shown it


@pytest.mark.parametrize("server_order", [True, False])
async def test_the_curve_of_the_only_key_cannot_be_left_out(pki: Pki, server_order: bool) -> None:
    """RFC 8422 §5.1: a hello without the curve of an ECDSA key is declined, whatever else it offers."""
    server = context(pki, ECDSA, newest="TLSv1_2")
    server.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    server.options |= ssl.OP_CIPHER_SERVER_PREFERENCE if server_order else 0
    with tls_server(server) as (port, _):
        asked = await ask(port, Groups, CipherSuites)
    seen = asked[Groups]
    found, left = set(seen.groups["TLSv1.2"]), set(seen.open.get("TLSv1.2", ()))
    refusals = [line for line in asked.evidence(Groups) if line.about == "TLSv1.2 groups"]
    assert refusals
    if server_order:
        assert found == {"x25519", "secp256r1"}
        assert left == names(CLASSICAL_GROUPS) - found
        assert "cannot be left out" in seen.reasons["TLSv1.2"]
    else:
        assert found == set(IN_CURVES)
        assert not left
        assert not seen.reasons
        assert refusals[0].answered.endswith("secp256r1")


@pytest.mark.parametrize("configured", ["P-256", "X25519"])
async def test_one_curve_and_an_elliptic_key(pki: Pki, configured: str) -> None:
    with s_server(pki, "-tls1_2", "-groups", configured, specs=(ECDSA,)) as port:
        seen = (await ask(port, Groups, CipherSuites))[Groups]
    alone = "secp256r1" if configured == "P-256" else "x25519"
    assert seen.groups == {"TLSv1.2": (alone,)}
    # with but one curve nothing shows whose order decides; without the key's curve it is refused for what it is
    assert bool(seen.open) is (configured == "P-256")


@pytest.mark.parametrize(("prime", "bits"), [("ffdhe2048", 2048), ("ffdhe3072", 3072)])
@pytest.mark.parametrize("with_suites", [True, False])
async def test_finite_fields(pki: Pki, dh_parameters: dict[str, str], prime: str, bits: int, with_suites: bool) -> None:
    server = context(pki, newest="TLSv1_2", ciphers="ECDHE-RSA-AES128-SHA:DHE-RSA-AES128-SHA:@SECLEVEL=0")
    server.load_dh_params(dh_parameters[prime])
    with tls_server(server) as (port, _):
        seen = (await ask(port, *((Groups, CipherSuites) if with_suites else (Groups,))))[Groups]
    assert [(one.bits, one.prime) for one in seen.dh] == [(bits, prime)]
    assert seen.dh_bits == bits


async def test_a_prime_of_nobody(pki: Pki, dh_parameters: dict[str, str]) -> None:
    server = context(pki, newest="TLSv1_2", ciphers="DHE-RSA-AES128-SHA:@SECLEVEL=0")
    server.load_dh_params(dh_parameters["own"])
    with tls_server(server) as (port, _):
        seen = (await ask(port, Groups))[Groups]
    assert [(one.bits, one.prime) for one in seen.dh] == [(1024, "unknown")]
    assert seen.dh_bits == 1024


# at depth quick


@pytest.mark.parametrize(
    ("forbidden", "found"),
    [(("secp384r1", "x448"), {"secp384r1", "x448"}), (("sect163k1", "secp192r1"), set()), ((), set())],
)
async def test_quick_asks_for_what_is_forbidden(pki: Pki, forbidden: tuple[str, ...], found: set[str]) -> None:
    with tls_server(context(pki, newest="TLSv1_2")) as (port, _):
        asked = await ask(port, Groups, depth="quick", asks=Asks(groups=forbidden))
    assert set(asked[Groups].groups["TLSv1.2"]) == found
    assert asked[Groups].asked == {"TLSv1.2": "planned"}
    # one for each that is accepted, one that is declined, and one for finite fields
    assert asked.attempts["groups"].connections == len(found) + (found != set(forbidden)) + 1


async def test_quick_in_both_versions(pki: Pki) -> None:
    with tls_server(context(pki)) as (port, _):
        seen = (await ask(port, Groups, depth="quick", asks=Asks(groups=("ffdhe2048",))))[Groups]
    assert seen.groups == {"TLSv1.2": (), "TLSv1.3": ("ffdhe2048",)}


# what could not be asked


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
async def test_a_failure_half_way_is_no_refusal(pki: Pki, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that resets whoever does not offer x25519."""
    monkeypatch.setattr("scanner.asking.PAUSE", 0)
    steady = speaks_tls(context(pki, oldest=version, newest=version))

    def talk(peer: Peer) -> None:
        suites, extensions = peeked(peer)
        named = extensions.get(Extension.SUPPORTED_GROUPS, b"\0\x1d")
        (steady if not suites or b"\0\x1d" in named else Peer.reset)(peer)

    with serving(talk) as (port, _):
        asked = await ask(port, Groups)
    label = version.replace("_", ".")
    assert asked[Groups].groups[label] == ("x25519",)
    assert "reset" in asked[Groups].reasons[label]
    assert not [line for line in asked.evidence(Groups) if line.about == f"{label} groups"]


async def test_nothing_that_has_groups() -> None:
    with serving(Peer.reset) as (port, _):
        failure = (await ask(port, Groups)).failure(Groups)
    assert failure.kind is FailureKind.RESET


def test_every_group_is_offered() -> None:
    for post_quantum in ("X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "MLKEM768"):
        assert post_quantum in names(TLS13_GROUPS)
