"""Primes of finite-field Diffie-Hellman that are published: RFC 2409, RFC 3526, RFC 5114 and RFC 7919.

Kept as SHA-256 digests in the CSV beside this module: a prime is recognised, never used.
"""

from functools import cache
from hashlib import sha256
from importlib import resources


@cache
def _published() -> dict[str, str]:
    text = resources.files("scanner.wire").joinpath("dh_primes.csv").read_text("ascii")
    rows = (line.split(",") for line in text.splitlines()[1:])
    return {digest: name for name, _, digest in rows}


def digest(prime: int) -> str:
    """SHA-256 of a prime as a big-endian number, hexadecimal."""
    return sha256(prime.to_bytes((prime.bit_length() + 7) // 8)).hexdigest()


def prime_name(prime: int) -> str:
    """`ffdhe2048`, `RFC 3526 group 14`, …; `unknown` for one that nobody published."""
    return _published().get(digest(prime), "unknown")
