"""Cipher suites in words."""

import pytest

from scanner.observations.cipher_suites import CipherSuites
from scanner.render._suites import OPEN_UP_TO, SEVERE, SHORT, alike, suite_lists, weak
from scanner.wire.suite_weaknesses import WEAKNESSES

NAME = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"


def test_every_weakness_has_a_word() -> None:
    assert set(SHORT) == set(WEAKNESSES)
    assert set(WEAKNESSES) > SEVERE


@pytest.mark.parametrize(
    ("name", "words", "how"),
    [
        (NAME, "", ""),
        ("TLS_AES_128_GCM_SHA256", "", ""),
        ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "CBC", "old"),
        ("TLS_RSA_WITH_RC4_128_MD5", "RC4, MD5, RSA key transport", "bad"),
        ("no name of a suite", "", ""),
    ],
)
def test_weak_ones_are_told_apart(name: str, words: str, how: str) -> None:
    assert weak(name) == (words, how)


def test_versions_with_the_same_stand_together() -> None:
    assert alike({"TLSv1.0": 1, "TLSv1.1": 2, "TLSv1.2": 1}) == [("TLSv1.0, TLSv1.2", 1), ("TLSv1.1", 2)]


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (CipherSuites(suites={"TLSv1.2": (NAME,)}, preference={"TLSv1.2": "unknown"}), ("1 suite",)),
        (
            CipherSuites(suites={"TLSv1.2": (NAME, "x")}, preference={"TLSv1.2": "unknown"}),
            ("2 suites", "whose order decides is not known"),
        ),
        (
            CipherSuites(
                suites={"TLSv1.2": (NAME, "x")},
                preference={"TLSv1.2": "server"},
                chacha20_prioritised={"TLSv1.2": False},
            ),
            ("2 suites", "the server's order", "ChaCha20 not moved up for clients that put it first"),
        ),
        (CipherSuites(suites={"SSLv2": (NAME, "x")}), ("2 suites",)),
        (CipherSuites(suites={"TLSv1.2": ()}, reasons={"TLSv1.2": "reset"}), ("not known",)),
        (
            CipherSuites(suites={"TLSv1.2": ()}, asked={"TLSv1.2": "planned"}, reasons={"TLSv1.2": "reset"}),
            ("none known of those that the policies forbid", "others not asked at this depth"),
        ),
        (
            CipherSuites(suites={"TLSv1.2": ("x",)}, asked={"TLSv1.2": "planned"}),
            ("1 of those that the policies forbid", "others not asked at this depth"),
        ),
    ],
)
def test_number_and_order_in_words(seen: CipherSuites, said: tuple[str, ...]) -> None:
    ((_, listed),) = suite_lists(seen, forbids=True)
    assert listed.said == said


def test_long_lists_are_folded_and_the_worst_is_counted_first() -> None:
    names = ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",) * OPEN_UP_TO
    ((_, short),) = suite_lists(CipherSuites(suites={"TLSv1.2": names}), forbids=False)
    assert short.short
    ((_, longer),) = suite_lists(CipherSuites(suites={"TLSv1.2": (*names, "TLS_RSA_WITH_NULL_SHA")}), forbids=False)
    assert not longer.short
    assert longer.tally == [("1 no encryption", "bad"), ("1 RSA key transport", "old"), ("12 CBC", "old")]
