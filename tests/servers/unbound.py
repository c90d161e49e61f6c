"""Unbound (OpenSSL): DNS over TLS, never older than TLS 1.2."""

from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS13_SUITES, TLS_1_2_UP, Configuration, Listener, Site, ecdhe_aead


def _prepare(certificate: CertificateSpec, ciphers: str) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(certificate)
        port = site.ports["dns-over-tls"]
        configuration = site.folder / "unbound.conf"
        configuration.write_text(
            f"""
server:
  interface: {site.address}@{port}
  tls-port: {port}
  tls-service-pem: "{issued.served}"
  tls-service-key: "{issued.key}"
  tls-ciphers: "{ciphers}"
  directory: "{site.folder}"
  pidfile: "{site.folder}/pid"
  chroot: ""
  username: ""
  do-daemonize: no
  use-syslog: no
  local-zone: "." static
remote-control:
  control-enable: no
"""
        )
        return ["unbound", "-d", "-c", str(configuration)]

    return prepare


def _configuration(name: str, listener: Listener, ciphers: str) -> Configuration:
    return Configuration(
        name=name,
        binary="unbound",
        package="unbound",
        tls="required",
        truth={"dns-over-tls": listener},
        also={"kdig": "knot-dnsutils"},
        prepare=_prepare(listener.certificates[0], ciphers),
    )


SOUND = _configuration(
    "unbound-sound",
    Listener(
        versions=TLS_1_2_UP,
        certificates=(CertificateSpec(),),
        suites={"TLSv1.2": ecdhe_aead("RSA"), "TLSv1.3": TLS13_SUITES},
    ),
    "ECDHE+AESGCM:ECDHE+CHACHA20",
)
DEFECTIVE = _configuration(
    "unbound-defective",
    Listener(
        versions=TLS_1_2_UP,
        certificates=(CertificateSpec(validity="past"),),
        fails=frozenset({"certificate-expired"}),
        warns=frozenset({"cipher-suite-too-weak"}),
    ),
    "DEFAULT",
)
CONFIGURATIONS = (SOUND, DEFECTIVE)
