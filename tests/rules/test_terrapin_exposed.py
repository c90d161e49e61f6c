import pytest

from scanner.model import Verdict
from scanner.rules.terrapin_exposed import judge
from tests.rules.make import ssh, ssh1

CHACHA = ("chacha20-poly1305@openssh.com",)


@pytest.mark.parametrize(
    ("strict", "exposed", "verdict"),
    [
        (True, (), Verdict.PASS),
        (True, CHACHA, Verdict.PASS),
        (False, CHACHA, Verdict.FAIL),
        (False, ("aes128-cbc", "hmac-sha2-256-etm@openssh.com"), Verdict.FAIL),
        (False, (), Verdict.PASS),
    ],
)
def test_verdict(strict: bool, exposed: tuple[str, ...], verdict: Verdict) -> None:
    found = judge(ssh(strict_key_exchange=strict, terrapin=exposed))
    assert found.verdict is verdict
    assert "key exchange" in found.cites
    assert verdict is Verdict.PASS or exposed[0] in found.message


def test_ssh_1_alone_is_not_judged() -> None:
    assert judge(ssh1()).verdict is Verdict.NOT_APPLICABLE
