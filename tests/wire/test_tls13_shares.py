"""Key shares: two of a kind agree, what is no key of the group is refused, and the primes are those of RFC 7919."""

from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric import x25519
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.tls13_shares import SHARE_GROUPS, ffdhe_prime, make_share, x25519_share
from tests.wire import rfc8448

SIZES = {29: (32, 32), 30: (56, 56), 23: (65, 32), 24: (97, 48), 25: (133, 66)} | {
    code: (bits // 8, bits // 8) for code, bits in {256: 2048, 257: 3072, 258: 4096, 259: 6144, 260: 8192}.items()
}
"""Group → bytes of a public key and of a secret (RFC 8446 §4.2.8, §7.4)."""
SHARES = {group: make_share(group) for group in SHARE_GROUPS}


@pytest.mark.parametrize("group", SHARE_GROUPS)
def test_two_agree(group: int) -> None:
    one, other = SHARES[group], make_share(group)
    assert one.group == group
    assert one.public != other.public
    secret = one.secret(other.public)
    assert secret == other.secret(one.public)
    assert (len(one.public), len(secret)) == SIZES[group]
    assert "exchange" not in repr(one)


def test_secret_of_rfc_8448() -> None:
    share = x25519_share(x25519.X25519PrivateKey.from_private_bytes(rfc8448.CLIENT_PRIVATE))
    assert share.public in rfc8448.CLIENT_HELLO
    assert share.secret(rfc8448.SERVER_PUBLIC) == rfc8448.SHARED


@pytest.mark.parametrize("group", [0, 22, 26, 4588, 255, 261])
def test_other_groups_cannot_be_made(group: int) -> None:
    with pytest.raises(ValueError, match=f"group {group}"):
        make_share(group)


@pytest.mark.parametrize("group", SHARE_GROUPS)
def test_peers_of_wrong_length_or_no_point_are_malformed(group: int) -> None:
    size = SIZES[group][0]
    off_the_curve = [b"\4" + b"\xff" * (size - 1)] if group in {23, 24, 25} else []
    for peer in (b"", bytes(size), b"\xff" * (size + 1), SHARES[group].public[:-1], *off_the_curve):
        with pytest.raises(MalformedError, match=f"group {group}"):
            SHARES[group].secret(peer)


@pytest.mark.parametrize("group", SHARE_GROUPS[5:])
def test_numbers_that_would_give_the_secret_away_are_malformed(group: int) -> None:
    prime, size = ffdhe_prime(group), SIZES[group][0]
    for value in (0, 1, prime - 1, prime, (1 << 8 * size) - 1):
        with pytest.raises(MalformedError, match="between 1 and p"):
            SHARES[group].secret(value.to_bytes(size))


def test_compressed_points_are_malformed() -> None:
    share = SHARES[23]
    with pytest.raises(MalformedError, match="uncompressed"):
        share.secret(bytes([2 + share.public[-1] % 2]) + share.public[1:33])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([29, 30, 23, 24, 25, 256]), st.data())
def test_any_peer_gives_a_secret_or_is_malformed(group: int, data: st.DataObject) -> None:
    size = SIZES[group][0]
    peer = data.draw(st.one_of(st.binary(max_size=8), st.binary(min_size=size, max_size=size)))
    with suppress(MalformedError):
        assert len(SHARES[group].secret(peer)) == SIZES[group][1]


def test_short_secrets_are_padded() -> None:
    """About one secret of 256 begins with a zero, which has to stay (RFC 8446 §7.4.1)."""
    share, prime = make_share(256), ffdhe_prime(256)
    peers = [pow(2, exponent, prime).to_bytes(256) for exponent in range(2, 802)]
    assert {len(share.secret(peer)) for peer in peers} == {256}


@pytest.mark.parametrize("group", [256, 257, 258])
def test_primes_are_safe(group: int) -> None:
    """By Fermat's test; that they are RFC 7919's is for OpenSSL to say (`test_tls13_real`)."""
    prime = ffdhe_prime(group)
    assert prime.bit_length() == 8 * SIZES[group][0]
    assert pow(3, prime - 1, prime) == 1
    half = (prime - 1) // 2
    assert (pow(3, half - 1, half), pow(2, half, prime)) == (1, 1)


def test_first_prime_ends_as_in_rfc_7919() -> None:
    assert f"{ffdhe_prime(256):X}".startswith("FFFFFFFFFFFFFFFFADF85458A2BB4A9A")
    assert f"{ffdhe_prime(256):X}".endswith("886B423861285C97FFFFFFFFFFFFFFFF")
