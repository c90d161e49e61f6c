"""What real servers offer inside TLS, as other people's clients see it, and that none of them takes a command along."""

import pytest

from scanner.observations.tls_versions import TlsVersions
from scanner.observations.upgrade import Upgrade
from scanner.probes import upgrade
from tests.probes.tls_servers import interview
from tests.servers import clients
from tests.servers.harness import Running

pytestmark = pytest.mark.real

ASKED = {"imap", "smtp", "submission", "ldap"}
"""Schemes of which a command is sent behind the upgrade."""


async def look(server: Running, scheme: str) -> Upgrade:
    asking = interview(server.ports[scheme], scheme=scheme, address=server.address)
    try:
        return await upgrade.probe(asking, TlsVersions(versions={}), None)
    finally:
        await asking.close()


@pytest.mark.parametrize("name", ["dovecot_sound", "dovecot_defective"])
async def test_imap(name: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    offered = clients.imap_capabilities(server, start_tls=True)
    for scheme in ("imap", "imaps"):
        seen = (await look(server, scheme)).after
        assert seen is not None
        assert set(seen.capabilities) == set(offered)
        assert set(seen.mechanisms) == {"AUTH=PLAIN", "AUTH=LOGIN"}  # `auth_mechanisms` of its configuration
        assert seen.tls_offered is False


@pytest.mark.parametrize(
    ("name", "scheme", "mechanisms"),
    [
        ("postfix_sound", "smtp", ()),
        ("postfix_sound", "submission", ("PLAIN", "LOGIN")),
        ("postfix_defective", "smtp", ("PLAIN", "LOGIN")),
    ],
)
async def test_smtp(name: str, scheme: str, mechanisms: tuple[str, ...], request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    offered = clients.smtp_extensions(server, scheme, start_tls=True)
    seen = (await look(server, scheme)).after
    assert seen is not None
    assert {line.split()[0] for line in seen.capabilities} == {word.upper() for word in offered}
    assert seen.mechanisms == mechanisms
    assert seen.tls_offered is False


@pytest.mark.parametrize("name", ["postfix_sound", "postfix_defective"])
async def test_smtps(name: str, request: pytest.FixtureRequest) -> None:
    seen = (await look(request.getfixturevalue(name), "smtps")).after
    assert seen is not None
    assert (seen.mechanisms, seen.tls_offered) == (("PLAIN", "LOGIN"), False)


@pytest.mark.parametrize("name", ["slapd_sound", "slapd_defective"])
async def test_ldap(name: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    for scheme in ("ldap", "ldaps"):
        seen = (await look(server, scheme)).after
        assert seen is not None
        assert "1.3.6.1.4.1.1466.20037" in seen.capabilities  # OpenLDAP lists StartTLS, and would not do it
        assert seen.tls_offered is False
        assert "TLS already started" in seen.how


@pytest.mark.parametrize("name", ["dovecot", "postfix", "slapd", "mariadb"])
@pytest.mark.parametrize("kind", ["sound", "defective"])
async def test_no_command_is_taken_along(name: str, kind: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(f"{name}_{kind}")
    for scheme, listener in server.truth.items():
        if listener.versions:
            seen = await look(server, scheme)
            assert seen.injection == ("dropped" if scheme in ASKED else None), seen.how
