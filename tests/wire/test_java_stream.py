"""Java object streams: of a real JDK, at their limits, and of any bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire import java_stream
from scanner.wire.errors import MalformedError
from scanner.wire.java_stream import MAGIC, MoreNeededError, ObjectStream
from scanner.wire.java_values import Instance, JavaClass, Value

NULL, END = b"\x70", b"\x78"


def utf(text: str) -> bytes:
    return len(text).to_bytes(2) + text.encode()


def described(name: str, flags: int = 2, fields: bytes = b"\0\0", parent: bytes = NULL) -> bytes:
    """A class description without annotations."""
    return b"\x72" + utf(name) + bytes(8) + bytes([flags]) + fields + END + parent


def read(data: bytes) -> Value:
    stream = ObjectStream(data)
    value = stream.value()
    assert not stream.left
    return value


def test_texts_and_blocks() -> None:
    assert read(b"\x74" + utf("name")) == "name"
    assert read(b"\x7c" + (3).to_bytes(8) + b"abc") == "abc"
    assert read(b"\x74\0\2\xc0\x80") == "\\xc0\\x80"  # modified UTF-8's NUL
    assert read(b"\x77\2ab") == b"ab"
    assert read(b"\x7a\0\0\0\2ab") == b"ab"
    assert read(NULL) is None


def test_an_object_with_fields_of_every_type() -> None:
    fields = b"\0\x0a" + b"".join(kind.encode() + utf(f"f{kind}") for kind in "BCDFIJSZ")
    fields += b"L" + utf("text") + b"\x74" + utf("Ljava/lang/String;") + b"[" + utf("none") + b"\x74" + utf("[I")
    widths = (1, 2, 8, 4, 4, 8, 2, 1)
    data = b"\x73" + described("Sample", fields=fields) + bytes(sum(widths)) + b"\x74" + utf("hello") + NULL
    value = read(data)
    assert isinstance(value, Instance)
    assert value.of.name == "Sample"
    assert [len(value.fields[f"f{kind}"] or b"") for kind in "BCDFIJSZ"] == list(widths)
    assert (value.fields["text"], value.fields["none"]) == ("hello", None)


def test_arrays() -> None:
    numbers = read(b"\x75" + described("[I") + b"\0\0\0\2" + b"\0\0\0\1\0\0\0\2")
    assert isinstance(numbers, Instance)
    assert numbers.items == (b"\0\0\0\1\0\0\0\2",)
    texts = read(b"\x75" + described("[Ljava.lang.String;") + b"\0\0\0\2\x74" + utf("a") + b"\x71\0\x7e\0\2")
    assert isinstance(texts, Instance)
    assert texts.items == ("a", "a")


def test_what_classes_write_by_themselves() -> None:
    parent = described("Old", flags=3)
    value = read(b"\x73" + described("New", flags=0x0C, parent=parent) + b"\x77\1a" + END + b"\x77\1b" + NULL + END)
    assert isinstance(value, Instance)
    assert value.written == {"Old": (b"a",), "New": (b"b", None)}  # the oldest first


def test_proxies_enums_and_classes() -> None:
    proxy = read(b"\x73\x7d\0\0\0\2" + utf("A") + utf("B") + END + NULL)
    assert isinstance(proxy, Instance)
    assert proxy.of.interfaces == ("A", "B")
    constant = read(b"\x7e" + described("Colour", flags=0x12) + b"\x74" + utf("RED"))
    assert isinstance(constant, Instance)
    assert constant.fields == {"name": "RED"}
    assert isinstance(read(b"\x76" + described("Any")), JavaClass)


def test_a_value_may_contain_itself() -> None:
    fields = b"\0\1L" + utf("me") + b"\x74" + utf("LMe;")
    value = read(b"\x73" + described("Me", fields=fields) + b"\x71\0\x7e\0\2")
    assert isinstance(value, Instance)
    assert value.fields["me"] is value


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (END, "begins no Java value"),
        (b"\x79", "begins no Java value"),
        (b"\x7b", "begins no Java value"),
        (b"\x71\0\x7e\0\0", "reference to no Java value"),
        (b"\x71\0\0\0\0", "reference to no Java value"),
        (b"\x73\x70", "without a class"),
        (b"\x73" + described("X", flags=4), "only its class knows"),
        (b"\x75" + described("[I") + b"\xff\xff\xff\xff", "Java values in one"),
        (b"\x73" + described("X", fields=b"\0\1V" + utf("void")), "no type of a Java field"),
        (b"\x73" + described("X", parent=b"\x71\0\x7e\0\0"), "extends itself"),
        (b"\x75" + described("[LX;") + b"\0\0\0\2\x74\0\1a\x73\x71\0\x7e\0\2", "reference to no Java class"),
    ],
)
def test_what_cannot_be(data: bytes, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        ObjectStream(data).value()


def test_values_within_values_have_a_limit() -> None:
    nested = b"\x75" + described("[LX;") + b"\0\0\0\1"
    again = b"\x75\x71\0\x7e\0\0\0\0\0\1"
    assert read(nested + again * (java_stream.MAX_DEPTH - 2) + NULL)
    with pytest.raises(MalformedError, match="within each other"):
        read(nested + again * (java_stream.MAX_DEPTH - 1) + NULL)


def test_classes_that_extend_classes_have_a_limit() -> None:
    data = NULL
    for _ in range(java_stream.MAX_DEPTH + 1):
        data = described("X", parent=data)
    with pytest.raises(MalformedError, match="within each other"):
        read(data)


def test_a_stream_has_a_limit() -> None:
    """Small values with much to do for each: objects of a class that extends many, at six bytes each."""
    chain = NULL
    for _ in range(40):
        chain = described("X", parent=chain)
    data = b"\x75" + described("[LX;") + b"\0\0\xff\xff\x73" + chain + b"\x73\x71\0\x7e\0\2" * 10_000
    with pytest.raises(MalformedError, match="in one Java object stream"):
        read(data)


def test_not_a_stream() -> None:
    with pytest.raises(MalformedError, match="no Java object stream"):
        ObjectStream(b"\xac\xed\0\4").magic()
    with pytest.raises(MoreNeededError):
        ObjectStream(MAGIC[:3]).magic()


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    for start in (b"", b"\x73\x72\0\1X" + bytes(8) + b"\x03"):
        try:
            ObjectStream(start + data).value()
        except (MalformedError, MoreNeededError):
            continue
