"""The server does not help its clients to notice that somebody made them use an older version.

An attacker on the path can break off handshakes until a client retries with an older version of TLS, or change what it
offers. The fallback signal lets the server refuse such a retry, the sentinel in its random tells a client that both
sides could do better: without them a connection can be talked down to the weakest version that both still accept.

How to fix:
- accept TLS 1.2 and 1.3 alone: between these two there is little left to gain for the attacker
- OpenSSL since 1.0.1j, GnuTLS since 3.3.9, NSS since 3.17 and Go know the fallback signal (TLS_FALLBACK_SCSV), every
  library that speaks TLS 1.3 sets the sentinel: update, or remove the device before the server that ends TLS itself
- Java and wolfSSL have no fallback signal: end TLS in a proxy (nginx, HAProxy) where older versions must stay

Source: RFC 8446 §4.1.3 (sentinel); RFC 7507 §3 (fallback signal); RFC 9325 §3.1.1
"""

from scanner.model import Judgement, Severity, Verdict
from scanner.observations.downgrade import Downgrade
from scanner.observations.tls_versions import TlsVersions
from scanner.rules._chains import told

SEVERITY = Severity.MEDIUM


def judge(seen: Downgrade, versions: TlsVersions, *, signal_required: bool = False) -> Judgement:
    """A server of TLS 1.3 without the sentinel is a violation; without the fallback signal, where it is required."""
    if seen.fallback_scsv == "not-applicable" and "unknown" in versions.versions.values():
        message = "not known whether there are two versions to fall back between"
        return Judgement(Verdict.UNKNOWN, message, ("tls_versions",))
    if seen.fallback_scsv == "not-applicable":
        return Judgement(Verdict.NOT_APPLICABLE, "accepts no two versions to fall back between", ("tls_versions",))
    missing = [version for version, there in seen.sentinel.items() if not there]
    ignored = seen.fallback_scsv == "ignored"
    words = [f"no sentinel in the random of {', '.join(missing)}"] if missing else []
    words += ["answers a fallback signal as if it were none"] if ignored else []
    cites = ("fallback SCSV", "downgrade sentinel")
    must = versions.versions.get("TLSv1.3") == "accepted"  # RFC 8446: a server of TLS 1.2 alone should, but need not
    if (missing and must) or (ignored and signal_required):
        return Judgement(Verdict.FAIL, "; ".join(words), cites)
    if words:
        return Judgement(Verdict.WARN, "; ".join(words), cites)
    if seen.fallback_scsv == "unknown":
        why = f": {told(seen.reason)}" if seen.reason else ""
        return Judgement(Verdict.UNKNOWN, f"not known whether a fallback signal is heeded{why}", cites)
    return Judgement(
        Verdict.PASS, "refuses a signalled fallback" + (", sets the sentinel" if seen.sentinel else ""), cites
    )
