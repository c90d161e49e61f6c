import shutil
import subprocess
from typing import get_args

import pytest

from scanner.wire.ssh_weaknesses import WEAKNESSES, Weakness, truncatable, weaknesses
from tests.missing import not_run

CHACHA, CBC, ETM = "chacha20-poly1305@openssh.com", "aes128-cbc", "hmac-sha2-256-etm@openssh.com"


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("diffie-hellman-group1-sha1", {"group1", "kex-sha1"}),
        ("diffie-hellman-group14-sha1", {"kex-sha1"}),
        ("diffie-hellman-group-exchange-sha1", {"kex-sha1"}),
        ("gss-group1-sha1-toWM5Slw5Ew8Mqkay+al2g==", {"group1", "kex-sha1"}),
        ("gss-gex-sha1-dZuIebMjgUqaxvbF7hDbAw==", {"kex-sha1"}),
        ("rsa1024-sha1", {"group1", "kex-sha1"}),
        ("rsa2048-sha256", set()),
        ("diffie-hellman-group14-sha256", set()),
        ("diffie-hellman-group16-sha512", set()),
        ("curve25519-sha256", set()),
        ("sntrup761x25519-sha512@openssh.com", set()),
        ("mlkem768x25519-sha256", set()),
        ("ssh-dss", {"dss"}),
        ("ssh-dss-cert-v01@openssh.com", {"dss"}),
        ("ssh-rsa", {"rsa-sha1"}),
        ("ssh-rsa-cert-v01@openssh.com", {"rsa-sha1"}),
        ("rsa-sha2-256", set()),
        ("ssh-rsa-sha256@ssh.com", set()),  # of Tectia
        ("x509v3-sign-rsa", {"rsa-sha1"}),
        ("x509v3-rsa2048-sha256", set()),
        ("ssh-ed25519", set()),
        ("none", {"none"}),
        ("arcfour", {"rc4"}),
        ("arcfour256", {"rc4"}),
        ("des-cbc", {"des", "cbc"}),
        ("des-cbc@ssh.com", {"des", "cbc"}),
        ("3des-cbc", {"64-bit-block", "cbc"}),
        ("3des-ctr", {"64-bit-block"}),
        ("blowfish-cbc", {"64-bit-block", "cbc"}),
        ("cast128-ctr", {"64-bit-block"}),
        ("idea-cbc", {"64-bit-block", "cbc"}),
        ("aes256-cbc", {"cbc"}),
        ("rijndael-cbc@lysator.liu.se", {"cbc"}),
        ("aes256-ctr", set()),
        ("aes256-gcm@openssh.com", set()),
        (CHACHA, set()),
        ("hmac-md5", {"md5"}),
        ("hmac-md5-96-etm@openssh.com", {"md5", "short-tag"}),
        ("hmac-sha1", {"mac-sha1"}),
        ("hmac-sha1-96", {"mac-sha1", "short-tag"}),
        ("umac-64-etm@openssh.com", {"64-bit-tag"}),
        ("umac-128@openssh.com", set()),
        (ETM, set()),
        ("", set()),
    ],
)
def test_by_name(name: str, kinds: set[str]) -> None:
    assert weaknesses(name) == kinds


def test_every_kind_is_explained() -> None:
    assert tuple(WEAKNESSES) == get_args(Weakness)


@pytest.mark.parametrize(
    ("ciphers", "macs", "exposed"),
    [
        ([CHACHA], [], (CHACHA,)),
        ([CHACHA, CBC], ["hmac-sha2-256"], (CHACHA,)),
        ([CBC], [ETM], (CBC, ETM)),
        ([CBC, CHACHA], [ETM], (CHACHA, CBC, ETM)),
        ([CBC], ["hmac-sha2-256"], ()),
        (["aes128-ctr", "aes128-gcm@openssh.com"], [ETM], ()),
        ([], [], ()),
    ],
)
def test_truncatable(ciphers: list[str], macs: list[str], exposed: tuple[str, ...]) -> None:
    assert truncatable(ciphers, macs) == exposed


@pytest.mark.parametrize(
    ("query", "kind", "marks"),
    [("kex", "kex-sha1", "sha1"), ("cipher", "cbc", "cbc"), ("mac", "md5", "md5"), ("mac", "short-tag", "-96")],
)
def test_of_all_that_openssh_has(query: str, kind: str, marks: str) -> None:
    if shutil.which("ssh") is None:
        not_run("ssh is not installed (openssh-client)")
    listed = subprocess.run(["ssh", "-Q", query], capture_output=True, text=True, check=True).stdout.split()
    assert {name for name in listed if kind in weaknesses(name)} == {name for name in listed if marks in name}
