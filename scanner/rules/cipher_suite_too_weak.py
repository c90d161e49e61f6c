"""A cipher suite is accepted that does not protect, or no longer does.

Suites without encryption or authentication, export suites, RC4 and DES are broken: whoever is in between reads along, or
takes the server's place. Suites without forward secrecy let a key that is stolen later open what was recorded today. Client
and server agree on them only if both have them, but an attacker can make a client do without better ones.

How to fix:
- nginx: `ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;`
- Apache: `SSLCipherSuite ECDHE+AESGCM:ECDHE+CHACHA20`
- Postfix: `smtpd_tls_mandatory_ciphers = high` and `smtpd_tls_exclude_ciphers = aNULL, kRSA, kDHE, RC4, 3DES`
- Dovecot: `ssl_cipher_list = ECDHE+AESGCM:ECDHE+CHACHA20`
- OpenLDAP: `olcTLSCipherSuite: ECDHE+AESGCM:ECDHE+CHACHA20`; with GnuTLS (Debian)
  `SECURE128:-RSA:-DHE-RSA:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM`
- MySQL, MariaDB: `ssl_cipher = ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384`

Source: RFC 9325 §4.1; RFC 10015 §2 to §4 (static and finite-field Diffie-Hellman, RSA key transport); RFC 7465 §2 (RC4)
"""

from scanner.model import Asks, Judgement, Scope, Severity, Verdict
from scanner.observations.cipher_suites import CipherSuites
from scanner.rules._asked import NOT_ASKED, many, told, was_asked
from scanner.wire.suite_weaknesses import WEAKNESSES, suites_with, weaknesses

SEVERITY = Severity.HIGH
NEVER = ("null", "anonymous", "export", "rc4", "des", "rc2", "md5")
AVOID = ("3des", "idea", "static-rsa", "static-dh", "dhe")


def asks(*, never: tuple[str, ...] = NEVER, avoid: tuple[str, ...] = AVOID) -> Asks:
    """The suites of which none may be accepted."""
    return Asks(suites=tuple(sorted(suites_with(frozenset((*never, *avoid))))))


def judge(
    scope: Scope, seen: CipherSuites, *, never: tuple[str, ...] = NEVER, avoid: tuple[str, ...] = AVOID
) -> Judgement:
    """`never`: weaknesses that are violations; `avoid`: those that are warned of; both as IDs of WEAKNESSES."""
    if wrong := [kind for kind in (*never, *avoid) if kind not in WEAKNESSES]:
        return Judgement(Verdict.UNKNOWN, f"no such weakness: {', '.join(wrong)}; there are {', '.join(WEAKNESSES)}")
    for verdict, kinds in ((Verdict.FAIL, frozenset(never)), (Verdict.WARN, frozenset(avoid))):
        weak = [(version, name) for version, names in seen.suites.items() for name in names if weaknesses(name) & kinds]
        if verdict is Verdict.WARN and seen.reasons:
            break  # a worse one may be among those that could not be asked for
        if weak:
            kinds_found = {kind for _, name in weak for kind in weaknesses(name) & kinds}
            because = ", ".join(WEAKNESSES[kind] for kind in WEAKNESSES if kind in kinds_found)
            message = f"accepts {many([f'{name} ({version})' for version, name in weak])}: {because}"
            return Judgement(verdict, message, tuple(f"{version} {name}" for version, name in weak))
    if seen.reasons:
        return Judgement(Verdict.UNKNOWN, f"not all suites could be asked for: {told(seen.reasons)}")
    if not was_asked(seen.asked, scope.asks.suites, suites_with(frozenset((*never, *avoid)))):
        return Judgement(Verdict.NOT_APPLICABLE, NOT_ASKED)
    versions = ", ".join(seen.suites)
    return Judgement(
        Verdict.PASS, f"accepts none of the weak suites in {versions}", tuple(f"{v} suites" for v in seen.suites)
    )
