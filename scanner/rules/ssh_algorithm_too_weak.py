"""An SSH algorithm is offered that does not protect, or no longer does.

Both sides agree on the client's first choice that the server has too. An old or badly configured client therefore gets
the weak algorithm as long as the server offers it: RC4 and 64-bit blocks give away what was typed, short groups and
SHA-1 in the key exchange let others take the server's place.

How to fix:
- OpenSSH (`sshd_config`): take names out of `KexAlgorithms`, `Ciphers`, `MACs` and `HostKeyAlgorithms`; without these
  lines, OpenSSH since 8.8 (2021) offers none of the weak ones; `sshd -T` shows what holds
- `KexAlgorithms -*-sha1`, `Ciphers -*-cbc,arcfour*`, `MACs -*md5*,*-96*`, `HostKeyAlgorithms -ssh-rsa,ssh-dss`
- Dropbear: build with `DROPBEAR_DH_GROUP14_SHA1 0`, `DROPBEAR_ENABLE_CBC_MODE 0`, `DROPBEAR_SHA1_96_HMAC 0`
- appliances: update; where SSH-1 can be turned off, do

Source: RFC 9142 §3 and §4 (key exchange); RFC 8758 §2 (RC4); RFC 8332 §1 (SHA-1 signatures); RFC 6151 §2.3 (MD5); BSI
TR-02102-4 §3
"""

from scanner.model import Judgement, Severity, Verdict
from scanner.observations.ssh import Ssh
from scanner.rules._asked import many
from scanner.wire.ssh_weaknesses import WEAKNESSES, Weakness, weaknesses

SEVERITY = Severity.HIGH
NEVER: tuple[Weakness, ...] = ("ssh1", "none", "rc4", "des", "64-bit-block", "md5", "group1", "dss")
AVOID: tuple[Weakness, ...] = ("kex-sha1", "rsa-sha1", "cbc", "short-tag")


def judge(seen: Ssh, *, never: tuple[Weakness, ...] = NEVER, avoid: tuple[Weakness, ...] = AVOID) -> Judgement:
    """`never`: weaknesses that are violations; `avoid`: those that are warned of."""
    for verdict, kinds in ((Verdict.FAIL, never), (Verdict.WARN, avoid)):
        if weak := _offered(seen, kinds):
            found = {kind for one in weak.values() for kind in one}
            because = ", ".join(what for kind, what in WEAKNESSES.items() if kind in found)
            cites = tuple(about for about, names in _lists(seen).items() if set(names) & set(weak))
            return Judgement(verdict, f"offers {many(list(weak))}: {because}", cites)
    if not seen.key_exchange:
        return Judgement(Verdict.UNKNOWN, f"offers SSH {seen.version} alone, whose algorithms are not asked for")
    return Judgement(Verdict.PASS, "offers none of the weak algorithms", tuple(_lists(seen)))


def _offered(seen: Ssh, kinds: tuple[Weakness, ...]) -> dict[str, frozenset[str]]:
    """Names with one of these weaknesses → which."""
    listed = dict.fromkeys(name for names in _lists(seen).values() for name in names)
    found = {name: (weaknesses(name) | ({"ssh1"} if name == "SSH-1" else set())) & set(kinds) for name in listed}
    return {name: weak for name, weak in found.items() if weak}


def _lists(seen: Ssh) -> dict[str, tuple[str, ...]]:
    """What is offered, by what its evidence is about."""
    return {
        "version": ("SSH-1",) if seen.ssh1 else (),
        "key exchange": seen.key_exchange,
        "host key algorithms": seen.host_key_algorithms,
        "ciphers": seen.ciphers.names,
        "macs": seen.macs.names,
    }
