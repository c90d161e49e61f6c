"""What the features of an XMPP stream say about logins before TLS, between client and server and between servers."""

import pytest

from scanner.model import FailureKind
from scanner.probes.cleartext import recognise
from scanner.wire.xmpp import START_TLS, TLS
from tests.hostile import Peer, Talk, serving
from tests.protocols.talk import converse, converse_failure, upgrade
from tests.protocols.test_failures import attempts_of

OPENING = (
    "<?xml version='1.0'?><stream:stream from='mail.example.test' id='1' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>"
)
STARTTLS = f"<starttls xmlns='{TLS[1:-1]}'/>"
REQUIRED = f"<starttls xmlns='{TLS[1:-1]}'><required/></starttls>"
PLAIN = (
    "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism>"
    "<mechanism>PLAIN</mechanism></mechanisms>"
)
SASL2 = "<authentication xmlns='urn:xmpp:sasl:2'><mechanism>PLAIN</mechanism></authentication>"
LEGACY = "<auth xmlns='http://jabber.org/features/iq-auth'/>"
REGISTER = "<register xmlns='http://jabber.org/features/iq-register'/>"
DIALBACK = "<dialback xmlns='urn:xmpp:features:dialback'/>"
PROCEED = f"<proceed xmlns='{TLS[1:-1]}'/>"
SCHEMES = ("xmpp", "xmpp-server")


def server(features: str, answer: str = PROCEED, opening: str = OPENING) -> Talk:
    """Opens its stream when the client has, with these features; answers STARTTLS so."""

    def talk(peer: Peer) -> None:
        heard = b""
        for end, said in ((b"streams'>", f"{opening}{features}"), (START_TLS, answer)):
            while not heard.endswith(end):
                if not (more := peer.receive()):
                    return
                heard += more
            peer.send(said.encode())
        peer.drain()

    return talk


def features(*listed: str) -> str:
    return f"<stream:features>{''.join(listed)}</stream:features>"


@pytest.mark.parametrize(
    ("listed", "credentials", "offered"),
    [
        ((REQUIRED,), "refused", True),
        ((STARTTLS,), "refused", True),
        ((STARTTLS, PLAIN), "accepted", True),
        ((REQUIRED, PLAIN), "accepted", True),
        ((PLAIN,), "accepted", False),
        ((SASL2,), "accepted", False),
        ((STARTTLS, LEGACY), "accepted", True),
        ((STARTTLS, REGISTER), "accepted", True),
        ((REQUIRED, REGISTER), "refused", True),
        ((STARTTLS, DIALBACK), "accepted", True),
        ((DIALBACK, REQUIRED), "refused", True),
        ((), "none", False),
    ],
)
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_credentials(scheme: str, listed: tuple[str, ...], credentials: str, offered: bool) -> None:
    with serving(server(features(*listed))) as (port, _):
        said = await converse(scheme, port)
    assert (said.speaks, said.credentials, said.tls_offered) == (scheme, credentials, offered)
    assert said.how
    assert said.banner == OPENING


async def test_what_is_offered_is_listed() -> None:
    with serving(server(features(STARTTLS, PLAIN.replace("SCRAM-SHA-1", "\x9b2J")))) as (port, _):
        said = await converse("xmpp", port)
    assert said.capabilities == ("starttls", "mechanisms", r"SASL=\x9b2J", "SASL=PLAIN")
    assert said.how == r"SASL \x9b2J, PLAIN offered before TLS"


async def test_a_long_list_is_cut() -> None:
    many = "".join(f"<mechanism>{'x' * 60}{number}</mechanism>" for number in range(400))
    with serving(server(features(STARTTLS, PLAIN.replace("</mechanisms>", f"{many}</mechanisms>")))) as (port, _):
        said = await converse("xmpp", port)
    assert said.credentials == "accepted"
    assert len(said.how) < 300
    assert len(said.capabilities) == 102


@pytest.mark.parametrize(("scheme", "namespace"), [("xmpp", b"jabber:client"), ("xmpp-server", b"jabber:server")])
@pytest.mark.parametrize("passive", [False, True])
async def test_sends_no_credential(scheme: str, namespace: bytes, passive: bool) -> None:
    with serving(server(features(PLAIN))) as (port, counters):
        await converse(scheme, port, passive=passive)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert counters.everything == (
        b"<?xml version='1.0'?><stream:stream to=\"mail.example.test\" version='1.0' xml:lang='en' xmlns='" + namespace
        + b"' xmlns:stream='http://etherx.jabber.org/streams'></stream:stream>"
    )  # fmt: skip


async def test_a_stream_before_xmpp_1_has_no_features() -> None:
    with serving(server("", opening=OPENING.replace("version='1.0' xmlns=", "xmlns="))) as (port, _):
        said = await converse("xmpp", port)
        failure = await upgrade("xmpp", port)
    assert (said.credentials, said.tls_offered) == ("unknown", False)
    assert "no version" in said.how
    assert failure is not None
    assert failure.kind is FailureKind.UPGRADE_REFUSED


@pytest.mark.parametrize(
    ("listed", "credentials"), [((STARTTLS,), "accepted"), ((), "accepted"), ((REQUIRED,), "refused")]
)
async def test_dialback_that_is_declared_by_its_namespace_alone(listed: tuple[str, ...], credentials: str) -> None:
    """XEP-0220: the feature is optional."""
    opening = OPENING.replace("xmlns='jabber:client'", "xmlns='jabber:server' xmlns:db='jabber:server:dialback'")
    with serving(server(features(*listed), opening=opening)) as (port, _):
        assert (await converse("xmpp-server", port)).credentials == credentials


async def test_an_error_behind_an_opening_tag_without_a_version_is_read() -> None:
    error = "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
    with serving(server(error, opening=OPENING.replace("version='1.0' xmlns=", "xmlns="))) as (port, _):
        failure = await converse_failure("xmpp", port)
    assert "host-unknown" in failure.detail
    assert "server_name" in failure.detail


@pytest.mark.parametrize("condition", ["resource-constraint", "system-shutdown", "internal-server-error", "reset"])
async def test_an_error_of_the_moment_is_asked_again(condition: str) -> None:
    error = f"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
    with serving(server(error)) as (port, _):
        for failure in (await converse_failure("xmpp", port), await upgrade("xmpp", port)):
            assert failure is not None
            assert failure.kind is FailureKind.CLOSED_EARLY


@pytest.mark.parametrize(("condition", "hint"), [("host-unknown", True), ("policy-violation", False)])
async def test_a_stream_error_is_no_answer(condition: str, hint: bool) -> None:
    error = f"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
    error += "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>no</text></stream:error></stream:stream>"
    with serving(server(error)) as (port, _):
        failure = await converse_failure("xmpp", port)
    assert failure.kind is FailureKind.UPGRADE_REFUSED
    assert f"'{condition}'" in failure.detail
    assert ("server_name" in failure.detail) is hint


@pytest.mark.parametrize("said", ["<message/>", "<!DOCTYPE a>", "</stream:stream>"])
async def test_what_is_not_features_is_malformed(said: str) -> None:
    with serving(server(said)) as (port, _):
        assert (await converse_failure("xmpp", port)).kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("listed", "answer", "kind"),
    [
        (STARTTLS, PROCEED, None),
        (REQUIRED, PROCEED.replace("/>", "></proceed>"), None),
        (PLAIN, PROCEED, FailureKind.UPGRADE_REFUSED),
        (STARTTLS, PROCEED.replace("proceed", "failure"), FailureKind.UPGRADE_REFUSED),
        (STARTTLS, "<proceed/>", FailureKind.UPGRADE_REFUSED),  # of another namespace
        (STARTTLS, "\x16", FailureKind.MALFORMED),
    ],
)
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_starttls(scheme: str, listed: str, answer: str, kind: FailureKind | None) -> None:
    with serving(server(features(listed), answer)) as (port, _):
        failure = await upgrade(scheme, port)
    assert (failure.kind if failure else None) is kind


@pytest.mark.parametrize(
    ("scheme", "opening"), [("xmpp", OPENING), ("xmpp-server", OPENING.replace("client", "server"))]
)
def test_a_stream_is_recognised(scheme: str, opening: str) -> None:
    assert recognise(opening.encode()) == scheme
    assert recognise(opening.encode().partition(b"?>")[2]) == scheme
    assert recognise(opening.replace("jabber:", "other:").encode()) is None


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_every_stream_is_opened_to_the_name_that_was_declared(scheme: str) -> None:
    with serving(server(features(STARTTLS), "<failure/>")) as (port, counters):
        await attempts_of({scheme: f"{scheme}://127.0.0.1:{port}"})
        assert await counters.reach(lambda seen: seen.accepted == seen.ended)
    assert any(START_TLS in one for one in counters.received)
    assert all(b'to="127.0.0.1"' in one for one in counters.received)
