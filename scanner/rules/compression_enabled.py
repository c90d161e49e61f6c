"""TLS compression is enabled.

How well a request compresses tells what is in it: with an attacker's text beside a secret in one request, the length of the
ciphertext gives the secret away byte by byte (CRIME).

How to fix:
- nginx, Apache (`SSLCompression off`), Postfix and Dovecot have it off since 2013: update them and their OpenSSL
- OpenSSL: build it with `no-zlib`, or set the option `NO_COMPRESSION`

Source: RFC 9325 §3.3; RFC 7525 §3.3
"""

from scanner.model import Judgement, Severity, Verdict
from scanner.observations.extensions import Extensions

SEVERITY = Severity.MEDIUM


def judge(seen: Extensions) -> Judgement:
    """Of what was negotiated with clients that offer it."""
    if seen.compression is None:
        return Judgement(Verdict.NOT_APPLICABLE, seen.reasons.get("compression", "nothing below TLS 1.3 is accepted"))
    verdict = Verdict.FAIL if seen.compression else Verdict.PASS
    return Judgement(verdict, f"{'selects' if seen.compression else 'does not select'} DEFLATE", ("compression",))
