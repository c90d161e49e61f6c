"""TLS compression is enabled.

How well a request compresses tells what is in it: with an attacker's text beside a secret in one request, the length of
the ciphertext gives the secret away byte by byte (CRIME).

How to fix:
- Apache: `SSLCompression off`; nginx, Postfix and Dovecot turn it off since 2012 to 2014: update them
- anything on OpenSSL: a library built with `no-zlib`, as distributions ship it, or the option `SSL_OP_NO_COMPRESSION`

Source: RFC 9325 §3.3; RFC 7525 §3.3
"""

from scanner.model import Judgement, Severity, Verdict
from scanner.observations.extensions import Extensions
from scanner.observations.tls_versions import TlsVersions
from scanner.rules._asked import unseen

SEVERITY = Severity.MEDIUM


def judge(seen: Extensions, versions: TlsVersions) -> Judgement:
    """Of what was negotiated with clients that offer it."""
    if seen.compression is None:
        return unseen(seen, "compression", versions)
    if seen.compression:
        return Judgement(Verdict.FAIL, "selects DEFLATE", ("compression",))
    return Judgement(Verdict.PASS, "does not select DEFLATE", ("compression",))
