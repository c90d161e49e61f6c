"""The conversation with a registry on one connection; what comes of several is in test_java_rmi.py."""

import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import pytest

from scanner.model import AskFailedError, FailureKind
from scanner.net.dial import Connection
from scanner.probes import _rmi
from scanner.probes._rmi import Registry
from scanner.wire.jrmp import Stub
from tests.hostile import drips, hangs_up, says, serving
from tests.probes.test_java_rmi import DENIED, raising, speaks_jrmp
from tests.probes.tls_servers import context, tls_server
from tests.protocols.talk import connect
from tests.servers.certificates import Pki
from tests.wire.recorded_jrmp import ACK, NOT_BOUND, STUB, listing, without_names

T = TypeVar("T")


async def on(port: int, work: Callable[[Connection], Awaitable[T]]) -> T:
    line = await connect(port)
    try:
        return await work(line)
    finally:
        line.close()


async def registry(*answers: bytes, usual: tuple[str, ...] = ()) -> Registry:
    with serving(speaks_jrmp(*answers)) as (port, _):
        return await on(port, partial(_rmi.ask_registry, usual=usual))


async def test_names_are_looked_up() -> None:
    seen = await registry(listing("a", "b"), STUB, NOT_BOUND)
    assert (seen.names, seen.refusal) == (("a", "b"), "")
    (first, found), (second, why) = seen.found
    assert (first, second) == ("a", "b")
    assert isinstance(found, Stub)
    assert isinstance(why, str)
    assert "NotBoundException" in why


async def test_an_empty_registry_is_asked_for_the_usual_names() -> None:
    seen = await registry(without_names(), STUB, usual=("jmxrmi",))
    assert (seen.names, [name for name, _ in seen.found]) == ((), ["jmxrmi"])
    assert (await registry(without_names())).found == ()


async def test_a_refusal_to_list_is_said_and_shown_harmless() -> None:
    seen = await registry(raising("java.rmi.AccessException", "no\x1b[2J"), NOT_BOUND, usual=("jmxrmi",))
    assert seen.refusal == r"java.rmi.AccessException: no\x1b[2J"
    assert seen.names == ()


@pytest.mark.parametrize(
    "name",
    [
        "java.rmi.UnmarshalException",
        "java.lang.OutOfMemoryError",
        "java.rmi.ServerException",
        "java.rmi.NoSuchObjectException",
    ],
)
async def test_an_exception_that_is_not_about_who_asks_is_no_refusal(name: str) -> None:
    with serving(speaks_jrmp(raising(name))) as (port, _), pytest.raises(AskFailedError) as caught:
        await on(port, partial(_rmi.ask_registry, usual=("jmxrmi",)))
    assert caught.value.failure.kind is FailureKind.MALFORMED
    assert name in caught.value.failure.detail


async def test_no_more_names_are_looked_up_than_a_guest_may() -> None:
    names = [f"n{n}" for n in range(_rmi.MOST_LOOKED_UP + 5)]
    with serving(speaks_jrmp(listing(*names), every=NOT_BOUND)) as (port, _):
        seen = await on(port, partial(_rmi.ask_registry, usual=()))
    assert (len(seen.names), len(seen.found)) == (len(names), _rmi.MOST_LOOKED_UP)


@pytest.mark.parametrize(
    ("answer", "login"), [(STUB, "none"), (DENIED, "required"), (raising("java.lang.Error"), "unknown")]
)
async def test_a_login_as_nobody(answer: bytes, login: str) -> None:
    with serving(speaks_jrmp(answer)) as (port, counters):
        found, how = await on(port, partial(_rmi.log_in, object_id=bytes(22)))
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (found, bool(how)) == (login, True)
    assert b"tlsassay-unused-name" in counters.everything


@pytest.mark.parametrize(
    ("talk", "kind"),
    [
        (hangs_up, FailureKind.CLOSED_EARLY),
        (says(b"\x4f"), FailureKind.MALFORMED),
        (says(ACK + b"\xff"), FailureKind.MALFORMED),
        (drips(ACK + b"\x51\xac\xed\0\5\x7a\0\0\xff\0", every=0.001), FailureKind.MALFORMED),
    ],
)
async def test_no_answer_is_a_failure(talk: Callable[..., None], kind: FailureKind) -> None:
    with serving(talk) as (port, _), pytest.raises(AskFailedError) as caught:
        await on(port, partial(_rmi.ask_registry, usual=()))
    assert caught.value.failure.kind is kind


@pytest.mark.parametrize(("version", "known"), [("TLSv1_2", False), ("TLSv1_3", True)])
async def test_who_wants_a_certificate_is_known_by_its_alert(pki: Pki, version: str, known: bool) -> None:
    """In TLS 1.3 the handshake looks finished, and the alert comes with the first words; in TLS 1.2 it is
    handshake_failure (RFC 5246 §7.4.6), which may mean anything."""
    made = context(pki, newest=version)
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_verify_locations(pki.root)
    work = _rmi.inside(partial(_rmi.ask_registry, usual=()), None, tls=True)
    with tls_server(made) as (port, _), pytest.raises(AskFailedError) as caught:
        await on(port, work)
    assert caught.value.failure.kind is FailureKind.UPGRADE_REFUSED
    assert _rmi.wants_certificate(caught.value) is known


async def test_words_about_a_certificate_are_no_alert() -> None:
    with serving(says(b"\x4ealert certificate required")) as (port, _), pytest.raises(AskFailedError) as caught:
        await on(port, _rmi.inside(partial(_rmi.ask_registry, usual=()), None, tls=True))
    assert not _rmi.wants_certificate(caught.value)
