"""Numbers, vectors and extension blocks; running out of bytes at any point."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.reader import Reader
from tests.wire.tls13_peers import extension_block, vector


def test_numbers_and_vectors_in_turn() -> None:
    reader = Reader(b"\x01\x02\x03\x00\x02abc")
    assert (reader.number(1), reader.number(2), reader.vector(2), reader.left) == (1, 0x0203, b"ab", 1)
    with pytest.raises(MalformedError, match="1 bytes behind"):
        reader.end()
    assert reader.take(1) == b"c"
    reader.end()
    with pytest.raises(MalformedError, match="1 bytes early"):
        reader.take(1)


@given(st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=40), max_size=6))
def test_extensions_there_and_back(extensions: dict[int, bytes]) -> None:
    reader = Reader(extension_block(extensions) + b"more")
    assert reader.extensions() == extensions
    assert reader.left == 4


@given(st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=9), min_size=1, max_size=3), st.data())
def test_extensions_cut_short_are_malformed(extensions: dict[int, bytes], data: st.DataObject) -> None:
    block = extension_block(extensions)
    with pytest.raises(MalformedError):
        Reader(block[: data.draw(st.integers(0, len(block) - 1))]).extensions()
    last = len(extensions.popitem()[1])
    with pytest.raises(MalformedError):  # the same within the block
        Reader(vector(block[2 : len(block) - data.draw(st.integers(1, 3 + last))], 2)).extensions()


def test_extension_twice_is_malformed() -> None:
    with pytest.raises(MalformedError, match="extension 5 twice"):
        Reader(vector(b"\0\5\0\0" * 2, 2)).extensions()
