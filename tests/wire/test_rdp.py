"""RDP's connection request and confirm, byte by byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.rdp import Confirm, FailureCode, Security, connection_request, decode_confirm

# as xrdp 0.9.21 sent them
TLS_CHOSEN = bytes.fromhex("030000130ed000001234000201080001000000")
RDP_CHOSEN = bytes.fromhex("030000130ed000001234000201080000000000")
TLS_REQUIRED = bytes.fromhex("030000130ed000001234000300080001000000")
NO_NEGOTIATION = bytes.fromhex("0300000b06d00000123400")


def test_what_is_sent() -> None:
    # the request of MS-RDPBCGR §4.1.1 without its cookie, and with another choice
    assert connection_request(Security.RDP) == bytes.fromhex("030000130ee000000000000100080000000000")
    both = connection_request(Security.SSL | Security.HYBRID)
    assert both == bytes.fromhex("030000130ee000000000000100080003000000")


@pytest.mark.parametrize(
    ("buffer", "confirm", "shown"),
    [
        (TLS_CHOSEN, Confirm(Security.SSL), "protocol 1"),
        (RDP_CHOSEN, Confirm(Security.RDP), "protocol 0"),
        (TLS_REQUIRED, Confirm(None, FailureCode.SSL_REQUIRED_BY_SERVER), "failure SSL_REQUIRED_BY_SERVER"),
        (TLS_REQUIRED[:15] + b"\x63\0\0\0", Confirm(None, 99), "failure 99"),
        (NO_NEGOTIATION, Confirm(Security.RDP), "protocol 0"),
    ],
)
def test_confirms(buffer: bytes, confirm: Confirm, shown: str) -> None:
    assert decode_confirm(buffer + b"\x16\3") == (confirm, len(buffer))
    assert str(confirm) == shown
    assert all(decode_confirm(buffer[:cut]) is None for cut in range(len(buffer)))


@pytest.mark.parametrize(
    "malformed",
    [
        b"SSH-2.0",
        b"\x03\x01",
        bytes.fromhex("0300000b0680"),  # disconnect
        bytes.fromhex("0300000b06f0"),  # data
        bytes.fromhex("0300000c06d0"),  # lengths that do not fit
        bytes.fromhex("0300000c07d0"),
        bytes.fromhex("030000130ed000001234000401080001000000"),
        bytes.fromhex("030000130ed000001234000201090001000000"),
    ],
)
def test_malformed(malformed: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_confirm(malformed)


nearly = st.builds(
    lambda whole, at, put: whole[:at] + put + whole[at + len(put) :],
    st.sampled_from([TLS_CHOSEN, TLS_REQUIRED, NO_NEGOTIATION]),
    st.integers(0, 19),
    st.binary(min_size=1, max_size=3),
)


@given(st.binary() | nearly)
def test_any_bytes_parse_ask_for_more_or_are_malformed(buffer: bytes) -> None:
    try:
        decoded = decode_confirm(buffer)
    except MalformedError:
        return
    assert decoded is None or 0 < decoded[1] <= len(buffer)
