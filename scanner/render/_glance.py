"""An endpoint in one line."""

from typing import Any

from scanner.observations.certificate import Certificate
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.groups import Groups
from scanner.observations.ssh import Ssh
from scanner.observations.tls_versions import TlsVersions
from scanner.render._suites import weak
from scanner.render._text import count
from scanner.report import EndpointResult


def post_quantum(group: str) -> bool:
    """Whether a group has a post-quantum part, by its name: ML-KEM, or the draft that browsers shipped before."""
    return "mlkem" in group.lower() or "kyber" in group.lower()


def glance(endpoint: EndpointResult[Any]) -> list[str]:
    """`["TLSv1.2, TLSv1.3", "9 suites, none weak", "X25519MLKEM768", "ecdsa 256"]`; nothing where no TLS or SSH is."""
    seen = {one.observation.__class__: one.observation for one in endpoint.attempts.values() if one.status == "ok"}
    versions, suites = seen.get(TlsVersions), seen.get(CipherSuites)
    groups, certificate = seen.get(Groups), seen.get(Certificate)
    if isinstance(ssh := seen.get(Ssh), Ssh):
        return [f"SSH {ssh.version}", ", ".join(f"{key.type} {key.bits}" for key in ssh.host_keys) or "no host key"]
    accepted = [version for version, answer in versions.versions.items() if answer == "accepted"] if versions else []
    if not accepted:
        return []
    said = [", ".join(accepted)]
    if suites and not suites.reasons and set(suites.asked.values()) == {"all"}:
        names = {name for listed in suites.suites.values() for name in listed}
        number = sum(bool(weak(name)[0]) for name in names)
        said.append(f"{count(len(names), 'suite')}, {number or 'none'} weak")
    if groups:
        said += [group for group in groups.groups.get("TLSv1.3", ()) if post_quantum(group)][:1]
        said += [f"DH {groups.dh_bits}"] if groups.dh_bits else []
    if certificate:
        said.append(", ".join(f"{one.key_type} {one.certificates[0].key.bits}" for one in certificate.chains))
    return said
