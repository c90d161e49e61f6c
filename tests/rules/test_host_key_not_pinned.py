import pytest

from scanner.model import Verdict
from scanner.observations.ssh import Ssh
from scanner.rules.host_key_not_pinned import judge
from tests.rules.make import service, ssh, ssh1

ED25519, RSA, OTHER, SPKI = "SHA256:ed25519", "SHA256:rsa", "SHA256:other", "sha256/b3RoZXI="
RESET = {"ecdsa-nistp256": "reset the connection"}


@pytest.mark.parametrize(
    ("pins", "seen", "verdict"),
    [
        ((), ssh(), Verdict.NOT_APPLICABLE),
        ((), None, Verdict.NOT_APPLICABLE),
        ((SPKI,), ssh(), Verdict.NOT_APPLICABLE),
        ((ED25519,), None, Verdict.UNKNOWN),
        ((ED25519,), ssh(), Verdict.PASS),
        ((RSA,), ssh(), Verdict.PASS),
        ((OTHER, RSA), ssh(), Verdict.PASS),
        ((ED25519, RSA), ssh(), Verdict.PASS),
        ((OTHER,), ssh(), Verdict.FAIL),
        ((OTHER, SPKI), ssh(), Verdict.FAIL),
        (("SHA256:ED25519",), ssh(), Verdict.FAIL),
        ((ED25519,), ssh(reasons=RESET), Verdict.PASS),
        ((OTHER,), ssh(reasons=RESET), Verdict.UNKNOWN),
        ((ED25519,), ssh(host_keys=()), Verdict.UNKNOWN),
        ((ED25519,), ssh1(), Verdict.UNKNOWN),
    ],
)
def test_one_match_suffices(pins: tuple[str, ...], seen: Ssh | None, verdict: Verdict) -> None:
    assert judge(service(pins=pins), seen).verdict is verdict


@pytest.mark.parametrize(
    ("pins", "seen", "verdict"),
    [
        ((ED25519,), ssh(), Verdict.FAIL),
        ((ED25519, RSA), ssh(), Verdict.PASS),
        ((ED25519, RSA, OTHER), ssh(), Verdict.PASS),
        ((ED25519, RSA), ssh(reasons=RESET), Verdict.UNKNOWN),
        ((ED25519,), ssh(reasons=RESET), Verdict.FAIL),
    ],
)
def test_every_key_where_the_policy_wants_it(pins: tuple[str, ...], seen: Ssh, verdict: Verdict) -> None:
    assert judge(service(pins=pins), seen, every=True).verdict is verdict


def test_what_decided_is_cited() -> None:
    assert judge(service(pins=(RSA,)), ssh()).cites == ("rsa",)
    assert judge(service(pins=(OTHER,)), ssh()).cites == ("ed25519", "rsa")
    assert "SHA256:ed25519" in judge(service(pins=(OTHER,)), ssh()).message
