"""One of the addresses behind a name shows another certificate or TLS configuration than the others.

Clients reach one node or another by chance: what is wrong with one of them fails for some users some of the time, and a
scan of the name alone sees it or not. The odd one out is most often the node that a change or a renewal has forgotten.

How to fix:
- bring the node to the state of the others: compare its configuration (`nginx -T`, `apachectl -S`, `postconf -n`,
  `doveconf -n`) with that of a node that is right
- deploy certificates and TLS settings to all nodes at once, from one source
- behind a load balancer: end TLS there, with one configuration, or pass it through to nodes that are alike
- meant to differ: declare each node as an endpoint with a URL of its own

Source: RFC 9325 §3.9; site: nodes behind one name are alike
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
    known = {one.endpoint.address: _known(one) for one in peers.nodes}
    differing, unknown, fewest = [], [], len(known)
    for what in ("versions", "certificate", "cipher suites"):
        values = {address: facts[what] for address, facts in known.items() if what in facts}
        fewest = min(fewest, len(values))
        if endpoint.address not in values or fewest < 2:
            unknown.append(what)
        elif others := _others(values[endpoint.address], values):
            differing.append(f"{what} of {', '.join(others)}")
    if differing:
        verdict = Verdict.FAIL if service.nodes_alike else Verdict.WARN
        return Judgement(verdict, f"{endpoint.address} differs from the {'; from the '.join(differing)}")
    if unknown:
        return Judgement(Verdict.UNKNOWN, f"could not be compared with the other nodes: {', '.join(unknown)}")
    return Judgement(Verdict.PASS, f"as {fewest - 1} of the other {len(known) - 1} of its URL")


def _others(mine: Any, values: dict[str, Any]) -> list[str]:
    """The nodes that show what most show, if this one does not; all that differ from it, where no most are alike."""
    (most, times), *rest = Counter(values.values()).most_common()
    if rest and times == rest[0][1]:
        return [address for address, value in values.items() if value != mine]
    return [address for address, value in values.items() if value == most] if mine != most else []


def _known(one: Seen) -> dict[str, Any]:
    """What can be compared of a node: all that was asked was answered."""
    versions, shown, suites = map(one.observations.get, ("tls_versions", "certificate", "cipher_suites"))
    facts: dict[str, Any] = {}
    if isinstance(versions, TlsVersions) and "unknown" not in versions.versions.values():
        facts["versions"] = frozenset(versions.versions.items())
    if isinstance(shown, Certificate) and not shown.failures:
        facts["certificate"] = frozenset(chain.certificates[0].sha256 for chain in shown.chains)
    if isinstance(suites, CipherSuites) and not suites.reasons:
        facts["cipher suites"] = frozenset((version, frozenset(names)) for version, names in suites.suites.items())
    return facts
