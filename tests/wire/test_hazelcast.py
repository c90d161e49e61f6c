"""Hazelcast's first words, in any split, and of any bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire import hazelcast
from scanner.wire.errors import MalformedError
from scanner.wire.hazelcast import FRAME_LIMIT, Answer


def answer(status: int, kind: int = hazelcast.AUTHENTICATION_ANSWER, more: bytes = bytes(40)) -> bytes:
    """The first frame of the answer to a login."""
    content = kind.to_bytes(4, "little") + (1).to_bytes(8, "little") + b"\0" + bytes([status]) + more
    return (6 + len(content)).to_bytes(4, "little") + b"\0\xc0" + content


def test_a_login_as_the_python_client_5_7_sends_it() -> None:
    """`client_authentication_codec.encode_request("n", "n", None, None, "CPP", 1, "5.0", "n", [])`."""
    assert hazelcast.authentication("n").hex() == (
        "2800000000c0000100000100000000000000ffffffff010000000000000000000000000000000001"
        "0700000000006e" + "0700000000006e" + "060000000004" + "090000000000435050" + "090000000000352e30"
        "0700000000006e" + "060000000010" + "060000000028"
    )


@pytest.mark.parametrize("words", [hazelcast.MEMBER, hazelcast.UNEXPECTED])
def test_greetings(words: bytes) -> None:
    assert [hazelcast.decode_greeting(words[:size]) for size in range(3)] == [None] * 3
    assert hazelcast.decode_greeting(words) == hazelcast.decode_greeting(words + b"more") == (words, 3)


@pytest.mark.parametrize("words", [b"C", b"HT", b"HZ?", b"CP2", b"\x15\3\3"])
def test_what_is_no_greeting(words: bytes) -> None:
    with pytest.raises(MalformedError):
        hazelcast.decode_greeting(words)


@pytest.mark.parametrize("more", [0, 40, FRAME_LIMIT - 20])
def test_answers(more: int) -> None:
    data = answer(1, more=bytes(more))
    assert hazelcast.decode_answer(data[:-1]) is None
    assert hazelcast.decode_answer(data) == hazelcast.decode_answer(data + b"more") == (Answer(0x101, 1), len(data))


@pytest.mark.parametrize("data", [answer(1)[:19], answer(1, more=bytes(FRAME_LIMIT - 19)), b"HTTP/1.1", bytes(6)])
def test_what_is_no_answer(data: bytes) -> None:
    shorter = (19).to_bytes(4, "little") + data[4:] if len(data) == 19 else data
    with pytest.raises(MalformedError):
        hazelcast.decode_answer(shorter)


def test_only_the_first_frame_of_a_message_is_an_answer() -> None:
    with pytest.raises(MalformedError):
        hazelcast.decode_answer(answer(0)[:4] + b"\0\x40" + answer(0)[6:])


@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    for decode in (hazelcast.decode_greeting, hazelcast.decode_answer):
        try:
            decode(data)
        except MalformedError:
            continue
