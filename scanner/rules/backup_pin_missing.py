"""Every pinned key is in use: there is none to go to when one of them is lost.

Clients that pin refuse every other key. When the key has to be changed at once, because it leaked or its issuer is no
longer trusted, they can only follow to a key that they have already pinned and that was kept out of use until then.

How to fix:
- make a second key, keep it offline, and ship clients that pin both: `openssl genpkey -algorithm EC -pkeyopt
  ec_paramgen_curve:P-256 -out backup.pem`
- its digest: `openssl pkey -in backup.pem -pubout -outform der | openssl dgst -sha256 -binary | base64`
- then declare it as well: `certificate: {pins: [sha256/…, sha256/…]}`

Source: RFC 7469 §4.3 (backup pins); site: `certificate.pins` of the inventory
"""

from scanner.declared import Service
from scanner.model import Judgement, Severity, Verdict
from scanner.observations.certificate import Certificate

SEVERITY = Severity.MEDIUM


def judge(service: Service, seen: Certificate) -> Judgement:
    """A backup is a declared pin that no certificate served has the key of."""
    pins = {pin.removeprefix("sha256/").rstrip("=") for pin in service.certificate.pins if pin.startswith("sha256/")}
    if not pins:
        return Judgement(Verdict.NOT_APPLICABLE, "no pin is declared")
    served = [certificate.spki_sha256.rstrip("=") for chain in seen.chains for certificate in chain.certificates]
    if len(spare := pins.difference(served)) > served.count(""):  # each that could not be read may be one of them
        return Judgement(Verdict.PASS, f"{len(spare)} of {len(pins)} pinned keys not in use")
    if "" in served:
        return Judgement(Verdict.UNKNOWN, "a key that is served could not be read")
    return Judgement(Verdict.WARN, f"all pinned keys ({len(pins)}) are in use: none is a backup")
