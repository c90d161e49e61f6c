"""An endpoint in one line."""

import pytest

from scanner.render._glance import glance, post_quantum
from tests.render.observed import old, one_endpoint, quick, silent, sound, ssh


def test_says_no_more_than_is_known() -> None:
    said = {name: glance(next(iter(one_endpoint(made()).endpoints))) for name, made in MADE.items()}
    assert said == {
        "sound": ["TLSv1.2, TLSv1.3", "6 suites, none weak", "X25519MLKEM768", "DH 2048", "ecdsa 256"],
        "old": ["TLSv1.0, TLSv1.1, TLSv1.2", "DH 1024", "ecdsa 256"],
        "quick": ["TLSv1.2, TLSv1.3", "ecdsa 256"],
        "silent": [],
        "ssh": ["SSH 1.99", "rsa 1024"],
    }


MADE = {"sound": sound, "old": old, "quick": quick, "silent": silent, "ssh": ssh}


@pytest.mark.parametrize("group", ["X25519MLKEM768", "MLKEM1024", "SecP256r1MLKEM768", "X25519Kyber768Draft00"])
def test_post_quantum_groups_are_known_by_name(group: str) -> None:
    assert post_quantum(group)
    assert not post_quantum("x25519")
