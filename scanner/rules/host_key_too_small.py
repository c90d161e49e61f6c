"""An SSH host key is too small, or of a kind that is no longer used.

Whoever factors the key takes the server's place for every client that knows it, and host keys live for years, without
an end date. RSA keys of 1024 bits are within reach, and DSA has no more than that.

How to fix:
- OpenSSH: `ssh-keygen -t ed25519 -f /etc/ssh/ssh_host_ed25519_key`, or `-t rsa -b 3072`; name it with `HostKey` in
  `sshd_config` and drop the old one there
- tell the clients the new key before: `ssh-keyscan`, compared with `ssh-keygen -l` on the server
- `RequiredRSASize 2048` in `ssh_config` and `sshd_config` refuses small keys (OpenSSH 9.1)

Source: RFC 8332 §5.1 and NIST SP 800-131A (RSA 2048); BSI TR-02102-4 §3.6; RFC 9142 §1.1 (strength of groups and keys)
"""

from scanner.model import Judgement, Severity, Verdict, worst
from scanner.observations.ssh import Ssh, SshHostKey
from scanner.rules._asked import told

SEVERITY = Severity.HIGH


def judge(seen: Ssh, *, rsa_bits: int = 2048, ec_bits: int = 256) -> Judgement:
    """`rsa_bits`: smallest RSA modulus; `ec_bits`: smallest elliptic curve."""

    def judge_key(key: SshHostKey) -> Judgement:
        named = f"{key.type} host key of {key.bits} bits"
        if key.type == "dsa":
            return Judgement(Verdict.FAIL, f"{named}: DSA is no longer used", (key.type,))
        least = rsa_bits if key.type == "rsa" else ec_bits
        if key.bits < least:
            return Judgement(Verdict.FAIL, f"{named}, fewer than {least}", (key.type,))
        return Judgement(Verdict.PASS, named, (key.type,))

    parts = [judge_key(key) for key in seen.host_keys]
    if seen.reasons:
        message = f"not all host keys could be had: {told(seen.reasons)}"
        parts.append(Judgement(Verdict.UNKNOWN, message, tuple(seen.reasons)))
    if not parts:
        return Judgement(Verdict.UNKNOWN, f"no host key was seen in SSH {seen.version}", ("version",))
    return worst(parts)
