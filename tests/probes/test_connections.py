"""How few connections the answers cost: every question is one, and most answers are asked for but once."""

import ssl
from collections.abc import Iterator

import pytest

from scanner.model import Observation, snake_case
from scanner.observations import observation_types
from scanner.observations.certificate import Certificate
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.groups import Groups
from scanner.observations.resumption import Resumption
from scanner.observations.signature_schemes import SignatureSchemes
from scanner.observations.tls_versions import TlsVersions
from scanner.planner import plan_for
from scanner.policy import load_policies
from scanner.wire.openssl_names import openssl_suite
from scanner.wire.tls_names import cipher_suites
from tests.probes.asked import Asked, ask
from tests.probes.tls_servers import ECDSA, RSA, context, served_suites, tls_server
from tests.servers import nginx
from tests.servers.certificates import CertificateSpec, Pki
from tests.servers.conftest import require_installed
from tests.servers.harness import TLS_1_2_UP, Listener, start

SIX_SUITES = ":".join(
    f"ECDHE-{key}-{cipher}"
    for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for key in ("ECDSA", "RSA")
)
"""As Mozilla's "intermediate" and many an nginx has it; TLS 1.3 adds three."""
MOST_SELECTED = 30
MOST_FULL = 55
MOST_QUICK = 8
MOST_LEGACY = 140


def typical(pki: Pki, specs: tuple[CertificateSpec, ...], *, server_order: bool) -> ssl.SSLContext:
    server = context(pki, *specs, ciphers=SIX_SUITES)
    server.set_alpn_protocols(["h2", "http/1.1"])
    server.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    server.options |= ssl.OP_CIPHER_SERVER_PREFERENCE if server_order else 0
    return server


def is_complete(asked: Asked, *kinds: type[Observation]) -> None:
    """Nothing that could not be asked to the end."""
    for kind in kinds:
        seen = asked[kind]
        assert not getattr(seen, "reasons", {}), seen
        assert not getattr(seen, "failures", {}), seen


@pytest.mark.parametrize("server_order", [True, False])
@pytest.mark.parametrize("specs", [(RSA,), (ECDSA,), (RSA, ECDSA)])
async def test_a_typical_host(pki: Pki, specs: tuple[CertificateSpec, ...], server_order: bool) -> None:
    plan = plan_for(load_policies(["site"]), "quick")
    with tls_server(typical(pki, specs, server_order=server_order)) as (port, counters):
        selected = await ask(port, CipherSuites, Groups, Certificate, scheme="https")
        assert counters.accepted == selected.connections <= MOST_SELECTED
        full = await ask(port, scheme="https")
        assert counters.accepted == selected.connections + full.connections
        assert full.connections <= MOST_FULL
        before = counters.accepted
        quick = await ask(port, scheme="https", plan=plan)
        # without the curve of an ECDSA key, and with it, where that is the only key
        most = MOST_QUICK + (specs == (ECDSA,))
        assert counters.accepted - before == quick.connections <= most
    # OpenSSL then prefers the curve of an ECDSA key, without which it has no suite at all
    isolated = not (server_order and specs == (ECDSA,))
    for asked in (selected, full):
        is_complete(asked, TlsVersions, CipherSuites, Certificate, *((Groups,) if isolated else ()))
        suites, groups = asked[CipherSuites], asked[Groups]
        assert [len(suites.suites[version]) for version in ("TLSv1.2", "TLSv1.3")] == [3 * len(specs), 3]
        order = "server" if server_order else "client"
        assert suites.preference == {"TLSv1.2": order, "TLSv1.3": order}
        assert [len(groups.groups[version]) for version in ("TLSv1.2", "TLSv1.3")] == [5 if isolated else 2, 10]
        assert len(asked[Certificate].chains) == len(specs)
    is_complete(full, SignatureSchemes, Resumption)
    assert {chain.key_type for chain in quick[Certificate].chains} == {spec.key_type for spec in specs}
    assert quick[TlsVersions].versions == full[TlsVersions].versions
    assert quick[CipherSuites].suites == {"TLSv1.2": (), "TLSv1.3": ()}
    is_complete(quick, CipherSuites, Groups, Certificate)


@pytest.mark.parametrize(("server_order", "most"), [(False, MOST_LEGACY), (True, MOST_LEGACY + 15)])
async def test_a_legacy_host_with_every_suite(
    pki: Pki, dh_parameters: dict[str, str], server_order: bool, most: int
) -> None:
    """All that OpenSSL 3 can serve on TLS 1.0 to 1.2.

    Where the server's order decides, groups and schemes cannot be learnt beside the suites: what is left out of a hello
    would change the order.
    """
    server = context(pki, RSA, ECDSA, oldest="TLSv1", newest="TLSv1_2", ciphers="ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    server.load_dh_params(dh_parameters["ffdhe2048"])
    server.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    server.options |= ssl.OP_CIPHER_SERVER_PREFERENCE if server_order else 0
    with tls_server(server) as (port, counters):
        full = await ask(port)
    assert counters.accepted == full.connections <= most
    usable = served_suites(server)
    names = full[CipherSuites].suites["TLSv1.2"]
    found = [openssl_suite(code) for code, name in cipher_suites().items() if name in names]
    assert sorted(found) == sorted(usable)
    assert len(usable) > 70
    assert full[CipherSuites].preference["TLSv1.2"] == ("server" if server_order else "client")
    assert full[Groups].dh[0].prime == "ffdhe2048"
    is_complete(full, TlsVersions, CipherSuites, Groups, Certificate)


async def test_each_attempt_counts_its_own(pki: Pki) -> None:
    with tls_server(typical(pki, (RSA,), server_order=True)) as (port, _):
        full = await ask(port)
    spent = {probe: attempt.connections for probe, attempt in full.attempts.items() if attempt.connections}
    assert spent["reachability"] == 1  # on which TLS 1.2 is asked for as well
    assert spent["tls_versions"] == 5
    for kind in ("certificate", "cleartext", "client_authentication", "conformance", "tolerance"):
        assert kind not in spent  # others have shown what they need


async def test_quick_decides_what_the_policy_asks(pki: Pki) -> None:
    """The same server under `site`: nothing that quick asks is left unknown."""
    plan = plan_for(load_policies(["site"]), "quick")
    with tls_server(typical(pki, (RSA, ECDSA), server_order=True)) as (port, _):
        quick = await ask(port, scheme="https", plan=plan)
    suits = {name for name, kind in observation_types().items() if not kind.protocols or "https" in kind.protocols}
    assert set(quick.attempts) == set(plan.probes or ()) & suits
    for probe, attempt in quick.attempts.items():
        assert attempt.observation is not None, probe
        assert snake_case(type(attempt.observation).__name__) == probe


# real nginx


@pytest.fixture(scope="module")
def nginx_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """TLS 1.2 and 1.3, six and three suites, RSA and ECDSA, and the client's order, as nginx has it by default."""
    require_installed(nginx.SOUND)
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    listener = Listener(versions=TLS_1_2_UP, certificates=nginx.BOTH)
    configuration = nginx._configuration("nginx-typical", {"https": listener}, SIX_SUITES)
    with start(configuration, Pki(tmp_path_factory.mktemp("nginx-pki")), folder) as running:
        yield running.ports["https"]


@pytest.mark.real
async def test_nginx(nginx_port: int) -> None:
    selected = await ask(nginx_port, CipherSuites, Groups, Certificate, scheme="https")
    full = await ask(nginx_port, scheme="https")
    quick = await ask(nginx_port, scheme="https", plan=plan_for(load_policies(["site"]), "quick"))
    assert selected.connections <= MOST_SELECTED
    assert full.connections <= MOST_FULL
    assert quick.connections <= MOST_QUICK
    for asked in (selected, full):
        is_complete(asked, TlsVersions, CipherSuites, Groups, Certificate)
        assert [len(found) for found in asked[CipherSuites].suites.values()] == [6, 3]
        assert len(asked[Certificate].chains) == 2
