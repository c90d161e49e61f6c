"""A TLS version below the minimum is accepted, or none at or above it.

TLS 1.0 and 1.1 rest on MD5 and SHA-1 and have no authenticated encryption, SSL 3.0 falls to POODLE: all three are
prohibited. A server that still accepts one leaves it to the client, and to whoever stands between, which version is
used.

How to fix:
- nginx: `ssl_protocols TLSv1.2 TLSv1.3;`, in the default server of the address too: it decides for all of them
- Apache: `SSLProtocol -all +TLSv1.2 +TLSv1.3`
- Postfix: `smtpd_tls_protocols = >=TLSv1.2` and `smtpd_tls_mandatory_protocols = >=TLSv1.2`
- Dovecot: `ssl_min_protocol = TLSv1.2`
- OpenLDAP: `olcTLSProtocolMin: 3.3`; with GnuTLS (Debian)
  `TLSCipherSuite NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2`
- MySQL, MariaDB: `tls_version = TLSv1.2,TLSv1.3`

Source: RFC 9325 §3.1.1; RFC 8996 §4 (TLS 1.0) and §5 (TLS 1.1); RFC 7568 §3 (SSL 3.0); RFC 6176 §3 (SSL 2.0)
"""

from typing import Literal, get_args

from scanner.model import Asks, Judgement, Scope, Severity, Verdict
from scanner.observations.tls_versions import TlsVersions
from scanner.rules._asked import NOT_ASKED

SEVERITY = Severity.HIGH
Minimum = Literal["SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
VERSIONS: tuple[Minimum, ...] = get_args(Minimum)


def asks(*, minimum: Minimum = "TLSv1.2") -> Asks:
    """Everything below the minimum at once."""
    return Asks(minimum=minimum)


def judge(scope: Scope, seen: TlsVersions, *, minimum: Minimum = "TLSv1.2") -> Judgement:
    """`minimum`: the lowest version that may be accepted."""
    floor = VERSIONS.index(minimum)
    # SSL 2.0 is a question of its own, which not every scan asks: it counts where it was answered.
    below = [version for version in ("SSLv2", *VERSIONS[:floor]) if version != "SSLv2" or version in seen.versions]
    above = VERSIONS[floor:]
    good = [version for version in above if seen.versions.get(version) == "accepted"]
    bad = [version for version in below if seen.versions.get(version) == "accepted"]
    open_below = [version for version in below if seen.versions.get(version) not in ("accepted", "refused")]
    open_above = [version for version in above if seen.versions.get(version) not in ("accepted", "refused")]
    if bad:
        also = f"; not known: {_reasons(seen, open_below)}" if open_below else ""
        return Judgement(Verdict.FAIL, f"accepts {', '.join(bad)}, below {minimum}{also}", tuple(bad))
    if not good and not open_above:
        return Judgement(Verdict.FAIL, f"negotiates nothing at or above {minimum}", tuple(above))
    if open_below or not good:
        unclear = open_below if good else [*open_below, *open_above]
        if scope.depth == "quick" and not any(version in seen.versions for version in unclear):
            return Judgement(Verdict.NOT_APPLICABLE, f"{NOT_ASKED}: {', '.join(unclear)}")
        return Judgement(Verdict.UNKNOWN, f"not known: {_reasons(seen, unclear)}", tuple(unclear))
    return Judgement(Verdict.PASS, f"accepts {', '.join(good)} and nothing below {minimum}", (*below, *good))


def _reasons(seen: TlsVersions, versions: list[str]) -> str:
    """Versions by the reason why they are not known, each reason once."""
    because: dict[str, list[str]] = {}
    for version in versions:
        why = seen.reasons.get(version, "no reason given") if version in seen.versions else "not asked"
        because.setdefault(why, []).append(version)
    return ", ".join(f"{', '.join(same)} ({why})" for why, same in because.items())
