"""Redis (OpenSSL): TLS alone, and plaintext beside it, with a password or without."""

from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS13_SUITES, TLS_1_2_UP, Configuration, Listener, Site, ecdhe_aead

PASSWORD = "correct horse"


def _prepare(tls: Listener, *options: str) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(tls.certificates[0])
        plaintext = str(site.ports.get("redis", 0))
        return [
            *("redis-server", "--bind", site.address, "--port", plaintext, "--tls-port", str(site.ports["rediss"])),
            *("--tls-cert-file", str(issued.served), "--tls-key-file", str(issued.key)),
            *("--tls-ca-cert-file", str(site.pki.root), "--tls-auth-clients", "no"),
            *("--tls-protocols", " ".join(sorted(one.replace("v1.0", "v1") for one in tls.versions))),
            *("--dir", str(site.folder), "--save", "", *options),
        ]

    return prepare


def _configuration(name: str, truth: dict[str, Listener], *options: str) -> Configuration:
    return Configuration(
        name=name,
        binary="redis-server",
        package="redis-server",
        tls="required",
        truth=truth,
        also={"redis-cli": "redis-tools"},
        prepare=_prepare(truth["rediss"], *options),
    )


IN_THE_CLEAR = Listener(credentials="accepted", fails=frozenset({"plaintext-port-open", "credentials-before-tls"}))
TLS = Listener(
    versions=TLS_1_2_UP,
    certificates=(CertificateSpec(),),
    suites={"TLSv1.2": ecdhe_aead("RSA"), "TLSv1.3": TLS13_SUITES},
)
MODERN = ("--tls-ciphers", "ECDHE+AESGCM:ECDHE+CHACHA20")
SOUND = _configuration("redis-sound", {"rediss": TLS}, *MODERN, "--requirepass", PASSWORD)
PASSWORD_IN_THE_CLEAR = _configuration(
    "redis-password-in-the-clear", {"redis": IN_THE_CLEAR, "rediss": TLS}, *MODERN, "--requirepass", PASSWORD
)
DEFECTIVE = _configuration(
    "redis-defective",
    {
        "redis": IN_THE_CLEAR,
        "rediss": Listener(
            versions=frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2"}),
            certificates=(CertificateSpec(validity="past"),),
            fails=frozenset({"tls-version-below-minimum", "certificate-expired"}),
            warns=frozenset({"cipher-suite-too-weak"}),
        ),
    },
    *("--tls-ciphers", "DEFAULT:@SECLEVEL=0", "--protected-mode", "no"),
)
CONFIGURATIONS = (SOUND, PASSWORD_IN_THE_CLEAR, DEFECTIVE)
