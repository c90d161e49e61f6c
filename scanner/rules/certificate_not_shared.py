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
from scanner.model import Judgement, ReachTls, Severity, Verdict
from scanner.observations.certificate import Certificate
from scanner.peers import Peers

SEVERITY = Severity.MEDIUM


def judge(service: Service, peers: Peers, shown: Certificate) -> Judgement:
    """By the leaf certificates of each kind of key that both sides show."""
    if not service.same_certificate:
        return Judgement(Verdict.NOT_APPLICABLE, "no service is declared to show the same certificate")
    mine = _leaves(shown)
    unknown, different = [], []
    for name in service.same_certificate:
        others = [one for one in peers.services.get(name, ()) if one.endpoint.reach_tls is not ReachTls.NEVER]
        for other in others:
            where = f"{name} ({other.endpoint.url} at {other.endpoint.address or 'no address'})"
            theirs = other.observations.get("certificate")
            same = _compare(mine, shown, theirs) if isinstance(theirs, Certificate) else None
            if same is None:
                unknown.append(where)
            elif not same:
                different.append(where)
        if not others:
            unknown.append(name)
    if different:
        return Judgement(Verdict.FAIL, f"another certificate than that of {', '.join(different)}")
    if unknown:
        return Judgement(Verdict.UNKNOWN, f"the certificate of {', '.join(unknown)} is not known")
    return Judgement(Verdict.PASS, f"the same certificate as {', '.join(service.same_certificate)}")


def _leaves(shown: Certificate) -> dict[str, str]:
    return {chain.key_type: chain.certificates[0].sha256 for chain in shown.chains}


def _compare(mine: dict[str, str], shown: Certificate, theirs: Certificate) -> bool | None:
    """Whether both sides show the same for each kind of key that both have; None where too few could be asked."""
    leaves = _leaves(theirs)
    common = mine.keys() & leaves.keys()
    if not common and (shown.failures or theirs.failures or not leaves):
        return None
    return bool(common) and all(mine[kind] == leaves[kind] for kind in common)
