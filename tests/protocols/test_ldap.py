"""What LDAP answers to a root DSE search, a bind as nobody and StartTLS."""

from collections.abc import Mapping

import pytest

from scanner.model import FailureKind
from scanner.protocols import protocol
from scanner.wire import ber, ldap
from scanner.wire.ldap import LdapMessage
from tests.hostile import Peer, Talk, serving
from tests.protocols.talk import converse, converse_failure, upgrade

ROOT_DSE = {"namingContexts": (b"dc=example,dc=test",), "vendorName": (b"Example",), "vendorVersion": (b"1.0",)}
ANSWERS = {"search request": 5, "bind request": 1, "extended request": 24}
"""Request → application tag of the response that ends it (RFC 4511 §4.2.2, §4.5.2, §4.12)."""


def result(message_id: int, operation: int, code: int, diagnostic: str = "") -> bytes:
    return ldap.message(message_id, operation, ber.number(code, ber.ENUMERATED), ber.octets(""), ber.octets(diagnostic))


def entry(message_id: int, attributes: Mapping[str, tuple[bytes, ...]]) -> bytes:
    listed = [
        ber.constructed(
            ber.UNIVERSAL,
            ber.SEQUENCE,
            ber.octets(name),
            ber.constructed(ber.UNIVERSAL, ber.SET, *map(ber.octets, values)),
        )
        for name, values in attributes.items()
    ]
    return ldap.message(message_id, 4, ber.octets(""), ber.constructed(ber.UNIVERSAL, ber.SEQUENCE, *listed))


def requests(peer: Peer) -> list[LdapMessage]:
    """The next messages of the client; none at the end."""
    buffer = b""
    while (decoded := ldap.decode(buffer)) is None:
        if not (more := peer.receive()):
            return []
        buffer += more
    return [decoded[0]]


def server(bind: int = 49, start_tls: int = 0, attributes: Mapping[str, tuple[bytes, ...]] = ROOT_DSE) -> Talk:
    """Answers with these result codes, and its root DSE."""
    codes = {"search request": 0, "bind request": bind, "extended request": start_tls}

    def talk(peer: Peer) -> None:
        while seen := requests(peer):
            for one in seen:
                if one.kind == "search request":
                    peer.send(entry(one.message_id, attributes))
                peer.send(result(one.message_id, ANSWERS[one.kind], codes[one.kind], "as told"))

    return talk


@pytest.mark.parametrize(
    ("code", "credentials"),
    [
        (13, "refused"),  # confidentialityRequired
        (8, "refused"),  # strongerAuthRequired
        (49, "accepted"),  # invalidCredentials
        (32, "accepted"),  # noSuchObject
        (48, "accepted"),  # inappropriateAuthentication
        (0, "accepted"),
        (53, "unknown"),  # unwillingToPerform: says nothing of why
        (51, "unknown"),  # busy
        (4242, "unknown"),
    ],
)
async def test_credentials(code: int, credentials: str) -> None:
    with serving(server(bind=code)) as (port, _):
        said = await converse("ldap", port)
    assert (said.speaks, said.credentials, said.tls_offered) == ("ldap", credentials, True)
    assert f"({code})" in said.how
    assert said.banner == "Example 1.0"


async def test_a_bind_outside_every_context_decides_nothing() -> None:
    with serving(server(bind=49, attributes={})) as (port, _):
        said = await converse("ldap", port)
    assert said.credentials == "unknown"
    assert "no naming context" in said.how


async def test_binds_as_nobody_with_nobodys_password() -> None:
    with serving(server()) as (port, counters):
        await converse("ldap", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert ldap.bind_request(2, "cn=tlsassay-unused-name,dc=example,dc=test", "tlsassay-unused-password") in (
        counters.everything
    )


async def test_passive_does_not_bind() -> None:
    with serving(server()) as (port, counters):
        said = await converse("ldap", port, passive=True)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert said.credentials == "unknown"
    assert "--passive" in said.how
    assert said.tls_offered is True
    assert b"unused" not in counters.everything
    assert counters.everything == ldap.root_dse_request(1) + ldap.start_tls_request(3)


@pytest.mark.parametrize(
    ("code", "kind"), [(0, None), (2, FailureKind.UPGRADE_REFUSED), (52, FailureKind.UPGRADE_REFUSED)]
)
async def test_start_tls(code: int, kind: FailureKind | None) -> None:
    with serving(server(start_tls=code)) as (port, _):
        failure = await upgrade("ldap", port)
        said = await converse("ldap", port)
    assert (failure.kind if failure else None) is kind
    assert said.tls_offered is (kind is None)


async def test_notice_of_disconnection_is_no_answer() -> None:
    def talk(peer: Peer) -> None:
        requests(peer)
        peer.send(result(0, 24, 52, "shutting down"))  # RFC 4511 §4.4.1
        peer.drain()

    with serving(talk) as (port, _):
        for failure in (await converse_failure("ldap", port), await upgrade("ldap", port)):
            assert failure is not None
            assert failure.kind is FailureKind.CLOSED_EARLY
            assert "shutting down" in failure.detail


async def test_endless_entries_are_malformed() -> None:
    def talk(peer: Peer) -> None:
        requests(peer)
        peer.send(entry(1, ROOT_DSE) * 1000)
        peer.drain()

    with serving(talk) as (port, _):
        failure = await converse_failure("ldap", port)
    assert failure.kind is FailureKind.MALFORMED
    assert "messages" in failure.detail


async def test_what_a_server_says_is_made_safe() -> None:
    with serving(server(attributes=ROOT_DSE | {"vendorName": (b"\x1b[2J",)})) as (port, _):
        said = await converse("ldap", port)
    assert said.banner == r"\x1b[2J 1.0"


def test_reproduces_the_bind() -> None:
    assert "-D cn=tlsassay-unused-name" in protocol("ldap").reproduce


async def test_busy_is_no_word_on_whether_tls_is_offered() -> None:
    with serving(server(start_tls=51)) as (port, _):
        said = await converse("ldap", port)
    assert said.tls_offered is None
