"""No key in the chain is one of the pinned keys.

Clients that pin (mobile apps, most of all) refuse every other key, so this outage is certain; and if the certificate
was not changed by its owner, somebody else's key is answering.

How to fix:
- put the pinned key back into service, or have the new certificate issued for it: `openssl req -new -key pinned.key`
- planned change: first ship clients that also pin the next key, then change it, then drop the old pin
- the digest of a key: `openssl x509 -in cert.pem -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst
  -sha256 -binary | base64`; correct `certificate.pins` in the inventory if the change was meant

Source: site: `certificate.pins` of the inventory; RFC 7469 §2.4 (digest), §2.6 (any key of the chain) and §4.3
(backup pin)
"""

from scanner.declared import Service
from scanner.model import Judgement, Severity, Verdict
from scanner.observations.certificate import Certificate, CertificateFacts, Chain
from scanner.rules._chains import each_chain, listed, quoted, unread

SEVERITY = Severity.HIGH


def judge(service: Service, seen: Certificate | None) -> Judgement:
    """One match with the leaf, or with a certificate that it names as an issuer, suffices for a chain."""
    pins = [pin for pin in service.certificate.pins if not pin.startswith("SHA256:")]  # which are SSH host keys
    if not pins:
        return Judgement(Verdict.NOT_APPLICABLE, "no pin is declared")
    if seen is None:
        return Judgement(Verdict.UNKNOWN, "the keys are not known")
    wanted = {pin.removeprefix("sha256/").rstrip("=") for pin in pins}

    def judge_chain(chain: Chain) -> Judgement:
        path = _path(chain)
        for certificate in path:
            if certificate.spki_sha256 and certificate.spki_sha256.rstrip("=") in wanted:
                whose = quoted(certificate.subject)
                return Judgement(Verdict.PASS, f"the key of {whose} is pinned: sha256/{certificate.spki_sha256}")
        for certificate in path:
            if not certificate.spki_sha256:
                return unread(certificate, f"the key of {quoted(certificate.subject)}")
        keys = tuple(f"sha256/{certificate.spki_sha256}" for certificate in path)
        return Judgement(
            Verdict.FAIL, f"none of the declared pins ({len(pins)}) is among the keys served: {listed(keys)}"
        )

    return each_chain(seen, judge_chain)


def _path(chain: Chain) -> list[CertificateFacts]:
    """The leaf and what stands above it by name: a pinned certificate merely sent along must not count."""
    path = [chain.certificates[0]]
    for certificate in path:
        if certificate.issuer:
            path += [one for one in chain.certificates if one.subject == certificate.issuer and one not in path]
    return path
