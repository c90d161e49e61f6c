"""OpenSSL 3.0 (`openssl s_server`): every version it still has, the named finite-field groups, many curves."""

from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS_1_2_UP, Configuration, Listener, Site

RSA, ECDSA = CertificateSpec(), CertificateSpec(key_type="ecdsa")
ALL = frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"})
CURVES = ("x448", "secp384r1", "brainpoolP256r1")


def _configuration(name: str, listener: Listener, *options: str) -> Configuration:
    return Configuration(
        name=f"openssl30-{name}",
        binary="openssl",
        package="openssl",
        tls="required",
        truth={"tls": listener},
        prepare=_prepare(listener, options),
    )


def _prepare(listener: Listener, options: tuple[str, ...]) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        command = ["openssl", "s_server", "-accept", f"{site.address}:{site.ports['tls']}", "-quiet", "-www", *options]
        # the second certificate has options of its own
        for prefix, spec in zip(("-", "-d"), listener.certificates, strict=False):
            issued = site.pki.issue(spec)
            command += [f"{prefix}cert", str(issued.served), f"{prefix}key", str(issued.key)]
            chain = site.folder / f"{spec.key_type}-chain.pem"
            chain.write_text("-----BEGIN" + issued.served.read_text().rpartition("-----BEGIN")[2])
            command += [f"{prefix}cert_chain", str(chain)]
        return command

    return prepare


CONFIGURATIONS = (
    _configuration(
        "everything",
        Listener(versions=ALL, certificates=(RSA, ECDSA), preference=dict.fromkeys(ALL, "client")),
        *("-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", "-ciphersuites"),
        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256",
    ),
    _configuration(
        "server-order",
        Listener(
            versions=TLS_1_2_UP,
            certificates=(RSA,),
            suites={
                "TLSv1.2": (
                    *("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256"),
                    *("TLS_RSA_WITH_AES_256_CCM_8", "TLS_ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384"),
                ),
                "TLSv1.3": ("TLS_AES_128_CCM_SHA256", "TLS_AES_128_GCM_SHA256"),
            },
            groups={"TLSv1.2": CURVES, "TLSv1.3": ("x448", "secp384r1", "ffdhe3072")},
            preference=dict.fromkeys(TLS_1_2_UP, "server"),
            dh_bits=2048,
        ),
        *("-no_tls1", "-no_tls1_1", "-serverpref", "-groups", ":".join((*CURVES, "ffdhe3072"))),
        *("-ciphersuites", "TLS_AES_128_CCM_SHA256:TLS_AES_128_GCM_SHA256"),
        "-cipher",
        "DHE-RSA-AES128-GCM-SHA256:ECDHE-ARIA128-GCM-SHA256:AES256-CCM8:ECDHE-RSA-CAMELLIA256-SHA384:@SECLEVEL=0",
    ),
    _configuration(
        "tls10-only",
        Listener(
            versions=frozenset({"TLSv1.0"}),
            certificates=(RSA,),
            suites={"TLSv1.0": ("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_NULL_SHA")},
            preference={"TLSv1.0": "server"},
        ),
        *("-tls1", "-serverpref", "-cipher", "AES128-SHA:NULL-SHA:@SECLEVEL=0"),
    ),
)
