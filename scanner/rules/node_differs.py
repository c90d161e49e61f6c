"""One of the addresses behind a name shows another certificate or TLS configuration than the others.

Clients reach one node or another by chance: what is wrong with one of them fails for some users some of the time, and a
scan of the name alone sees it or not. The odd one out is most often the node that a change or a renewal has forgotten.

How to fix:
- bring the node to the state of the others: compare its configuration (`nginx -T`, `apachectl -S`, `postconf -n`,
  `doveconf -n`) with that of a node that is right
- deploy certificates and TLS settings to all nodes at once, from one source
- behind a load balancer: end TLS there, with one configuration, or pass it through to nodes that are alike
- meant to differ: declare each node as an endpoint with its own `server_name`

Source: site: nodes behind one name are alike; RFC 9325 §3.1 and §4 hold for each of them
"""

from collections import Counter
from typing import Any

from scanner.declared import Service
from scanner.model import Endpoint, Judgement, ReachTls, Severity, Verdict
from scanner.observations.certificate import Certificate
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.tls_versions import TlsVersions
from scanner.peers import Peers, Seen

SEVERITY = Severity.MEDIUM


def judge(
    endpoint: Endpoint, service: Service, peers: Peers, suites: CipherSuites | None, shown: Certificate | None
) -> Judgement:
    """Compared with what most of the nodes show; a violation where the inventory says that they have to be alike."""
    del suites, shown  # what is compared, among others: for the evidence
    if endpoint.reach_tls is ReachTls.NEVER:
        return Judgement(Verdict.NOT_APPLICABLE, f"{endpoint.protocol} has no TLS")
    if len(peers.nodes) < 2:
        return Judgement(Verdict.NOT_APPLICABLE, "the only address of its URL")
    if service.direction == "outbound":
        return Judgement(Verdict.NOT_APPLICABLE, "outbound: how others run their nodes is their concern")
    differing, unknown = [], []
    for what, read in (("versions", _versions), ("certificate", _certificate), ("cipher suites", _suites)):
        values = {one.endpoint.address: value for one in peers.nodes if (value := read(one)) is not None}
        mine = values.get(endpoint.address)
        if mine is None or len(values) < 2:
            unknown.append(what)
        elif others := _others(mine, values):
            differing.append(f"{what} of {', '.join(others)}")
    if differing:
        verdict = Verdict.FAIL if service.nodes_alike else Verdict.WARN
        return Judgement(verdict, f"{endpoint.address} differs from the {'; from the '.join(differing)}")
    if unknown:
        return Judgement(Verdict.UNKNOWN, f"could not be compared with the other nodes: {', '.join(unknown)}")
    return Judgement(Verdict.PASS, f"as the other {len(peers.nodes) - 1} of its URL")


def _others(mine: Any, values: dict[str, Any]) -> list[str]:
    """The nodes that show what most show, if this one does not; all that differ from it, where no most are alike."""
    (most, times), *rest = Counter(values.values()).most_common()
    if rest and times == rest[0][1]:
        return [address for address, value in values.items() if value != mine]
    return [address for address, value in values.items() if value == most] if mine != most else []


def _versions(one: Seen) -> Any:
    found = one.observations.get("tls_versions")
    if not isinstance(found, TlsVersions) or "unknown" in found.versions.values():
        return None
    return frozenset(found.versions.items())


def _certificate(one: Seen) -> Any:
    found = one.observations.get("certificate")
    return frozenset(chain.certificates[0].sha256 for chain in found.chains) if found else None


def _suites(one: Seen) -> Any:
    found = one.observations.get("cipher_suites")
    if not isinstance(found, CipherSuites) or found.reasons:
        return None
    return frozenset((version, frozenset(names)) for version, names in found.suites.items())
