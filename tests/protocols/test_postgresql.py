"""What PostgreSQL answers to a login in the clear as nobody."""

import ssl

import pytest

from scanner.model import FailureKind
from scanner.observations.tls_versions import TlsVersions
from scanner.probes.cleartext import probe
from scanner.wire.postgresql import SSL_REQUEST
from tests.hostile import HANDSHAKE_FAILURE, Peer, Talk, hangs_up, serving
from tests.probes.inside import TlsPeer
from tests.probes.tls_servers import context, interview
from tests.protocols.talk import converse, converse_failure, upgrade
from tests.servers.certificates import Pki
from tests.wire.test_postgresql import NO_ENTRY, SASL, message

REFUSED = message(b"E", NO_ENTRY)


def error(code: bytes, text: bytes) -> bytes:
    return message(b"E", b"SFATAL\0C" + code + b"\0M" + text + b"\0\0")


def server(login: bytes = REFUSED, starts: bytes = b"S") -> Talk:
    """Answers an SSLRequest and a login; TLS, with an alert."""

    def talk(peer: Peer) -> None:
        asked = peer.receive()
        if asked == SSL_REQUEST:
            peer.send(starts)
            if starts == b"S" and peer.receive():
                peer.send(HANDSHAKE_FAILURE)
        elif asked:
            peer.send(login)
        hangs_up(peer)

    return talk


@pytest.mark.parametrize(
    ("answer", "credentials", "how"),
    [
        (error(b"28000", b"SSL connection is required. Please specify SSL options and retry."), "refused", "required"),
        (error(b"08P01", b"SSL required"), "refused", "SSL required"),
        (error(b"28000", b'no pg_hba.conf entry for host "::1", user "x", database "y"'), "unknown", "does not tell"),
        (error(b"53300", b"sorry, too many clients already"), "unknown", "53300"),
        (error(b"28P01", b"password authentication failed"), "accepted", "28P01"),
        (SASL, "accepted", "sasl (10)"),
        (message(b"R", b"\0\0\0\x03"), "accepted", "cleartext password (3)"),
        (message(b"R", b"\0\0\0\x05salt"), "accepted", "md5 password (5)"),
        (message(b"R", b"\0\0\0\x63"), "accepted", "method (99)"),
        (message(b"R", b"\0\0\0\0"), "accepted", "needs no password"),
    ],
)
async def test_credentials(answer: bytes, credentials: str, how: str) -> None:
    with serving(server(answer)) as (port, counters):
        said = await converse("postgresql", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.credentials, said.tls_offered) == ("postgresql", credentials, None)
    assert how in said.how
    # a user and a database that nobody has, and nothing after
    assert counters.everything.count(b"tlsassay-unused-name") == 2
    assert len(counters.everything) == int.from_bytes(counters.everything[:4])


SSL_OFF = error(b"28000", b'no pg_hba.conf entry for host "::1", user "x", database "y", SSL off')
REJECTED = error(b"28000", b'pg_hba.conf rejects connection for host "::1", no encryption')
NOBODY_S = error(b"28000", b'no pg_hba.conf entry for host "::1", user "x", database "y", SSL encryption')


def behind_tls(made: ssl.SSLContext, inside: bytes, outside: bytes = REFUSED) -> Talk:
    """Answers a login in the clear with `outside`, and one inside TLS with `inside`."""

    def talk(peer: Peer) -> None:
        if peer.receive() != SSL_REQUEST:
            peer.send(outside)
            hangs_up(peer)
            return
        peer.send(b"S")
        tls = TlsPeer(peer, made)
        if tls.receive():
            tls.send(inside)

    return talk


@pytest.mark.parametrize("outside", [REFUSED, SSL_OFF, REJECTED], ids=["no entry", "ssl off", "rejects"])
@pytest.mark.parametrize(
    ("inside", "credentials", "how"),
    [
        (SASL, "refused", "is looked at inside TLS"),
        (error(b"28P01", b"password authentication failed"), "refused", "is looked at inside TLS"),
        (NOBODY_S, "unknown", "likewise inside TLS"),
        (error(b"53300", b"sorry, too many clients already"), "unknown", "likewise inside TLS"),
        (b"", "unknown", "does not tell; inside TLS: "),
    ],
)
async def test_a_login_is_refused_for_want_of_tls_only_if_tls_makes_a_difference(
    pki: Pki, outside: bytes, inside: bytes, credentials: str, how: str
) -> None:
    """pg_hba.conf has lines for some users alone: nobody is turned away, however the connection comes."""
    with serving(behind_tls(context(pki), inside, outside)) as (port, counters):
        said = await converse("postgresql", port)
        assert await counters.reach(lambda seen: seen.ended == 2)
    assert (said.speaks, said.credentials, said.tls_offered) == ("postgresql", credentials, None)
    assert how in said.how
    assert counters.received[0].count(b"tlsassay-unused-name") == 2
    assert counters.received[1].startswith(SSL_REQUEST)


async def test_without_tls_nothing_can_make_a_difference() -> None:
    with serving(server(starts=b"N")) as (port, _):
        said = await converse("postgresql", port)
    assert (said.credentials, "there is no TLS" in said.how) == ("unknown", True)


async def test_mechanisms_are_listed() -> None:
    hostile = message(b"R", b"\0\0\0\x0aSCRAM-SHA-256\0\x1b[2J" + b"\xff" * 500 + b"\0" + b"A\0" * 5000 + b"\0")
    with serving(server(hostile)) as (port, _):
        said = await converse("postgresql", port)
    assert said.capabilities[0] == "SCRAM-SHA-256"
    assert len(said.capabilities) == 100
    assert all(word.isprintable() and len(word) <= 64 for word in said.capabilities)


@pytest.mark.parametrize(("answer", "offered"), [(b"S", True), (b"N", False)])
async def test_passive_asks_for_tls_alone(answer: bytes, offered: bool) -> None:
    with serving(server(starts=answer)) as (port, counters):
        said = await converse("postgresql", port, passive=True)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.tls_offered, said.credentials) == (offered, "unknown")
    assert "--passive" in said.how
    assert counters.everything == SSL_REQUEST


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"S", None),
        (b"N", FailureKind.UPGRADE_REFUSED),
        (error(b"0A000", b"unsupported frontend protocol 1234.5679"), FailureKind.UPGRADE_REFUSED),
        (error(b"53300", b"too many clients"), FailureKind.CLOSED_EARLY),
        (b"\x15\x03\x01\0\x02\x02\x28", FailureKind.MALFORMED),
        (b"", FailureKind.CLOSED_EARLY),
    ],
)
async def test_upgrade(answer: bytes, kind: FailureKind | None) -> None:
    with serving(server(starts=answer)) as (port, counters):
        failure = await upgrade("postgresql", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (failure.kind if failure else None) is kind
    assert counters.everything == SSL_REQUEST


@pytest.mark.parametrize(
    ("answer", "offered"), [(b"S", True), (b"N", False), (b"", None), (error(b"53300", b"too many clients"), None)]
)
async def test_whether_tls_is_offered_is_asked_apart(answer: bytes, offered: bool | None) -> None:
    with serving(server(SASL, starts=answer)) as (port, _):
        asking = interview(port, scheme="postgresql")
        seen = await probe(asking, TlsVersions(versions={}) if offered else None)
        await asking.close()
    assert (seen.credentials, seen.tls_offered) == ("accepted", offered)


async def test_an_older_server_is_malformed() -> None:
    with serving(server(b"Ecould not fork new process\n\0")) as (port, _):
        assert (await converse_failure("postgresql", port)).kind is FailureKind.MALFORMED
