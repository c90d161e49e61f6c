"""A key exchange is accepted whose secret can be computed by others.

Diffie-Hellman over a prime of 1024 bits is within reach of those who can afford it once for everybody who shares the
prime, and export keys are within reach of anybody. Elliptic curves below 224 bits offer less than 112 bits of strength.
What was recorded today is then read later, whatever the cipher.

How to fix:
- nginx: `ssl_ecdh_curve X25519:prime256v1:secp384r1;` and no DHE suites, or `ssl_dhparam` with 2048 bits or more
- Apache: `SSLOpenSSLConfCmd Curves X25519:prime256v1:secp384r1`, and no DHE suites
- Postfix: `tls_eecdh_auto_curves = X25519 prime256v1 secp384r1`, and `smtpd_tls_exclude_ciphers = kDHE`
- Dovecot: `ssl_dh = </etc/dovecot/dh.pem` with 2048 bits or more, `ssl_curve_list = X25519:P-256:P-384`
- OpenLDAP: `olcTLSDHParamFile` with 2048 bits or more, `olcTLSECName: X25519:P-256:P-384`; GnuTLS (Debian) has neither
  short curves nor primes
- Java: `-Djdk.tls.ephemeralDHKeySize=2048`

Source: RFC 9325 §4.5 (2048 bits, curves of 224 bits); RFC 8422 §5.1.1 (curves no longer used)
"""

from scanner.model import Asks, Judgement, Scope, Severity, Verdict
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.groups import Groups
from scanner.rules._asked import NOT_ASKED, accepted_with, many, told, was_asked
from scanner.rules._curves import shorter_than
from scanner.wire.suite_weaknesses import suites_with

SEVERITY = Severity.HIGH
RSA_EXPORT = frozenset(name for name in suites_with(frozenset({"export"})) if name.startswith("TLS_RSA_EXPORT"))
"""Suites with a temporary RSA key."""


def asks(*, dh_bits: int = 2048, curve_bits: int = 224) -> Asks:  # noqa: ARG001 - the parameters are those of `judge`
    """The curves and suites of which none may be accepted; primes are seen with the suites that use them."""
    return Asks(groups=tuple(sorted(shorter_than(curve_bits))), suites=tuple(sorted(RSA_EXPORT)))


def judge(
    scope: Scope, seen: Groups, suites: CipherSuites | None, *, dh_bits: int = 2048, curve_bits: int = 224
) -> Judgement:
    """`dh_bits`: shortest prime; `curve_bits`: shortest curve, of those up to 254 bits."""
    short = shorter_than(curve_bits)
    curves = [(version, name) for version, names in seen.groups.items() for name in names if name in short]
    primes = [f"a Diffie-Hellman prime of {one.bits} bits ({one.prime})" for one in seen.dh if one.bits < dh_bits]
    over_primes = ("Diffie-Hellman", *accepted_with(suites, "_DHE_", "_DH_anon_"))
    if curves or primes or seen.rsa_export_bits is not None:
        export = [f"a temporary RSA key of {bits} bits" for bits in (seen.rsa_export_bits,) if bits is not None]
        cites = [f"{version} {name}" for version, name in curves]
        cites += over_primes if primes else ()
        cites += accepted_with(suites, "_RSA_EXPORT") if export else ()
        weak = [f"{name} ({version})" for version, name in curves] + primes + export
        return Judgement(Verdict.FAIL, f"accepts {many(weak)}", tuple(cites))
    # groups that are open come after one that every client has to offer: they are negotiated with none
    if unclear := {version: reason for version, reason in seen.reasons.items() if version not in seen.open}:
        return Judgement(Verdict.UNKNOWN, f"not all groups could be asked for: {told(unclear)}")
    if suites is None:
        return Judgement(Verdict.UNKNOWN, "whether a temporary RSA key is used is not known")
    if suites.reasons:
        return Judgement(Verdict.UNKNOWN, f"not all suites could be asked for: {told(suites.reasons)}")
    groups_asked = was_asked(seen.asked, scope.asks.groups, short)
    if not groups_asked or not was_asked(suites.asked, scope.asks.suites, RSA_EXPORT):
        return Judgement(Verdict.NOT_APPLICABLE, NOT_ASKED)
    prime = f", and no Diffie-Hellman prime below {seen.dh_bits} bits" if seen.dh_bits else ""
    cites = [*(f"{version} groups" for version in seen.groups), *over_primes]
    return Judgement(Verdict.PASS, f"accepts no curve below {curve_bits} bits{prime}", tuple(cites))
