"""The client's side of JRMP, in the clear or inside TLS."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from scanner.model import AskFailedError, FailureKind
from scanner.net.dial import Connection
from scanner.net.tls import begin_tls
from scanner.observations.java_rmi import Login
from scanner.protocols.rmi import UNUSED_NAME
from scanner.wire import jrmp
from scanner.wire.errors import MalformedError
from scanner.wire.jrmp import Return, Stub
from scanner.wire.text import printable

T = TypeVar("T")
MOST_LOOKED_UP = 16
_SHOWN = 200
_DENIES = ("java.rmi.AccessException", "java.lang.SecurityException")
"""What refuses a call for who calls; any other exception says nothing of that."""


@dataclass(frozen=True)
class Registry:
    """What a registry says."""

    names: tuple[str, ...]
    """As sent: not safe to show as they are."""
    refusal: str
    """Why there are none; empty: it did list its names."""
    found: tuple[tuple[str, Stub | str], ...]
    """Names that were looked up, with their stub, or why there is none."""


def inside(
    work: Callable[[Connection], Awaitable[T]], server_name: str | None, *, tls: bool
) -> Callable[[Connection], Awaitable[T]]:
    """The same conversation on a fresh connection, inside TLS or not."""

    async def on(line: Connection) -> T:
        if tls:
            await begin_tls(line, server_name)
        return await work(line)

    return on


def wants_certificate(error: AskFailedError) -> bool:
    """Whether TLS ends with an alert about the certificate that the client does not have (RFC 8446 §6.2)."""
    return error.failure.kind is FailureKind.UPGRADE_REFUSED and "certificate" in error.failure.detail


async def greet(line: Connection) -> None:
    """The handshake: both sides say what they speak and where the client is. Raises AskFailedError."""
    line.send(jrmp.HELLO)
    line.send(jrmp.identify(await line.read(jrmp.decode_ack)))


async def _call(line: Connection, request: bytes) -> Return:
    line.send(request)
    return await line.read(jrmp.return_decoder())


async def ask_registry(line: Connection, usual: tuple[str, ...]) -> Registry:
    """List the names and look them up; where they are not listed, the `usual` ones. Raises AskFailedError."""
    await greet(line)
    listed = await _call(line, jrmp.list_names())
    names: tuple[str, ...] = ()
    refusal = printable(jrmp.told_by(listed.value), _SHOWN) if listed.raised else ""
    if refusal and not refusal.startswith(_DENIES):
        raise AskFailedError(FailureKind.MALFORMED, f"list() was answered with {refusal}")  # which does not tell
    if not listed.raised:
        try:
            names = jrmp.names_of(listed.value)
        except MalformedError as error:
            raise AskFailedError(FailureKind.MALFORMED, str(error)) from error
    found = [(name, await _look_up(line, name)) for name in (names or usual)[:MOST_LOOKED_UP]]
    return Registry(names, refusal, tuple(found))


async def _look_up(line: Connection, name: str) -> Stub | str:
    answer = await _call(line, jrmp.look_up(name))
    if answer.raised:
        return jrmp.told_by(answer.value)
    line.send(jrmp.acknowledge(answer))
    try:
        return jrmp.stub_of(answer.value)
    except MalformedError as error:
        return str(error)


async def log_in(line: Connection, object_id: bytes) -> tuple[Login, str]:
    """`RMIServer.newClient` with a name that nobody has and no password. Raises AskFailedError."""
    await greet(line)
    answer = await _call(line, jrmp.new_client(object_id, UNUSED_NAME, ""))
    if not answer.raised:
        line.send(jrmp.acknowledge(answer))
        return "none", "a login as nobody was taken"
    told = printable(jrmp.told_by(answer.value), _SHOWN)
    if told.startswith("java.lang.SecurityException"):
        return "required", f"a login as nobody was looked at: {told}"
    return "unknown", f"a login as nobody was answered with {told}"
