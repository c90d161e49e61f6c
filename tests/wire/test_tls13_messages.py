"""Messages of a TLS 1.3 server: any bytes are read or malformed. What they mean is tested with the handshake."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.tls13_keys import SUITES
from scanner.wire.tls13_messages import (
    decode_certificate_request,
    decode_certificate_verify,
    decode_certificates,
    decode_encrypted_extensions,
    decode_ticket,
)
from tests.wire.tls13_peers import extension_block, vector

DECODERS: list[Callable[[bytes], object]] = [
    decode_certificate_request,
    decode_certificate_verify,
    decode_certificates,
    decode_encrypted_extensions,
    lambda body: decode_ticket(body, 0x1301, SUITES[0x1301], bytes(32)),
]
blocks = st.dictionaries(st.sampled_from([13, 42, 47, 5, 18]), st.binary(max_size=12), max_size=3)


@given(
    st.sampled_from(DECODERS),
    st.one_of(
        st.binary(max_size=60),
        blocks.map(extension_block),
        blocks.map(lambda listed: b"\0" + extension_block(listed)),
        blocks.map(lambda listed: bytes(8) + b"\0\0\1t" + extension_block(listed)),
        blocks.map(lambda listed: b"\0" + vector(vector(b"leaf", 3) + extension_block(listed), 3)),
    ),
)
def test_any_bytes_are_read_or_malformed(decode: Callable[[bytes], object], body: bytes) -> None:
    try:
        decode(body)
    except MalformedError:
        return


@given(st.lists(st.tuples(st.binary(max_size=40), blocks), max_size=4), st.binary(max_size=3))
def test_certificates_there_and_back(entries: list[tuple[bytes, dict[int, bytes]]], context: bytes) -> None:
    listed = b"".join(vector(der, 3) + extension_block(extensions) for der, extensions in entries)
    body = vector(context, 1) + vector(listed, 3)
    certificates, extensions = decode_certificates(body)
    assert list(zip(certificates, extensions, strict=True)) == entries
    with pytest.raises(MalformedError, match="behind"):
        decode_certificates(body + b"x")


def test_ticket_with_and_without_early_data() -> None:
    body = bytes.fromhex("00000e10 00000007") + vector(b"n", 1) + vector(b"ticket", 2)
    without, with_it = (
        decode_ticket(body + extension_block(listed), 0x1302, SUITES[0x1302], bytes(48))
        for listed in ({}, {42: (1 << 31).to_bytes(4)})
    )
    assert (without.lifetime, without.age_add, without.nonce, without.ticket) == (3600, 7, b"n", b"ticket")
    assert (without.max_early_data, with_it.max_early_data) == (None, 1 << 31)
    assert (without.suite, len(without.psk)) == (0x1302, 48)
