"""rustls (granian): what it has is what it does; TLS 1.2 with 1.3, and TLS 1.3 alone."""

from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS_1_2_UP, Configuration, Listener, Site
from tests.servers.stacks.installed import PYTHON

RSA, ECDSA = CertificateSpec(), CertificateSpec(key_type="ecdsa")
SUITES_1_3 = ("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256")
RSA_SUITES = tuple(
    f"TLS_ECDHE_RSA_WITH_{cipher}"
    for cipher in ("AES_256_GCM_SHA384", "AES_128_GCM_SHA256", "CHACHA20_POLY1305_SHA256")
)
APPLICATION = """
def application(environment, start_response):
    start_response("200 OK", [])
    return [b"hello"]
"""


def _configuration(name: str, listener: Listener) -> Configuration:
    return Configuration(
        name=f"rustls-{name}",
        binary=str(PYTHON.with_name("granian")),
        package="PyPI granian",
        tls="required",
        truth={"tls": listener},
        prepare=_prepare(listener),
    )


def _prepare(listener: Listener) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        (site.folder / "served.py").write_text(APPLICATION)
        issued = site.pki.issue(listener.certificates[0])
        return [
            *("granian", "--interface", "wsgi", "--no-ws", "--host", site.address, "--port", str(site.ports["tls"])),
            *("--ssl-certificate", str(issued.served), "--ssl-keyfile", str(issued.key)),
            *("--ssl-protocol-min", min(listener.versions).replace("TLSv", "tls"), "served:application"),
        ]

    return prepare


CONFIGURATIONS = (
    _configuration(
        "tls12-up",
        Listener(
            versions=TLS_1_2_UP,
            certificates=(RSA,),
            suites={"TLSv1.2": RSA_SUITES, "TLSv1.3": SUITES_1_3},
        ),
    ),
    _configuration(
        "tls13-only",
        Listener(versions=frozenset({"TLSv1.3"}), certificates=(ECDSA,), suites={"TLSv1.3": SUITES_1_3}),
    ),
)
