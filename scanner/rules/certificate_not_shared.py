"""Services that have to show the same certificate show different ones.

Some clients check a second connection against the certificate of the first, or are given one certificate to trust for
both. When only one of the services is renewed, these clients fail, and nobody who looks at one service sees why.

How to fix:
- give both services the same file, and let the renewal reload both: `certbot renew --deploy-hook`, or one Java keystore
- end TLS for both in one place: HAProxy `bind :443 ssl crt site.pem`, nginx `stream`
- no longer meant to be the same: remove `same_certificate` from the inventory

Source: site: `same_certificate` of the inventory
"""

from scanner.declared import Service
from scanner.model import Judgement, Severity, Verdict
from scanner.observations.certificate import Certificate
from scanner.peers import Peers, Seen

SEVERITY = Severity.MEDIUM


def judge(service: Service, peers: Peers, shown: Certificate) -> Judgement:
    """By the leaf certificates of each kind of key that both sides show."""
    if not service.same_certificate:
        return Judgement(Verdict.NOT_APPLICABLE, "no service is declared to show the same certificate")
    mine = _leaves(shown)
    unknown, different = [], []
    for name in service.same_certificate:
        for other in peers.services.get(name, ()):
            where = f"{name} ({other.endpoint.url} at {other.endpoint.address or 'no address'})"
            theirs = _certificate(other)
            if theirs is None:
                unknown.append(where)
            elif not mine.keys() & theirs.keys() or any(mine[kind] != theirs[kind] for kind in mine.keys() & theirs):
                different.append(where)
        if not peers.services.get(name):
            unknown.append(name)
    if different:
        return Judgement(Verdict.FAIL, f"another certificate than that of {', '.join(different)}")
    if unknown:
        return Judgement(Verdict.UNKNOWN, f"the certificate of {', '.join(unknown)} is not known")
    return Judgement(Verdict.PASS, f"the same certificate as {', '.join(service.same_certificate)}")


def _leaves(shown: Certificate) -> dict[str, str]:
    return {chain.key_type: chain.certificates[0].sha256 for chain in shown.chains}


def _certificate(other: Seen) -> dict[str, str] | None:
    found = other.observations.get("certificate")
    return _leaves(found) if isinstance(found, Certificate) and found.chains else None
