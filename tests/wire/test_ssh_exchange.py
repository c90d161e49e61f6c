from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire import ssh_exchange
from scanner.wire.dh_primes import prime_name
from scanner.wire.errors import MalformedError
from scanner.wire.ssh import mpint, string
from scanner.wire.ssh_exchange import METHODS, Reply, begin, decode_reply, prime


@pytest.mark.parametrize(
    ("bits", "name"),
    [
        (1024, "RFC 2409 group 2"),
        (2048, "RFC 3526 group 14"),
        (3072, "RFC 3526 group 15"),
        (4096, "RFC 3526 group 16"),
    ],
)
def test_primes(bits: int, name: str) -> None:
    assert prime_name(prime(bits)) == name


@pytest.mark.parametrize("method", METHODS)
def test_both_sides_agree(method: str) -> None:
    ours, theirs = begin(method), begin(method)
    assert ours.public != theirs.public
    assert ours._agree(theirs.public) == theirs._agree(ours.public)
    assert ours.message == b"\x1e" + len(ours.public).to_bytes(4) + ours.public
    assert ssh_exchange.hash_of(method) in method.replace("nistp256", "sha256").replace("nistp384", "sha384").replace(
        "nistp521", "sha512"
    )


def test_exchange_hash() -> None:
    """RFC 4253 §8: H = hash(V_C || V_S || I_C || I_S || K_S || e || f || K)."""
    ours, theirs = begin("diffie-hellman-group14-sha256"), begin("diffie-hellman-group14-sha256")
    secret = mpint(theirs._agree(ours.public))
    parts = (b"SSH-2.0-c", b"SSH-2.0-s", b"\x14c", b"\x14s", b"key", ours.public, theirs.public, secret)
    expected = sha256(b"".join(len(one).to_bytes(4) + one for one in parts)).digest()
    assert ours.hashed(parts[:4], Reply(b"key", theirs.public, b"")) == expected


@pytest.mark.parametrize("method", [method for method in METHODS if not method.startswith("diffie")])
@pytest.mark.parametrize("public", [b"", b"\0", bytes(31), bytes(32), bytes(56), bytes(65), b"\x04" + bytes(64)])
def test_what_is_no_point(method: str, public: bytes) -> None:
    with pytest.raises(MalformedError):
        begin(method).hashed((), Reply(b"", public, b""))


@pytest.mark.parametrize("public", [b"", b"\0", b"\x01", b"\xff" * 32, b"\x80" + bytes(255), b"\x7f" * 600])
def test_what_is_no_public_value(public: bytes) -> None:
    with pytest.raises(MalformedError):
        begin("diffie-hellman-group14-sha1").hashed((), Reply(b"", public, b""))


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_the_largest_public_value(off: int) -> None:
    share = begin("diffie-hellman-group14-sha256")
    with pytest.raises(MalformedError):
        share.hashed((), Reply(b"", mpint(prime(2048) + off), b""))


def test_unknown_method() -> None:
    with pytest.raises(KeyError):
        begin("sntrup761x25519-sha512")


def test_reply() -> None:
    payload = b"\x1f" + string(b"key") + string(b"public") + string(b"signature")
    assert decode_reply(payload) == Reply(b"key", b"public", b"signature")
    for broken in (payload[:-1], payload + b"\0", b"\x20" + payload[1:], b"\x1f"):
        with pytest.raises(MalformedError):
            decode_reply(broken)


@given(st.binary(max_size=100))
def test_any_reply(data: bytes) -> None:
    try:
        reply = decode_reply(b"\x1f" + data)
    except MalformedError:
        return
    assert len(reply.host_key) + len(reply.public) + len(reply.signature) + 12 == len(data)
