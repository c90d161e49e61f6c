"""JRMP as a JDK 17 speaks it, in any split, and of any bytes."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire import jrmp
from scanner.wire.errors import MalformedError
from scanner.wire.java_values import Instance, JavaClass
from scanner.wire.jrmp import Ack, Stub
from tests.wire.recorded_jrmp import ACK, LISTED, NOT_BOUND, OBJECT, OBJECT_PORT, STUB, STUB_PORT, with_port


def returned(data: bytes) -> jrmp.Return:
    decoded = jrmp.decode_return(data)
    assert decoded is not None
    assert decoded[1] == len(data)
    return decoded[0]


def test_handshake() -> None:
    assert jrmp.decode_ack(ACK) == (Ack("127.0.0.1", 59744), len(ACK))
    assert jrmp.identify(Ack("127.0.0.1", 59744)) == b"\0\x09127.0.0.1\0\0\0\0"
    assert len(jrmp.identify(Ack("x" * 60000, 1))) == 2 + jrmp.MAX_NAME + 4


@pytest.mark.parametrize(
    ("data", "words"), [(b"\x4f", "refuses"), (b"HTTP/1.1", "no answer"), (b"\x15\3\1", "no answer")]
)
def test_no_handshake(data: bytes, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        jrmp.decode_ack(data)


def test_names() -> None:
    assert jrmp.names_of(returned(LISTED).value) == ("OXUser_V2", "OXContext_V2")
    for other in (None, "text", returned(STUB).value):
        with pytest.raises(MalformedError):
            jrmp.names_of(other)


def test_the_stub_of_a_class_of_its_own() -> None:
    stub = jrmp.stub_of(returned(STUB).value)
    assert stub.types == ("javax.management.remote.rmi.RMIServerImpl_Stub",)
    assert (stub.host, stub.port, stub.socket_factory) == ("provisioning.example.com", STUB_PORT, "")
    assert len(stub.object_id) == len(jrmp.REGISTRY)


def test_the_stub_of_a_proxy() -> None:
    stub = jrmp.stub_of(returned(OBJECT).value)
    assert stub.types == ("RmiServer$Provisioning",)
    assert (stub.host, stub.port) == ("provisioning.example.com", OBJECT_PORT)


@pytest.mark.parametrize("port", [1, 65535])
def test_ports(port: int) -> None:
    assert jrmp.stub_of(returned(with_port(STUB, port)).value).port == port


@pytest.mark.parametrize("port", [0, 65536, 0xFFFFFFFF])
def test_ports_that_cannot_be(port: int) -> None:
    with pytest.raises(MalformedError, match="port"):
        jrmp.stub_of(returned(with_port(STUB, port)).value)


def holder(*written: Any) -> Instance:
    return Instance(JavaClass("X"), written={"java.rmi.server.RemoteObject": written})


ID = bytes(range(22))


@pytest.mark.parametrize(
    ("written", "factory"),
    [
        ((b"\0\x0aUnicastRef\0\1h\0\0\1\0" + ID + b"\0",), ""),
        ((b"\0\x0bUnicastRef2\0\0\1h\0\0\1\0" + ID + b"\0",), ""),
        ((b"\0\x0bUnicastRef2\1\0\1h\0\0\1\0", Instance(JavaClass("Factory")), ID + b"\0"), "Factory"),
    ],
)
def test_references(written: tuple[Any, ...], factory: str) -> None:
    assert jrmp.stub_of(holder(*written)) == Stub(("X",), "h", 256, ID, factory)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        Instance(JavaClass("X")),
        Instance(JavaClass("", interfaces=("A",))),
        holder(),
        holder("text"),
        holder(b""),
        holder(b"\0\x0eActivatableRef"),
        holder(b"\0\x0bUnicastRef2\0\0\1h\0\0\1\0"),
    ],
)
def test_no_stub(value: Any) -> None:
    with pytest.raises(MalformedError):
        jrmp.stub_of(value)


def test_exceptions() -> None:
    answer = returned(NOT_BOUND)
    assert answer.raised
    assert jrmp.told_by(answer.value) == "java.rmi.NotBoundException: nope"
    assert jrmp.told_by(None) == "an exception of no class"
    assert jrmp.told_by(Instance(JavaClass("X"))) == "X"


def test_calls() -> None:
    """As a JDK 17 sends them."""
    assert jrmp.list_names().hex() == (
        "50aced00057722" + "00" * 22 + "00000001" + "44154dc9d4e63bdf"
    )  # what `rmiregistry` was asked by `Naming.list`
    assert jrmp.look_up("jmxrmi").endswith(b"\x74\0\6jmxrmi")
    name = b"newClient(Ljava/lang/Object;)Ljavax/management/remote/rmi/RMIConnection;"
    digest = hashlib.sha1(len(name).to_bytes(2) + name, usedforsecurity=False).digest()
    assert int.from_bytes(digest[:8], "little", signed=True) == jrmp.NEW_CLIENT
    assert jrmp.acknowledge(returned(STUB)) == b"\x54" + STUB[8:22]
    assert jrmp.new_client(ID, "name", "").startswith(b"\x50\xac\xed\0\5\x77\x22" + ID + b"\xff\xff\xff\xff")


@pytest.mark.parametrize("data", [ACK, LISTED, STUB, OBJECT, NOT_BOUND])
def test_any_split(data: bytes) -> None:
    decode: Any = jrmp.decode_ack if data == ACK else jrmp.decode_return
    for at in range(len(data)):
        assert decode(data[:at]) is None, at
    whole, more = decode(data), decode(data + b"\x51")
    assert whole[1] == more[1] == len(data)


@pytest.mark.parametrize("pieces", [jrmp.MAX_LOOKS, jrmp.MAX_LOOKS + 1])
def test_an_answer_in_pieces_is_looked_at_so_often_and_no_more(pieces: int) -> None:
    """A drip of single bytes would cost a parse of everything for each of them."""
    decode = jrmp.return_decoder()
    for _ in range(pieces - 1):
        assert decode(STUB[:-1]) is None
    if pieces <= jrmp.MAX_LOOKS:
        whole = decode(STUB)
        assert whole is not None
        assert whole[1] == len(STUB)
    else:
        with pytest.raises(MalformedError, match="pieces"):
            decode(STUB)


@pytest.mark.parametrize(
    "data", [b"\x53", b"\x51\xac\xed\0\4", b"\x51\xac\xed\0\5\x70", b"\x51\xac\xed\0\5\x77\x0f\3" + bytes(14)]
)
def test_no_answer(data: bytes) -> None:
    with pytest.raises(MalformedError):
        jrmp.decode_return(data)


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    for decode in (jrmp.decode_ack, jrmp.decode_return):
        for start in (b"", STUB[:7], STUB[:100]):
            try:
                decoded = decode(start + data)
                if isinstance(decoded, tuple) and isinstance(decoded[0], jrmp.Return):
                    jrmp.stub_of(decoded[0].value)
            except MalformedError:
                continue
