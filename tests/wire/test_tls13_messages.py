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
from scanner.wire.tls_flight import MAX_CERTIFICATES
from tests.wire.tls13_peers import codes, extension_block, vector

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


def test_a_chain_of_countless_certificates_is_cut_off() -> None:
    entry = vector(b"", 3) + b"\0\0"
    assert len(decode_certificates(b"\0" + vector(entry * MAX_CERTIFICATES, 3))[0]) == MAX_CERTIFICATES
    with pytest.raises(MalformedError, match=f"more than {MAX_CERTIFICATES} certificates"):
        decode_certificates(b"\0" + vector(entry * (MAX_CERTIFICATES + 1), 3))


bytes_ = st.binary(max_size=40)
numbers = st.integers(0, (1 << 32) - 1)


@given(bytes_, st.lists(st.integers(0, 0xFFFF), max_size=9), st.lists(bytes_, max_size=4), blocks, st.data())
def test_request_there_and_back(
    context: bytes, schemes: list[int], names: list[bytes], more: dict[int, bytes], data: st.DataObject
) -> None:
    listed = {**more, 13: codes(*schemes), 47: vector(b"".join(vector(name, 2) for name in names), 2)}
    body = vector(context, 1) + extension_block(listed)
    request = decode_certificate_request(body)
    assert (request.context, request.schemes, request.authorities) == (context, tuple(schemes), tuple(names))
    assert request.extensions == listed
    broken_anywhere(decode_certificate_request, body, data)


@given(blocks, st.integers(0, 0xFFFF), bytes_, st.data())
def test_extensions_and_verify_there_and_back(
    extensions: dict[int, bytes], scheme: int, signature: bytes, data: st.DataObject
) -> None:
    block, verify = extension_block(extensions), scheme.to_bytes(2) + vector(signature, 2)
    assert decode_encrypted_extensions(block) == extensions
    assert decode_certificate_verify(verify) == (scheme, signature)
    broken_anywhere(decode_encrypted_extensions, block, data)
    broken_anywhere(decode_certificate_verify, verify, data)


@given(st.tuples(numbers, numbers), bytes_, bytes_, st.one_of(st.none(), numbers), st.data())
def test_ticket_there_and_back(
    times: tuple[int, int], nonce: bytes, ticket: bytes, early: int | None, data: st.DataObject
) -> None:
    listed = {} if early is None else {42: early.to_bytes(4)}
    body = b"".join(time.to_bytes(4) for time in times) + vector(nonce, 1) + vector(ticket, 2) + extension_block(listed)
    found = decode_ticket(body, 0x1301, SUITES[0x1301], bytes(32))
    assert (found.lifetime, found.age_add, found.nonce, found.ticket) == (*times, nonce, ticket)
    assert found.max_early_data == early
    broken_anywhere(DECODERS[-1], body, data)


def broken_anywhere(decode: Callable[[bytes], object], body: bytes, data: st.DataObject) -> None:
    for broken in (body + b"x", body[: data.draw(st.integers(0, len(body) - 1))]):
        with pytest.raises(MalformedError):
            decode(broken)
