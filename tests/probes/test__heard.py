"""What answers have shown to other questions is not asked again."""

from dataclasses import replace

import pytest

from scanner.probes import _heard
from scanner.wire.tls_hello import CLASSICAL_GROUPS, SIGNATURE_SCHEMES, TLS13_GROUPS
from scanner.wire.tls_names import Version
from scanner.wire.tls_questions import offering, version_hellos
from tests.hostile import serving
from tests.probes.tls_servers import context, interview, speaks_tls, tls_server
from tests.servers.certificates import Pki

OLD = version_hellos(Version.TLSv1_2)[0]
NEW = version_hellos(Version.TLSv1_3)[0]


async def test_answers_by_version(pki: Pki) -> None:
    with tls_server(context(pki)) as (port, _):
        asking = interview(port)
        for hello in (OLD, NEW, offering(Version.TLSv1_1)):
            await asking.ask(hello)
        assert [hello for hello, _ in _heard.of_version(asking, Version.TLSv1_2)] == [OLD]
        assert [hello for hello, _ in _heard.of_version(asking, Version.TLSv1_3)] == [NEW]
        assert not list(_heard.of_version(asking, Version.TLSv1_1))


async def test_the_hello_that_was_accepted(pki: Pki) -> None:
    """The second of the three that ask for a version, of a server that has rare suites alone."""
    rare = context(pki, newest="TLSv1_2", ciphers="AES256-CCM8:@SECLEVEL=0")
    with tls_server(rare) as (port, counters):
        asking = interview(port)
        hellos = version_hellos(Version.TLSv1_2)
        for hello in hellos[:2]:
            await asking.ask(hello)
        hello, flight = await _heard.acceptance(asking, Version.TLSv1_2)
        assert hello == hellos[1]
        assert flight.accepted is not None
        assert counters.accepted == 2


async def test_groups_and_schemes(pki: Pki) -> None:
    with tls_server(context(pki)) as (port, _):
        asking = interview(port)
        assert _heard.groups(asking, Version.TLSv1_2) == ()
        assert _heard.unheard_groups(asking, Version.TLSv1_2) == CLASSICAL_GROUPS
        assert _heard.unheard_schemes(asking, Version.TLSv1_2) == SIGNATURE_SCHEMES
        await asking.ask(OLD)
        await asking.ask(replace(OLD, groups=(24,), schemes=(0x0401,)))
        await asking.ask(NEW)
        assert _heard.groups(asking, Version.TLSv1_2) == (29, 24)
        assert _heard.schemes(asking, Version.TLSv1_2) == (0x0804, 0x0401)
        assert not {29, 24}.intersection(_heard.unheard_groups(asking, Version.TLSv1_2))
        assert not {0x0804, 0x0401}.intersection(_heard.unheard_schemes(asking, Version.TLSv1_2))
        assert set(TLS13_GROUPS) - set(_heard.unheard_groups(asking, Version.TLSv1_3)) == {29}


@pytest.mark.parametrize("names", [("h2",), ("h2", "imap")])
async def test_application_protocols(pki: Pki, names: tuple[str, ...]) -> None:
    server = context(pki)
    server.set_alpn_protocols(list(names))
    with serving(speaks_tls(server)) as (port, _):
        asking = interview(port)
        assert _heard.unheard_alpn(asking) == _heard.ALPN_NAMES
        for _round in names:
            left = _heard.unheard_alpn(asking)
            await asking.ask(replace(OLD, alpn=left))
        assert _heard.alpn(asking) == names
        assert set(_heard.unheard_alpn(asking)) == set(_heard.ALPN_NAMES) - set(names)
        await asking.ask(replace(OLD, alpn=_heard.unheard_alpn(asking)))
        assert _heard.unheard_alpn(asking) == ()  # declined


def test_every_name_fits() -> None:
    assert len(set(_heard.ALPN_NAMES)) == len(_heard.ALPN_NAMES)
    assert all(0 < len(name) < 256 and name.isascii() for name in _heard.ALPN_NAMES)
