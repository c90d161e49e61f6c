"""Named curves below 255 bits (RFC 4492 §5.1.1, SEC 2)."""

CURVE_BITS = {
    **{f"sect{bits}{kind}": bits for bits, kinds in ((163, "k1 r1 r2"), (193, "r1 r2")) for kind in kinds.split()},
    **{f"secp{bits}{kind}": bits for bits, kinds in ((160, "k1 r1 r2"), (192, "k1 r1")) for kind in kinds.split()},
    **{f"sec{kind}1": int(kind[1:4]) for kind in ("p224k", "p224r", "t233k", "t233r", "t239k")},
}


def shorter_than(bits: int) -> frozenset[str]:
    """IANA names of the curves with fewer bits, of those up to 254."""
    return frozenset(name for name, of_curve in CURVE_BITS.items() if of_curve < bits)
