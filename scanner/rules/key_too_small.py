"""A key in the chain is too small, or of a kind that is no longer used.

Whoever factors the key impersonates the server until the certificate expires, and reads whatever was recorded
without forward secrecy. RSA keys of 1024 bits are within reach; DSA has been dropped from TLS. The smallest key of
the chain counts, the root's own excepted: clients compare that with their store.

How to fix:
- make a new key and have the certificate issued for it: `openssl genpkey -algorithm EC -pkeyopt
  ec_paramgen_curve:P-256`, or `openssl genrsa 3072`; renewing for the old key keeps the defect (`certbot renew
  --new-key`)
- install both in nginx, Apache, Postfix, Dovecot, OpenLDAP or MySQL, and reload
- a small key above the leaf: the CA has to replace it

Source: RFC 9325 §4.5 (RSA 2048, curves 224 bits); BR §6.1.5 (RSA 2048; P-256, P-384 or P-521)
"""

from scanner.model import Judgement, Severity, Verdict
from scanner.observations.certificate import Certificate, CertificateFacts
from scanner.rules._chains import each_certificate, quoted, unread

SEVERITY = Severity.HIGH
EDWARDS = ("ed25519", "ed448")


def judge(seen: Certificate, *, rsa_bits: int = 2048, ec_bits: int = 256) -> Judgement:
    """`rsa_bits`: smallest RSA modulus; `ec_bits`: smallest elliptic curve (RFC 9325 alone would allow 224)."""

    def judge_one(certificate: CertificateFacts) -> Judgement:
        key = certificate.key
        kind = key.type.lower()
        if kind in EDWARDS:
            return Judgement(Verdict.PASS, f"{key.type} key")
        if kind == "dsa":
            return Judgement(Verdict.FAIL, f"DSA key of {key.bits} bits: TLS has no use for it")
        if kind not in ("rsa", "ecdsa"):
            if certificate.malformed:
                return unread(certificate, "the key")
            return Judgement(Verdict.UNKNOWN, f"no minimum is known for a key of type {quoted(key.type)}")
        if key.bits <= 0:
            return unread(certificate, f"the size of the {key.type} key")
        least = rsa_bits if kind == "rsa" else ec_bits
        curve = f" on {quoted(key.curve)}" if key.curve else ""
        if key.bits < least:
            return Judgement(Verdict.FAIL, f"{key.type} key of {key.bits} bits{curve}, fewer than {least}")
        return Judgement(Verdict.PASS, f"{key.type} key of {key.bits} bits{curve}")

    return each_certificate(seen, judge_one)
