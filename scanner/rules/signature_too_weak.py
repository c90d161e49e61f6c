"""A certificate is signed with a broken hash.

For MD5 and SHA-1, two certificates with the same signature can be made: one harmless, shown to the CA, and one for
somebody else's name or with a CA's powers. Clients refuse such chains. A root's signature on itself proves nothing
and is left out.

How to fix:
- have the certificate issued again: every public CA signs with SHA-256 or better
- the site's own CA: `default_md = sha256` in openssl.cnf, `certutil -setreg ca\\csp\\CNGHashAlgorithm SHA256` on
  Windows, and issue again what it signed before
- an intermediate: replace it with the CA's current one in the file that nginx, Apache, Postfix, Dovecot or slapd
  serves

Source: RFC 9325 §4.5; RFC 6151 §2 (MD5); RFC 6149 (MD2); BR §7.1.3.2
"""

import re

from scanner.model import Judgement, Severity, Verdict
from scanner.observations.certificate import Certificate, CertificateFacts
from scanner.rules._chains import each_certificate, quoted, unread

SEVERITY = Severity.HIGH
BROKEN = re.compile(r"md[245]|sha-?1(?![0-9])|sha0|^shawith", re.IGNORECASE)
SOUND = re.compile(r"sha-?(224|256|384|512)|sha3-?(224|256|384|512)|^ed(25519|448)$", re.IGNORECASE)


def judge(seen: Certificate) -> Judgement:
    """By the name of the signature algorithm, in OpenSSL's or anybody's spelling."""

    def judge_one(certificate: CertificateFacts) -> Judgement:
        name = certificate.signature
        if not name or name.lower() == "unknown":
            return unread(certificate, "the signature algorithm")
        if BROKEN.search(name):
            return Judgement(Verdict.FAIL, f"signed with {quoted(name)}")
        if SOUND.search(name):
            return Judgement(Verdict.PASS, f"signed with {quoted(name)}")
        # Among them a bare `rsassaPss`: its parameters name the hash, and SHA-1 is their default (RFC 4055 §3.1).
        return Judgement(Verdict.UNKNOWN, f"{quoted(name)} does not tell which hash was signed")

    return each_certificate(seen, judge_one)
