"""Botan 2 (`botan tls_server`): TLS 1.2 as its policy says, one client after the other.

It listens on every address; it has no option to name one.
"""

from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import Configuration, Listener, Site

RSA = CertificateSpec(key_encipherment=True)


def _configuration(name: str, listener: Listener, policy: dict[str, str]) -> Configuration:
    return Configuration(
        name=f"botan-{name}",
        binary="botan",
        package="botan",
        tls="required",
        truth={"tls": listener},
        prepare=_prepare(listener, policy),
    )


def _prepare(listener: Listener, policy: dict[str, str]) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(listener.certificates[0])
        written = site.folder / "policy.txt"
        written.write_text("".join(f"{key} = {value}\n" for key, value in policy.items()))
        return [
            "botan",
            "tls_server",
            str(issued.served),
            str(issued.key),
            f"--port={site.ports['tls']}",
            f"--policy={written}",
        ]

    return prepare


CONFIGURATIONS = (
    _configuration(
        "tls12",
        Listener(versions=frozenset({"TLSv1.2"}), certificates=(RSA,)),
        {"allow_tls10": "false", "allow_tls11": "false", "allow_tls12": "true"},
    ),
)
