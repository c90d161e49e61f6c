"""Registries and the ports that their stubs name: in the clear and over TLS, refused, forged and without end."""

import ssl
from contextlib import ExitStack

import pytest

from scanner.model import FailureKind
from scanner.observations.java_rmi import JavaRmi, RemoteObject
from scanner.probes import java_rmi
from scanner.wire import jrmp
from tests.hostile import Peer, Talk, hangs_up, serving
from tests.probes.asked import ask
from tests.probes.tls_servers import context, interview, tls_server
from tests.servers.certificates import Pki
from tests.wire.recorded_jrmp import ACK, LISTED, NOT_BOUND, OBJECT, STUB, listing, with_port, without_names

CALL = b"\x50\xac\xed\0\5\x77\x22"
NEW_CLIENT = jrmp.NEW_CLIENT.to_bytes(8, signed=True)
NAME = b"java.rmi.NotBoundException"


def raising(name: str, message: str = "nope") -> bytes:
    """An answer that raises."""
    told = NOT_BOUND.replace(len(NAME).to_bytes(2) + NAME, len(name).to_bytes(2) + name.encode())
    return told.replace(b"\x74\0\4nope", b"\x74" + len(message).to_bytes(2) + message.encode())


DENIED = raising("java.lang.SecurityException", "Authentication failed! Invalid username or password")


def speaks_jrmp(*answers: bytes, every: bytes = b"") -> Talk:
    """Takes the handshake, and answers each call with the next of these; then, if so, `every` one alike."""

    def talk(peer: Peer) -> None:
        heard, answered = b"", 0
        while data := peer.receive():
            if not heard:
                peer.send(ACK)
            heard += data
            while heard.count(CALL) > answered:
                answer = answers[answered] if answered < len(answers) else every
                answered += 1
                if not answer:
                    return
                peer.send(answer)

    return talk


async def asked_jmx(stub: bytes, *, scheme: str = "jmx") -> JavaRmi:
    with serving(speaks_jrmp(listing("jmxrmi"), stub)) as (port, _):
        return (await ask(port, JavaRmi, scheme=scheme))[JavaRmi]


async def test_a_connector_over_tls_behind_a_registry_in_plaintext(pki: Pki) -> None:
    with ExitStack() as servers:
        elsewhere, called = servers.enter_context(tls_server(context(pki)))
        port, counters = servers.enter_context(serving(speaks_jrmp(listing("jmxrmi"), with_port(STUB, elsewhere))))
        asked = await ask(port, JavaRmi, scheme="jmx")
        assert await called.reach(lambda seen: seen.ended == seen.accepted)
    seen = asked[JavaRmi]
    (found,) = seen.objects
    assert (seen.registry, seen.lists_names, seen.names) == ("plaintext", True, ("jmxrmi",))
    assert (found.name, found.host, found.port) == ("jmxrmi", "provisioning.example.com", elsewhere)
    assert found.transport == "tls"
    assert found.login == "unknown"  # it is no JMX that speaks there
    assert asked.connections == counters.accepted + called.accepted
    assert b"provisioning.example.com" not in called.everything


@pytest.mark.parametrize(
    ("answer", "login"),
    [(DENIED, "required"), (STUB, "none"), (raising("java.lang.Error"), "unknown"), (b"\xff", "unknown")],
)
async def test_a_connector_in_plaintext(answer: bytes, login: str) -> None:
    with serving(speaks_jrmp(every=answer)) as (elsewhere, called):
        (found,) = (await asked_jmx(with_port(STUB, elsewhere))).objects
        assert await called.reach(lambda seen: seen.ended == seen.accepted)
    assert (found.transport, found.login) == ("plaintext", login)
    assert found.login_how
    assert NEW_CLIENT + b"\x75\x72\0\x13[Ljava.lang.String;" in called.everything
    assert called.everything.count(b"tlsassay-unused-name") == called.everything.count(NEW_CLIENT)
    if login == "none":
        assert called.everything.endswith(b"\x54" + STUB[8:22])  # the server may forget the stub


async def test_passive_does_not_log_in() -> None:
    with ExitStack() as servers:
        elsewhere, called = servers.enter_context(serving(speaks_jrmp(every=DENIED)))
        port, _ = servers.enter_context(serving(speaks_jrmp(listing("jmxrmi"), with_port(STUB, elsewhere))))
        asking = interview(port, scheme="jmx", passive=True)
        seen = await java_rmi.probe(asking, None, None)
        await asking.close()
        assert await called.reach(lambda seen: seen.ended == seen.accepted)
    assert [(one.transport, one.login) for one in seen.objects] == [("plaintext", "not-asked")]
    assert "--passive" in seen.objects[0].login_how
    assert CALL not in called.everything


async def test_nobody_at_the_port_of_a_stub() -> None:
    with serving(hangs_up) as (gone, _):
        pass
    (found,) = (await asked_jmx(with_port(STUB, gone))).objects
    assert (found.transport, found.how, found.login) == ("unknown", "connection refused", "unknown")


async def test_the_port_of_a_stub_hangs_up() -> None:
    with serving(hangs_up) as (elsewhere, _):
        (found,) = (await asked_jmx(with_port(STUB, elsewhere))).objects
    assert (found.transport, found.login) == ("unknown", "unknown")
    assert "closed" in found.how


async def test_an_object_on_the_port_of_the_registry() -> None:
    with serving(hangs_up) as (port, _):
        pass
    with serving(speaks_jrmp(LISTED, *[with_port(OBJECT, port)] * 2), port=port) as (_, counters):
        asked = await ask(port, JavaRmi, scheme="rmi")
    assert [(one.name, one.port, one.transport, one.login) for one in asked[JavaRmi].objects] == [
        ("OXUser_V2", port, "plaintext", "not-asked"),
        ("OXContext_V2", port, "plaintext", "not-asked"),
    ]
    assert counters.accepted == asked.connections


async def test_names_that_stand_for_nothing() -> None:
    with serving(speaks_jrmp(LISTED, NOT_BOUND, LISTED)) as (port, _):
        seen = (await ask(port, JavaRmi, scheme="rmi"))[JavaRmi]
    assert seen.objects == (
        RemoteObject(name="OXUser_V2", how="java.rmi.NotBoundException: nope"),
        RemoteObject(name="OXContext_V2", how="a stub without a reference"),
    )


async def test_nothing_bound() -> None:
    with serving(speaks_jrmp(without_names())) as (port, _):
        seen = (await ask(port, JavaRmi, scheme="rmi"))[JavaRmi]
    assert (seen.lists_names, seen.names, seen.objects, seen.reasons) == (True, (), (), {})


async def test_a_registry_that_refuses_to_list_is_asked_for_the_usual_name() -> None:
    refused = raising("java.rmi.AccessException", "\x1b[2Jno")
    with serving(speaks_jrmp(refused, STUB)) as (port, counters):
        seen = (await ask(port, JavaRmi, scheme="jmx"))[JavaRmi]
    assert (seen.lists_names, seen.names) == (False, ())
    assert seen.reasons == {"lists_names": "java.rmi.AccessException: \\x1b[2Jno"}
    assert [one.name for one in seen.objects] == ["jmxrmi"]
    assert b"\x74\0\6jmxrmi" in counters.everything


async def test_more_names_than_are_looked_up() -> None:
    many = 100
    listed = listing(*(f"n{number:03}" for number in range(many)))
    with serving(speaks_jrmp(listed, *(with_port(OBJECT, 1 + at) for at in range(many)))) as (port, _):
        seen = (await ask(port, JavaRmi, scheme="rmi"))[JavaRmi]
    assert len(seen.names) == java_rmi.MOST_NAMES
    assert len(seen.objects) == 16
    assert sum("refused" in one.how for one in seen.objects) == java_rmi.MOST_PORTS
    assert all("not asked" in one.how for one in seen.objects[java_rmi.MOST_PORTS :])
    assert set(seen.reasons) == {"names", "objects"}


async def test_a_registry_that_wants_a_certificate(pki: Pki) -> None:
    made = context(pki)
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_verify_locations(pki.root)
    with tls_server(made) as (port, _):
        seen = (await ask(port, JavaRmi, scheme="jmxs"))[JavaRmi]
    assert (seen.registry, seen.lists_names, seen.objects) == ("tls", False, ())
    assert "certificate" in seen.reasons["lists_names"]


async def test_tls_that_is_no_registry(pki: Pki) -> None:
    with tls_server(context(pki)) as (port, _):
        assert (await ask(port, JavaRmi, scheme="rmis")).failure(JavaRmi).kind is FailureKind.CLOSED_EARLY


async def test_plaintext_where_tls_was_declared() -> None:
    with serving(speaks_jrmp(without_names())) as (port, _):
        seen = (await ask(port, JavaRmi, scheme="rmis"))[JavaRmi]
    assert seen.registry == "plaintext"


@pytest.mark.parametrize("answer", [b"", b"\xff", STUB, LISTED[:-1] + b"\xff\xff\xff" + LISTED])
async def test_no_list(answer: bytes) -> None:
    with serving(speaks_jrmp(answer)) as (port, _):
        failure = (await ask(port, JavaRmi, scheme="rmi")).failure(JavaRmi)
    assert failure.kind in {FailureKind.CLOSED_EARLY, FailureKind.MALFORMED, FailureKind.RESET}
    assert failure.detail.isprintable()
