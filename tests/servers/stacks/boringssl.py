"""BoringSSL (gRPC's server): TLS 1.2 and 1.3. GRPC_SSL_CIPHER_SUITES names the suites of TLS 1.2."""

from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS_1_2_UP, Configuration, Listener, Site
from tests.servers.stacks.installed import HERE, PYTHON

RSA, ECDSA = CertificateSpec(), CertificateSpec(key_type="ecdsa")
SUITES_1_3 = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")


def _configuration(name: str, listener: Listener, ciphers: str) -> Configuration:
    return Configuration(
        name=f"boringssl-{name}",
        binary="env",
        package="coreutils",
        also={str(PYTHON): "PyPI grpcio"},
        tls="required",
        truth={"tls": listener},
        prepare=_prepare(listener, ciphers),
    )


def _prepare(listener: Listener, ciphers: str) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(listener.certificates[0])
        return [
            *("env", f"GRPC_SSL_CIPHER_SUITES={ciphers}", str(PYTHON), "-P", str(HERE / "grpc_server.py")),
            *(site.address, str(site.ports["tls"]), str(issued.served), str(issued.key)),
        ]

    return prepare


CONFIGURATIONS = (
    _configuration(
        "rsa",
        Listener(
            versions=TLS_1_2_UP,
            certificates=(RSA,),
            suites={
                "TLSv1.2": (
                    *("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_CBC_SHA"),
                    *("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
                ),
                "TLSv1.3": SUITES_1_3,
            },
        ),
        "ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA:ECDHE-RSA-CHACHA20-POLY1305:AES256-GCM-SHA384",
    ),
    _configuration(
        "ecdsa",
        Listener(
            versions=TLS_1_2_UP,
            certificates=(ECDSA,),
            suites={"TLSv1.2": ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",), "TLSv1.3": SUITES_1_3},
        ),
        "ECDHE-ECDSA-AES128-GCM-SHA256",
    ),
)
