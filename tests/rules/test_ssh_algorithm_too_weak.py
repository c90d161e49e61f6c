import pytest

from scanner.model import Verdict
from scanner.observations.ssh import BothWays
from scanner.rules.ssh_algorithm_too_weak import judge
from tests.rules.make import both_ways, ssh, ssh1


def test_sound() -> None:
    found = judge(ssh())
    assert found.verdict is Verdict.PASS
    assert "ciphers" in found.cites


@pytest.mark.parametrize(
    ("changes", "verdict", "cites"),
    [
        ({"ssh1": True, "version": "1.99"}, Verdict.FAIL, ("version",)),
        ({"key_exchange": ("curve25519-sha256", "diffie-hellman-group1-sha1")}, Verdict.FAIL, ("key exchange",)),
        ({"key_exchange": ("diffie-hellman-group14-sha1",)}, Verdict.WARN, ("key exchange",)),
        ({"key_exchange": ("diffie-hellman-group14-sha256",)}, Verdict.PASS, None),
        ({"host_key_algorithms": ("ssh-dss",)}, Verdict.FAIL, ("host key algorithms",)),
        ({"host_key_algorithms": ("rsa-sha2-512", "ssh-rsa")}, Verdict.WARN, ("host key algorithms",)),
        ({"ciphers": both_ways("3des-cbc")}, Verdict.FAIL, ("ciphers",)),
        ({"ciphers": both_ways("arcfour128")}, Verdict.FAIL, ("ciphers",)),
        ({"ciphers": both_ways("none")}, Verdict.FAIL, ("ciphers",)),
        ({"ciphers": both_ways("aes256-cbc")}, Verdict.WARN, ("ciphers",)),
        ({"ciphers": BothWays(to_server=("aes128-ctr",), to_client=("blowfish-cbc",))}, Verdict.FAIL, ("ciphers",)),
        ({"macs": both_ways("hmac-md5-etm@openssh.com")}, Verdict.FAIL, ("macs",)),
        ({"macs": both_ways("none")}, Verdict.FAIL, ("macs",)),
        ({"macs": both_ways("hmac-sha1-96")}, Verdict.WARN, ("macs",)),
        ({"compression": both_ways("none", "zlib")}, Verdict.PASS, None),
    ],
)
def test_verdict(changes: dict[str, object], verdict: Verdict, cites: tuple[str, ...] | None) -> None:
    found = judge(ssh(**changes))
    assert found.verdict is verdict
    assert cites is None or found.cites == cites


def test_the_worst_decides_and_is_named() -> None:
    found = judge(ssh(ciphers=both_ways("aes128-cbc", "arcfour"), macs=both_ways("hmac-md5")))
    assert found.verdict is Verdict.FAIL
    assert found.message == "offers arcfour, hmac-md5: RC4, MD5"
    assert found.cites == ("ciphers", "macs")


def test_lists_are_the_policys() -> None:
    assert judge(ssh(), avoid=("mac-sha1",)).verdict is Verdict.WARN
    assert judge(ssh(), never=("64-bit-tag",)).verdict is Verdict.FAIL
    assert judge(ssh(ciphers=both_ways("3des-cbc")), never=(), avoid=()).verdict is Verdict.PASS


def test_ssh_1_alone() -> None:
    assert judge(ssh1()).message == "offers SSH-1: SSH-1, whose integrity check is a CRC"
    assert judge(ssh1(), never=()).verdict is Verdict.UNKNOWN
