"""BER elements: bounds that the LDAP and X.509 readers rest on; what they read is tested with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire import ber
from scanner.wire.errors import MalformedError


@given(
    st.lists(
        st.tuples(st.sampled_from([ber.INTEGER, ber.OCTET_STRING]), st.binary(min_size=1, max_size=300)), max_size=8
    )
)
def test_what_is_written_side_by_side_is_read_side_by_side(parts: list[tuple[int, bytes]]) -> None:
    written = b"".join(ber.primitive(ber.UNIVERSAL, tag, content) for tag, content in parts)
    assert [(one.tag, one.content) for one in ber.elements(written)] == parts


@given(st.binary(max_size=200))
def test_any_bytes_are_elements_or_malformed(data: bytes) -> None:
    try:
        found = ber.elements(data)
    except MalformedError:
        return
    assert sum(len(one.content) for one in found) <= len(data)


def test_countless_elements_are_cut_off() -> None:
    null = b"\x05\x00"
    assert len(ber.elements(null * ber.MAX_ELEMENTS)) == ber.MAX_ELEMENTS
    with pytest.raises(MalformedError, match="side by side"):
        ber.elements(null * (ber.MAX_ELEMENTS + 1))


@pytest.mark.parametrize("data", [b"\x30\x80\x00\x00", b"\x30", b"\x30\x05\x01"])
def test_indefinite_and_cut_lengths_are_malformed(data: bytes) -> None:
    with pytest.raises(MalformedError):
        ber.elements(data)


def test_a_declared_size_beyond_the_limit_is_malformed_before_the_bytes_arrive() -> None:
    assert ber.declared_size(b"\x30\x82\x01", 100) is None
    assert ber.declared_size(b"\x30\x05", 100) == 7
    with pytest.raises(MalformedError):
        ber.declared_size(b"\x30\x82\x01\x00", 100)
