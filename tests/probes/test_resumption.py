"""Sessions of servers with and without tickets, caches and early data."""

import ssl

import pytest

from scanner.observations.resumption import Resumption
from scanner.observations.tls_versions import TlsVersions
from scanner.probes import resumption
from tests.hostile import Peer, in_turn, serving
from tests.probes.asked import ask
from tests.probes.openssl_server import s_server
from tests.probes.tls_servers import context, interview, run_in_shell, speaks_tls, tls_server
from tests.servers.certificates import Pki


async def test_tickets_and_ids(pki: Pki) -> None:
    with s_server(pki) as port:
        seen = (await ask(port, Resumption))[Resumption]
    assert seen.tickets == {"TLSv1.2": "resumed", "TLSv1.3": "resumed"}
    assert seen.session_ids == {"TLSv1.2": "resumed"}
    assert seen.ticket_lifetimes == {"TLSv1.2": 7200, "TLSv1.3": 7200}
    assert (seen.early_data, seen.max_early_data, seen.reasons) == (False, None, {})


async def test_no_tickets(pki: Pki) -> None:
    server = context(pki)
    server.options |= ssl.OP_NO_TICKET
    server.num_tickets = 0
    with tls_server(server) as (port, _):
        seen = (await ask(port, Resumption))[Resumption]
    assert seen.tickets == {"TLSv1.2": "not offered", "TLSv1.3": "not offered"}
    assert seen.ticket_lifetimes == {}
    assert seen.early_data is False


async def test_no_cache(pki: Pki) -> None:
    """An OpenSSL server without a cache gives out no IDs."""
    with s_server(pki, "-no_cache", "-no_ticket") as port:
        seen = (await ask(port, Resumption))[Resumption]
    assert seen.session_ids == {"TLSv1.2": "not offered"}
    assert seen.tickets["TLSv1.2"] == "not offered"


async def test_a_server_that_forgets(pki: Pki) -> None:
    """Two nodes that do not share their keys take turns: the ticket of one means nothing to the other."""
    nodes = [speaks_tls(context(pki, newest="TLSv1_2")) for _ in range(2)]
    with serving(in_turn(*nodes)) as (port, _):
        asking = interview(port)
        seen = await resumption.probe(asking, TlsVersions(versions={"TLSv1.2": "accepted"}), None)
        await asking.close()
    assert seen.tickets == {"TLSv1.2": "refused"}


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1", "TLSv1_2"])
async def test_the_newest_old_version(pki: Pki, version: str) -> None:
    with tls_server(context(pki, oldest="TLSv1", newest=version)) as (port, _):
        seen = (await ask(port, Resumption))[Resumption]
    label = {"TLSv1": "TLSv1.0"}.get(version, version.replace("_", "."))
    assert seen.tickets == {label: "resumed"}
    assert set(seen.session_ids) == {label}
    assert seen.early_data is None  # TLS 1.3 alone has it


@pytest.mark.parametrize("early", [True, False])
async def test_early_data(pki: Pki, early: bool) -> None:
    options = ["-early_data", "-max_early_data", "16384"] if early else []
    with s_server(pki, "-tls1_3", *options) as port:
        seen = (await ask(port, Resumption))[Resumption]
    assert seen.early_data is early
    assert seen.max_early_data == (16384 if early else None)
    assert seen.tickets == {"TLSv1.3": "resumed"}


async def test_a_client_certificate_that_is_required(pki: Pki) -> None:
    server = context(pki)
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(pki.root)
    with tls_server(server) as (port, _):
        seen = (await ask(port, Resumption))[Resumption]
    assert seen.tickets == {"TLSv1.2": "unknown", "TLSv1.3": "unknown"}
    assert set(seen.reasons) == {"TLSv1.2", "TLSv1.3"}


async def test_what_could_not_be_asked_is_unknown() -> None:
    with serving(Peer.reset) as (port, _):
        asking = interview(port)
        versions = TlsVersions(versions={"TLSv1.2": "accepted", "TLSv1.3": "accepted"})
        seen = await resumption.probe(asking, versions, None)
        await asking.close()
    assert seen.tickets == {"TLSv1.2": "unknown", "TLSv1.3": "unknown"}
    assert seen.session_ids == {"TLSv1.2": "unknown"}
    assert "reset" in seen.reasons["TLSv1.2"]
    assert seen.early_data is None


async def test_few_connections(pki: Pki) -> None:
    with tls_server(context(pki)) as (port, _):
        asked = await ask(port, Resumption)
    # a session and the same again, by ticket, by ID and by pre-shared key
    assert asked.attempts["resumption"].connections <= 6


async def test_the_commands_reproduce(pki: Pki) -> None:
    with s_server(pki) as port:
        asked = await ask(port, Resumption)
        shown = {line.about: run_in_shell(line.reproduce) for line in asked.evidence(Resumption)}
    assert "Reused, TLSv1.2" in shown["TLSv1.2 tickets"]
    assert "Reused, TLSv1.2" in shown["TLSv1.2 session IDs"]
    assert "TLSv1.3" in shown["TLSv1.3 tickets"]
