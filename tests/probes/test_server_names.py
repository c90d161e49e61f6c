"""Servers that show everybody the same, that have virtual hosts, and that insist on a name."""

import ssl

import pytest

from scanner.model import FailureKind
from scanner.observations.server_names import ServerNames
from scanner.observations.tls_versions import TlsVersions
from scanner.probes import server_names
from tests.hostile import Peer, serving
from tests.probes.asked import ask
from tests.probes.test_certificate import leaf_digest
from tests.probes.tls_servers import RSA, context, interview, run_in_shell, tls_server
from tests.servers.certificates import SERVER_NAME, CertificateSpec, Pki

OTHER = CertificateSpec(names=("other.example.test",))
BOTH = pytest.mark.parametrize("newest", ["TLSv1_2", "TLSv1_3"])


def server(pki: Pki, newest: str, **of_names: ssl.SSLContext | int | None) -> ssl.SSLContext:
    """By the name that is asked for (`own`, `none`, `unknown`): another context, an alert, or nothing special."""
    made = context(pki, OTHER, oldest=newest, newest=newest)

    def choose(line: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        chosen = of_names.get("own" if name == SERVER_NAME else "unknown" if name else "none")
        if isinstance(chosen, ssl.SSLContext):
            line.context = chosen
            return None
        return chosen

    made.sni_callback = choose
    return made


@BOTH
async def test_everybody_sees_the_same(pki: Pki, newest: str) -> None:
    with tls_server(context(pki, oldest=newest, newest=newest)) as (port, counters):
        asked = await ask(port, ServerNames)
    seen, leaf = asked[ServerNames], pki.issue(RSA).sha256
    for shown in (seen.with_name, seen.without_name, seen.unknown_name):
        assert shown is not None
        assert (shown.outcome, shown.sha256) == ("accepted", leaf)
    assert (seen.required, seen.differs) == (False, False)
    assert asked.attempts["server_names"].connections <= 3
    assert counters.accepted == asked.connections


@BOTH
async def test_virtual_hosts(pki: Pki, newest: str) -> None:
    made = server(pki, newest, own=context(pki, RSA, oldest=newest, newest=newest))
    with tls_server(made) as (port, _):
        asked = await ask(port, ServerNames)
        shown = [leaf_digest(run_in_shell(line.reproduce)) for line in asked.evidence(ServerNames)]
    seen = asked[ServerNames]
    assert seen.with_name is not None
    assert seen.with_name.sha256 == pki.issue(RSA).sha256
    assert seen.without_name.sha256 == seen.unknown_name.sha256 == pki.issue(OTHER).sha256
    assert (seen.required, seen.differs) == (False, True)
    assert sorted(shown) == sorted([pki.issue(RSA).sha256, pki.issue(OTHER).sha256, pki.issue(OTHER).sha256])


@BOTH
async def test_a_name_is_required(pki: Pki, newest: str) -> None:
    refuse = int(ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)
    with tls_server(server(pki, newest, none=refuse, unknown=refuse)) as (port, _):
        seen = (await ask(port, ServerNames))[ServerNames]
    assert (seen.without_name.outcome, seen.unknown_name.outcome) == ("declined", "declined")
    assert "unrecognized_name" in seen.without_name.how
    assert (seen.required, seen.differs) == (True, None)


@BOTH
async def test_an_endpoint_without_a_name(pki: Pki, newest: str) -> None:
    with tls_server(context(pki, oldest=newest, newest=newest)) as (port, _):
        seen = (await ask(port, ServerNames, name=None))[ServerNames]
    assert seen.with_name is None
    assert seen.without_name.sha256 == seen.unknown_name.sha256 == pki.issue(RSA).sha256
    assert (seen.required, seen.differs) == (None, None)


async def test_what_could_not_be_asked_is_unknown() -> None:
    with serving(Peer.reset) as (port, _):
        asking = interview(port)
        seen = await server_names.probe(asking, TlsVersions(versions={"TLSv1.2": "accepted"}), None)
        await asking.close()
    assert {one.outcome for one in (seen.with_name, seen.without_name, seen.unknown_name) if one} == {"unknown"}
    assert (seen.required, seen.differs) == (None, None)


async def test_nothing_that_has_names() -> None:
    with serving(Peer.reset) as (port, _):
        failure = (await ask(port, ServerNames)).failure(ServerNames)
    assert failure.kind is FailureKind.RESET
