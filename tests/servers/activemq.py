"""ActiveMQ in memory (JSSE): TLS alone and a login, or OpenWire in plaintext, where anybody may connect."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import Configuration, Listener, Site
from tests.servers.java import COST, SECURED, secured_by

LIBRARIES = "/usr/share/activemq/lib/"
SOURCE = str(Path(__file__).with_name("ActiveMq.java"))
USER, PASSWORD = "reader", "correct-horse"
COMMAND = ("java", *COST, "-cp", f"{LIBRARIES}*")


def _prepare(truth: dict[str, Listener], login: tuple[str, ...]) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        specs = [spec for one in truth.values() for spec in one.certificates]
        uris = [
            f"ssl://{site.address}:{port}" if scheme == "openwires" else f"tcp://{site.address}:{port}"
            for scheme, port in site.ports.items()
        ]
        options = [f"-D{name}={value}" for name, value in secured_by(site, specs[0]).items()]
        return [*COMMAND, *options, SOURCE, "serve", *login, *uris]

    return prepare


def _configuration(name: str, truth: dict[str, Listener], *login: str) -> Configuration:
    return Configuration(
        name=f"activemq-{name}",
        binary="java",
        package="default-jdk-headless",
        also={f"{LIBRARIES}activemq-broker.jar": "activemq"},
        tls="required",
        truth=truth,
        prepare=_prepare(truth, login),
    )


TLS = replace(SECURED, warns=frozenset())
SOUND = _configuration("sound", {"openwires": TLS}, USER, PASSWORD)
DEFECTIVE = _configuration(
    "defective",
    {
        "openwire": Listener(
            credentials="accepted", fails=frozenset({"plaintext-port-open", "credentials-before-tls"})
        ),
        "openwires": replace(
            TLS, certificates=(CertificateSpec(names=("other.example.test",)),), fails=frozenset({"name-not-covered"})
        ),
    },
)
LOGIN = _configuration("login", {"openwire": DEFECTIVE.truth["openwire"], "openwires": TLS}, USER, PASSWORD)
CONFIGURATIONS = (SOUND, DEFECTIVE, LOGIN)
