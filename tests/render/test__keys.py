"""Groups, primes and signature schemes in words: what was not asked or not answered is never called absent."""

import pytest

from scanner.observations.cipher_suites import Asked
from scanner.observations.groups import DhParameters, Groups
from scanner.observations.signature_schemes import SignatureSchemes
from scanner.render._facts import Fact
from scanner.render._keys import finite_fields, group_lists, scheme_lists


@pytest.mark.parametrize(
    ("names", "asked", "reason", "forbids", "said"),
    [
        (("x25519",), "all", "", True, "no post-quantum group"),
        (("X25519MLKEM768",), "all", "", True, ""),
        (("x25519",), "all", "reset twice", True, ""),  # there may be one
        ((), "all", "", True, "none"),
        ((), "all", "reset twice", True, "not known"),
        ((), "planned", "", False, "not asked at this depth"),
        ((), "planned", "", True, "none of those that the policies forbid; others not asked at this depth"),
        ((), "planned", "reset twice", True, "none known; others not asked at this depth"),
        (("secp192r1",), "planned", "", True, "others not asked at this depth"),
    ],
)
def test_what_is_said_beside_the_groups(
    names: tuple[str, ...], asked: Asked, reason: str, forbids: bool, said: str
) -> None:
    reasons = {"TLSv1.3": reason} if reason else {}
    seen = Groups(groups={"TLSv1.3": names}, asked={"TLSv1.3": asked}, reasons=reasons)
    [(versions, shown)] = group_lists(seen, forbids=forbids)
    assert (versions, shown.said, shown.reason) == ("TLSv1.3", said, reason)
    assert [name for name, _ in shown.names] == list(names)


def test_post_quantum_groups_have_a_class_and_older_versions_need_none() -> None:
    seen = Groups(groups={"TLSv1.2": ("x25519",), "TLSv1.3": ("x25519", "X25519Kyber768Draft00")})
    old, new = (shown for _, shown in group_lists(seen, forbids=True))
    assert (old.names, old.said) == ((("x25519", ""),), "")
    assert new.names == (("x25519", ""), ("X25519Kyber768Draft00", "pq"))


@pytest.mark.parametrize(("bits", "state"), [(2047, "odd"), (2048, "said")])
def test_short_primes_stand_out(bits: int, state: str) -> None:
    prime = DhParameters(bits=bits, prime="unknown", sha256="9b" * 32)
    [fact] = finite_fields(Groups(groups={"TLSv1.2": ()}, dh=(prime,), dh_bits=bits))
    assert fact.state == state
    assert f"{bits} bits" in fact.text
    assert "9b9b9b9b9b9b9b9b…" in fact.text


def test_no_finite_field_is_said_where_there_could_be_one() -> None:
    assert list(finite_fields(Groups(groups={"TLSv1.3": ()}))) == []
    [fact] = finite_fields(Groups(groups={"TLSv1.2": ()}))
    assert fact.state == "no"
    assert Fact("Temporary RSA", "512 bits", "odd") in finite_fields(Groups(groups={}, rsa_export_bits=512))


def test_schemes_of_versions() -> None:
    seen = SignatureSchemes(
        schemes={"TLSv1.2": ("rsa_pkcs1_sha1", "rsa_pss_rsae_sha256"), "TLSv1.3": ()},
        reasons={"TLSv1.3": "reset twice"},
    )
    (_, old), (_, new) = scheme_lists(seen)
    assert old.names == (("rsa_pkcs1_sha1", "old"), ("rsa_pss_rsae_sha256", ""))
    assert (new.said, new.reason) == ("not known", "reset twice")
    [(_, none)] = scheme_lists(SignatureSchemes(schemes={"TLSv1.2": ()}))
    assert none.said == "none"
