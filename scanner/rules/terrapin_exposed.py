"""SSH can be truncated by whoever is in between (Terrapin).

An attacker on the path inserts packets into the key exchange and drops as many at the beginning of the encrypted
connection, unnoticed: ChaCha20-Poly1305, and CBC with encrypt-then-MAC, count packets instead of binding them to the
exchange. So the extension is lost that asks for better signatures or hides the timing of keystrokes
(CVE-2023-48795); in AsyncSSH before 2.14.1 a user was even logged in as another (CVE-2023-46446).

How to fix:
- update the server: strict key exchange is in OpenSSH 9.6 and the distributions' fixes of December 2023, Dropbear
  2024.84, libssh 0.10.6, PuTTY 0.80, AsyncSSH 2.14.2, Paramiko 3.4, Go x/crypto 0.17; clients need it as well
- until then in `sshd_config`: `Ciphers -chacha20-poly1305@openssh.com` and `MACs -*-etm@openssh.com`

Source: CVE-2023-48795; Bäumer, Brinkmann, Schwenk: Terrapin Attack (USENIX Security 2024) §3 to §5; RFC 4253 §6.4 and
§7.3 (sequence numbers run on over the exchange); PROTOCOL of OpenSSH (strict key exchange)
"""

from scanner.model import Judgement, Severity, Verdict
from scanner.observations.ssh import Ssh
from scanner.rules._asked import many

SEVERITY = Severity.MEDIUM
CITES = ("key exchange", "ciphers", "macs")


def judge(seen: Ssh) -> Judgement:
    """Of what the server offers: whether a client would agree on it depends on the client."""
    if not seen.key_exchange:
        return Judgement(Verdict.NOT_APPLICABLE, f"offers SSH {seen.version} alone", ("version",))
    if seen.strict_key_exchange:
        return Judgement(Verdict.PASS, "offers strict key exchange", CITES)
    if seen.terrapin:
        return Judgement(Verdict.FAIL, f"offers {many(seen.terrapin)} without strict key exchange", CITES)
    return Judgement(Verdict.PASS, "offers nothing that Terrapin works with", CITES)
