"""Some of the services that are secured together have TLS, and others have none.

They pass the same data or the same credentials between them, so that the one without TLS undoes what the others
protect; and clients that are told of one setting for all of them fail on the odd one.

How to fix:
- switch TLS on for all of them: in the mobile broker File Transfer Service, Socket Service and push together
- with TLS in front of them (HAProxy, nginx `stream`, stunnel): close the plaintext ports behind it
- independent of each other after all: remove `all_or_none_tls` from the inventory

Source: site: `all_or_none_tls` of the inventory
"""

from scanner.declared import Service
from scanner.model import Endpoint, Judgement, ReachTls, Severity, Verdict
from scanner.observations.cleartext import Cleartext
from scanner.observations.tls_versions import TlsVersions
from scanner.peers import Peers, Seen

SEVERITY = Severity.HIGH


def judge(
    endpoint: Endpoint, service: Service, peers: Peers, versions: TlsVersions | None, said: Cleartext | None
) -> Judgement:
    """TLS is on where any version was accepted, and off where a listener was understood that has none."""
    if not service.all_or_none_tls:
        return Judgement(Verdict.NOT_APPLICABLE, "no service is declared to be secured together with it")
    states = [(f"{endpoint.url} of {service.id}", _is_on(endpoint, versions, said))]
    for name in service.all_or_none_tls:
        others = [(f"{one.endpoint.url} of {name}", _of(one)) for one in peers.services.get(name, ())]
        states += others or [(name, None)]
    on, off, unknown = ([where for where, state in states if state is which] for which in (True, False, None))
    if on and off:
        return Judgement(Verdict.FAIL, f"TLS on {', '.join(on)}, none on {', '.join(off)}")
    if unknown:
        return Judgement(Verdict.UNKNOWN, f"not known whether there is TLS on {', '.join(unknown)}")
    return Judgement(Verdict.PASS, f"TLS on all of {len(on)}" if on else f"TLS on none of {len(off)}")


def _of(other: Seen) -> bool | None:
    versions, said = other.observations.get("tls_versions"), other.observations.get("cleartext")
    return _is_on(
        other.endpoint,
        versions if isinstance(versions, TlsVersions) else None,
        said if isinstance(said, Cleartext) else None,
    )


def _is_on(endpoint: Endpoint, versions: TlsVersions | None, said: Cleartext | None) -> bool | None:
    if versions is not None and "accepted" in versions.versions.values():
        return True
    if said is None or said.speaks in {"tls", "unknown"}:
        return None
    # of what reaches TLS by an upgrade, only that it is not offered says that there is none
    return False if endpoint.reach_tls is not ReachTls.UPGRADE or said.tls_offered is False else None
