"""What is weak about an algorithm of SSH, as far as its name tells, and which ones Terrapin works with.

Sources: RFC 9142 §4 (key exchange), RFC 8758 (RC4), RFC 8332 §1 and RFC 8268 §1 (SHA-1), BSI TR-02102-4.
"""

from collections.abc import Sequence
from functools import cache
from typing import Literal

Weakness = Literal[
    "ssh1",
    "none",
    "rc4",
    "des",
    "64-bit-block",
    "md5",
    "group1",
    "dss",
    "kex-sha1",
    "rsa-sha1",
    "cbc",
    "short-tag",
    "64-bit-tag",
    "mac-sha1",
]
WEAKNESSES: dict[Weakness, str] = {
    "ssh1": "SSH-1, whose integrity check is a CRC",
    "none": "no encryption or no integrity",
    "rc4": "RC4",
    "des": "DES",
    "64-bit-block": "3DES, Blowfish, CAST or IDEA, whose blocks have 64 bits",
    "md5": "MD5",
    "group1": "Diffie-Hellman or RSA of 1024 bits",
    "dss": "DSA",
    "kex-sha1": "key exchange over SHA-1",
    "rsa-sha1": "RSA signatures over SHA-1",
    "cbc": "CBC",
    "short-tag": "a tag of 96 bits",
    "64-bit-tag": "a tag of 64 bits",
    "mac-sha1": "HMAC over SHA-1",
}
"""What each is, worst first."""
STRICT = "kex-strict-s-v00@openssh.com"
"""Among a server's key exchange methods: it numbers packets afresh after the exchange (PROTOCOL of OpenSSH)."""
SIGNALS = (STRICT, "kex-strict-c-v00@openssh.com", "ext-info-s", "ext-info-c", "kexguess2@matt.ucc.asn.au")
"""Names among the key exchange methods that are none."""
_BLOCK_64 = ("3des-", "blowfish-", "cast128-", "idea-")


@cache
def weaknesses(name: str) -> frozenset[str]:
    """The IDs that apply to an algorithm of this name: of key exchange, host key, cipher or MAC."""
    mac = name.startswith(("hmac-", "umac-"))
    exchange = name.startswith(("diffie-hellman-", "gss-", "rsa1024-", "rsa2048-"))
    found = {
        "none": name == "none",
        "rc4": name.startswith("arcfour"),
        "des": name.startswith("des-"),
        "64-bit-block": name.startswith(_BLOCK_64),
        "md5": mac and "md5" in name,
        "group1": name.startswith(("diffie-hellman-group1-", "gss-group1-", "rsa1024-")),
        "dss": name.startswith(("ssh-dss", "x509v3-sign-dss")),
        "kex-sha1": exchange and "-sha1" in name,
        # not ssh-rsa-sha256@ssh.com and its like, which sign over SHA-2
        "rsa-sha1": name in {"ssh-rsa", "x509v3-sign-rsa"}
        or name.startswith(("ssh-rsa-cert-", "x509v3-sign-rsa-sha1", "x509v3-ssh-rsa")),
        "cbc": name.endswith(("-cbc", "-cbc@lysator.liu.se", "-cbc@ssh.com")),
        "short-tag": mac and "-96" in name,
        "64-bit-tag": name.startswith("umac-64"),
        "mac-sha1": name.startswith("hmac-sha1"),
    }
    return frozenset(kind for kind, applies in found.items() if applies)


def truncatable(ciphers: Sequence[str], macs: Sequence[str]) -> tuple[str, ...]:
    """What Terrapin (CVE-2023-48795) works with, of one direction's algorithms, unless the key exchange is strict."""
    chacha20 = [name for name in ciphers if name.startswith("chacha20-poly1305")]
    cbc = [name for name in ciphers if "cbc" in weaknesses(name)]
    first = [name for name in macs if "-etm@" in name]
    return (*chacha20, *cbc, *first) if cbc and first else tuple(chacha20)
