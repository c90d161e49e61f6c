"""A Kerberos KDC uses an encryption type that is broken or deprecated.

Single DES is searched through in hours; RC4 keys are unsalted hashes of the password, which a ticket or a login that
was recorded lets anybody guess at as fast as they can; triple DES is slow, short of blocks, and on its way out. A
client that has nothing better, or pretends so, makes the KDC issue such tickets for accounts that could do without.

How to fix:
- MIT Kerberos: leave `allow_rc4`, `allow_des3` and `allow_weak_crypto` out of `krb5.conf`, and set in `kdc.conf`
  `supported_enctypes = aes256-cts-hmac-sha384-192:normal aes256-cts-hmac-sha1-96:normal`
- then give the ticket-granting service a new key, `cpw -randkey -keepold krbtgt/REALM` in `kadmin.local`, and once all
  its tickets have run out, `purgekeys krbtgt/REALM`; change the passwords of the accounts with old keys only
- `session_enctypes`, set on krbtgt/REALM by `setstr` in `kadmin.local`, narrows what is used in the meantime

Source: RFC 6649 §2 and §5 (DES, rc4-hmac-exp); RFC 8429 §3 and §5 (3DES, RC4)
"""

from typing import Literal

from scanner.model import Judgement, Severity, Verdict
from scanner.observations.kerberos import Kerberos
from scanner.rules._asked import many

SEVERITY = Severity.HIGH

Weakness = Literal["des", "rc4", "3des"]
_PREFIXES: dict[Weakness, str] = {"des": "des-", "rc4": "rc4-", "3des": "des3-"}
NEVER: tuple[Weakness, ...] = ("des", "rc4", "3des")


def judge(seen: Kerberos, *, never: tuple[Weakness, ...] = NEVER, avoid: tuple[Weakness, ...] = ()) -> Judgement:
    """`never`: what is a violation; `avoid`: what is warned of."""
    if bad := _with(seen, "accepted", never):
        return Judgement(Verdict.FAIL, f"uses {many(bad)} for {seen.principal}", bad)
    if open_ := _with(seen, "unknown", (*never, *avoid)):
        why = "; ".join(dict.fromkeys(seen.reasons.get(name, "") for name in open_))
        return Judgement(Verdict.UNKNOWN, f"not known of {many(open_)}: {why}", open_)
    if poor := _with(seen, "accepted", avoid):
        return Judgement(Verdict.WARN, f"uses {many(poor)} for {seen.principal}", poor)
    used = tuple(name for name, answer in seen.encryption_types.items() if answer == "accepted")
    message = f"uses {many(used)} for {seen.principal}; whether other principals have weaker keys cannot be asked"
    return Judgement(Verdict.PASS, message, used)


def _with(seen: Kerberos, answer: str, kinds: tuple[Weakness, ...]) -> tuple[str, ...]:
    prefixes = tuple(_PREFIXES[kind] for kind in kinds)
    return tuple(name for name, one in seen.encryption_types.items() if one == answer and name.startswith(prefixes))
