"""The JDK's RMI registry and JMX agent, both in one Java: over TLS, in the clear, and each with one half of TLS.

An agent with `ssl=true` but without `registry.ssl=true` is the usual slip: its connector speaks TLS, its registry does
not. With `authenticate=false` anybody may do anything.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12
from cryptography.x509 import load_pem_x509_certificates

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import (
    CURVES,
    TLS13_SUITES,
    TLS_1_2_UP,
    Configuration,
    Listener,
    Site,
    ecdhe_aead,
    free_ports,
)

SOURCE = str(Path(__file__).with_name("Rmi.java"))
NAMES = ("OXContext_V2", "OXUser_V2")
"""That the registry is given, as in OX App Suite."""
CLAIMED = "provisioning.example.com"
"""The host that the stubs name."""
USER, PASSWORD = "monitor", "correct-horse"
COST = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx128m")
RSA = CertificateSpec()
SUITES = ecdhe_aead("RSA")
SECURED = Listener(
    versions=TLS_1_2_UP,
    certificates=(RSA,),
    suites={"TLSv1.2": SUITES, "TLSv1.3": TLS13_SUITES},
    groups={"TLSv1.2": CURVES, "TLSv1.3": CURVES},
    warns=frozenset({"rmi-names-listed"}),
)


def _plain(*fails: str) -> Listener:
    return Listener(fails=frozenset({"plaintext-port-open", "rmi-tls-incomplete", *fails}), warns=SECURED.warns)


def secured_by(site: Site, spec: CertificateSpec) -> dict[str, object]:
    """System properties: the certificate, the suites and the groups of `SECURED`, for all of a process."""
    issued, path = site.pki.issue(spec), site.folder / "keys.p12"
    first, *others = load_pem_x509_certificates(issued.served.read_bytes())
    key = load_pem_private_key(issued.key.read_bytes(), None)
    assert isinstance(key, pkcs12.PKCS12PrivateKeyTypes)
    secret = BestAvailableEncryption(b"changeit")
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"server", key, first, others, secret))
    return {
        "javax.net.ssl.keyStore": path,
        "javax.net.ssl.keyStorePassword": "changeit",
        "jdk.tls.server.cipherSuites": ",".join(sorted(TLS13_SUITES | SUITES)),
        "jdk.tls.namedGroups": ",".join(sorted(CURVES)),
    }


def _prepare(*, registry: str, objects: str, agent: dict[str, str]) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        password, access = site.folder / "jmx.password", site.folder / "jmx.access"
        password.write_text(f"{USER} {PASSWORD}\n")
        password.chmod(0o600)
        access.write_text(f"{USER} readonly\n")
        rmi, jmx = site.ports.values()
        connector, bound = free_ports(site.address, 2)
        options = secured_by(site, RSA) | {"java.rmi.server.hostname": CLAIMED}
        options |= {
            f"com.sun.management.jmxremote.{name}": value
            for name, value in {
                "port": jmx,
                "rmi.port": connector,
                "host": site.address,
                "password.file": password,
                "access.file": access,
                **agent,
            }.items()
        }
        command = ["java", *COST, *(f"-D{name}={value}" for name, value in options.items())]
        return [*command, SOURCE, "serve", site.address, str(rmi), registry, str(bound), objects, *NAMES]

    return prepare


def _configuration(
    name: str, truth: dict[str, Listener], *, registry: str, objects: str, agent: dict[str, str]
) -> Configuration:
    return Configuration(
        name=f"java-{name}",
        binary="java",
        package="default-jdk-headless",
        tls="required",
        truth=truth,
        prepare=_prepare(registry=registry, objects=objects, agent=agent),
    )


SOUND = _configuration(
    "sound",
    {"rmis": SECURED, "jmxs": SECURED},
    registry="tls",
    objects="tls",
    agent={"ssl": "true", "registry.ssl": "true", "authenticate": "true"},
)
DEFECTIVE = _configuration(
    "defective",
    {"rmi": _plain(), "jmx": _plain("jmx-without-authentication")},
    registry="plain",
    objects="plain",
    agent={"ssl": "false", "authenticate": "false"},
)
HALF = _configuration(
    "half",
    {"rmis": replace(SECURED, fails=frozenset({"rmi-tls-incomplete"})), "jmx": _plain()},
    registry="tls",
    objects="plain",
    agent={"ssl": "true", "authenticate": "true"},
)
CONFIGURATIONS = (SOUND, DEFECTIVE, HALF)
OBJECTS = {
    SOUND.name: {"rmis": "tls", "jmxs": "tls"},
    DEFECTIVE.name: {"rmi": "plaintext", "jmx": "plaintext"},
    HALF.name: {"rmis": "plaintext", "jmx": "tls"},
}
"""How what the registries name is reached."""
