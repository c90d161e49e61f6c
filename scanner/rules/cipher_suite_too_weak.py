"""A cipher suite is accepted that does not protect, or no longer does.

Suites without encryption or authentication, export suites, RC4 and DES are broken: whoever is in between reads along,
or takes the server's place. Suites without forward secrecy let a key that is stolen later open what was recorded today.
Client and server agree on them only if both have them, but an attacker can make a client do without better ones.

How to fix:
- nginx: `ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;`
- Apache: `SSLCipherSuite ECDHE+AESGCM:ECDHE+CHACHA20`
- Postfix: `smtpd_tls_exclude_ciphers = aNULL, eNULL, EXPORT, LOW, RC4, MD5, 3DES, IDEA, kRSA, kDHE`
- Dovecot: `ssl_cipher_list = ECDHE+AESGCM:ECDHE+CHACHA20`
- OpenLDAP: `olcTLSCipherSuite: ECDHE+AESGCM:ECDHE+CHACHA20`; with GnuTLS (Debian)
  `TLSCipherSuite NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA`
- MySQL, MariaDB: `ssl_cipher = ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384`

Source: RFC 9325 §4.1; RFC 10015 §2 to §4 (static and finite-field Diffie-Hellman, RSA key transport); RFC 7465 §2 (RC4)
"""

from scanner.model import Asks, Judgement, Scope, Severity, Verdict
from scanner.observations.cipher_suites import CipherSuites
from scanner.rules._asked import NOT_ASKED, many, told, was_asked
from scanner.wire.suite_weaknesses import WEAKNESSES, Weakness, suites_with, weaknesses

SEVERITY = Severity.HIGH
NEVER: tuple[Weakness, ...] = ("null", "anonymous", "export", "rc4", "des", "rc2", "md5")
AVOID: tuple[Weakness, ...] = ("3des", "idea", "static-rsa", "static-dh", "dhe")


def asks(*, never: tuple[Weakness, ...] = NEVER, avoid: tuple[Weakness, ...] = AVOID) -> Asks:
    """The suites of which none may be accepted."""
    return Asks(suites=tuple(sorted(suites_with(frozenset((*never, *avoid))))))


def judge(
    scope: Scope, seen: CipherSuites, *, never: tuple[Weakness, ...] = NEVER, avoid: tuple[Weakness, ...] = AVOID
) -> Judgement:
    """`never`: weaknesses that are violations; `avoid`: those that are warned of."""
    if violation := _accepted(seen, Verdict.FAIL, never):
        return violation
    if seen.reasons:  # a worse one may be among those that could not be asked for
        return Judgement(Verdict.UNKNOWN, f"not all suites could be asked for: {told(seen.reasons)}")
    if not was_asked(seen.asked, scope.asks.suites, suites_with(frozenset(never))):
        return Judgement(Verdict.NOT_APPLICABLE, NOT_ASKED)
    if warning := _accepted(seen, Verdict.WARN, avoid):
        return warning
    if not was_asked(seen.asked, scope.asks.suites, suites_with(frozenset(avoid))):
        return Judgement(Verdict.NOT_APPLICABLE, NOT_ASKED)
    about = tuple(f"{version} suites" for version in seen.suites)
    return Judgement(Verdict.PASS, f"accepts none of the weak suites in {', '.join(seen.suites)}", about)


def _accepted(seen: CipherSuites, verdict: Verdict, kinds: tuple[Weakness, ...]) -> Judgement | None:
    """The verdict when a suite with one of these weaknesses is accepted."""
    weak = [
        (version, name) for version, names in seen.suites.items() for name in names if weaknesses(name) & set(kinds)
    ]
    found = {kind for _, name in weak for kind in weaknesses(name)}
    because = ", ".join(what for kind, what in WEAKNESSES.items() if kind in found and kind in kinds)
    told_of = many([f"{name} ({version})" for version, name in weak])
    cites = tuple(f"{version} {name}" for version, name in weak)
    return Judgement(verdict, f"accepts {told_of}: {because}", cites) if weak else None
