"""Published primes of Diffie-Hellman: their digests are made again from π, from e and by OpenSSL."""

import subprocess
from base64 import b64decode
from importlib import resources

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.dh_primes import digest, prime_name
from scanner.wire.tls13_shares import ffdhe_prime

FROM_PI = {
    # RFC 2409 §6.1 and §6.2, RFC 3526 §2 to §7: bits, and the number that makes the prime safe
    "RFC 2409 group 1": (768, 149686),
    "RFC 2409 group 2": (1024, 129093),
    "RFC 3526 group 5": (1536, 741804),
    "RFC 3526 group 14": (2048, 124476),
    "RFC 3526 group 15": (3072, 1690314),
    "RFC 3526 group 16": (4096, 240904),
    "RFC 3526 group 17": (6144, 929484),
    "RFC 3526 group 18": (8192, 4743158),
}
FROM_E = {f"ffdhe{bits}": code for code, bits in ((256, 2048), (257, 3072), (258, 4096), (259, 6144), (260, 8192))}
BY_OPENSSL = {"RFC 5114 group 22": 1, "RFC 5114 group 23": 2, "RFC 5114 group 24": 3}


def pi(bits: int) -> int:
    """⌊2^bits π⌋, by Machin's formula: π = 16 arctan 1/5 - 4 arctan 1/239."""
    unit = 1 << (bits + 64)

    def arctan_of_inverse(x: int) -> int:
        total, power, n = 0, unit // x, 1
        while power:
            total += power // n if n % 4 == 1 else -(power // n)
            power //= x * x
            n += 2
        return total

    return (16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239)) >> 64


def listed() -> dict[str, tuple[int, str]]:
    rows = resources.files("scanner.wire").joinpath("dh_primes.csv").read_text("ascii").splitlines()[1:]
    return {name: (int(bits), sha256) for name, bits, sha256 in (row.split(",") for row in rows)}


@pytest.mark.parametrize("name", FROM_PI)
def test_primes_of_ike_are_made_of_pi(name: str) -> None:
    bits, makes_safe = FROM_PI[name]
    prime = (1 << bits) - (1 << (bits - 64)) - 1 + ((pi(bits - 130) + makes_safe) << 64)
    assert listed()[name] == (prime.bit_length(), digest(prime))
    assert prime_name(prime) == name


@pytest.mark.parametrize("name", FROM_E)
def test_primes_of_tls_are_made_of_e(name: str) -> None:
    prime = ffdhe_prime(FROM_E[name])
    assert listed()[name] == (prime.bit_length(), digest(prime))
    assert prime_name(prime) == name


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("name", BY_OPENSSL)
def test_primes_of_rfc_5114_are_those_of_openssl(name: str) -> None:
    command = ["openssl", "genpkey", "-genparam", "-algorithm", "DHX", "-pkeyopt", f"dh_rfc5114:{BY_OPENSSL[name]}"]
    _, *encoded, _ = subprocess.run(command, capture_output=True, check=True).stdout.splitlines()
    prime = core.SequenceOf.load(b64decode(b"".join(encoded)), spec=core.Integer)[0].native
    assert listed()[name] == (prime.bit_length(), digest(prime))
    assert prime_name(prime) == name


def test_every_prime_listed_is_made_here() -> None:
    assert listed().keys() == FROM_PI.keys() | FROM_E.keys() | BY_OPENSSL.keys()


@given(st.integers(0, (1 << 2048) - 1))
def test_any_other_number_is_unknown(number: int) -> None:
    assert prime_name(number) == "unknown"
    assert len(digest(number)) == 64
