"""Short curves: those of the registry, with the bits that OpenSSL says they have."""

import re
import subprocess

from scanner.rules._curves import CURVE_BITS, shorter_than
from scanner.wire.tls_names import groups

REGISTERED = {name for name in groups().values() if re.match(r"sec[pt]\d", name)}


def test_every_registered_curve_is_there_or_long_enough() -> None:
    assert set(CURVE_BITS) < REGISTERED
    assert {int(re.sub(r"sec[pt](\d+).*", r"\1", name)) for name in REGISTERED - set(CURVE_BITS)} == {
        256, 283, 384, 409, 521, 571,
    }  # fmt: skip


def test_openssl_counts_the_same_bits() -> None:
    listed = subprocess.run(["openssl", "ecparam", "-list_curves"], capture_output=True, text=True, check=True).stdout
    seen = {name: int(bits) for name, bits in re.findall(r"(\w+) *: .* over a (\d+) bit", listed)}
    seen["secp192r1"] = seen["prime192v1"]  # RFC 8422 appendix A
    assert {name: seen[name] for name in CURVE_BITS} == CURVE_BITS


def test_the_boundary_is_allowed() -> None:
    assert "secp224r1" in shorter_than(225)
    assert "secp224r1" not in shorter_than(224)
    assert shorter_than(255) == CURVE_BITS.keys()
    assert shorter_than(160) == frozenset()
