"""xrdp (OpenSSL): Remote Desktop over TLS alone, and with standard RDP security beside it."""

from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS13_SUITES, TLS_1_2_UP, Configuration, Listener, Site, ecdhe_aead


def _prepare(listener: Listener, security_layer: str, ciphers: str) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(listener.certificates[0])
        configuration = site.folder / "xrdp.ini"
        configuration.write_text(
            f"""
[Globals]
ini_version=1
fork=true
port=tcp://{site.address}:{site.ports["rdp"]}
security_layer={security_layer}
certificate={issued.served}
key_file={issued.key}
ssl_protocols={", ".join(sorted(one.replace("v1.0", "v1") for one in listener.versions))}
tls_ciphers={ciphers}
[Logging]
LogFile={site.folder}/xrdp.log
LogLevel=INFO
EnableSyslog=false
[Channels]
[Xorg]
name=Xorg
lib=libxup.so
username=ask
password=ask
ip=127.0.0.1
port=-1
code=20
"""
        )
        return ["xrdp", "--nodaemon", "--config", str(configuration)]

    return prepare


def _configuration(name: str, listener: Listener, security_layer: str, ciphers: str) -> Configuration:
    return Configuration(
        name=name,
        binary="xrdp",
        package="xrdp",
        tls="starttls-enforced",
        truth={"rdp": listener},
        also={"xfreerdp": "freerdp2-x11", "Xvfb": "xvfb"},
        prepare=_prepare(listener, security_layer, ciphers),
        needs_root=True,  # the key of standard RDP security is not everybody's to read
    )


SOUND = _configuration(
    "xrdp-sound",
    Listener(
        versions=TLS_1_2_UP,
        certificates=(CertificateSpec(),),
        starttls=True,
        credentials="refused",
        suites={"TLSv1.2": ecdhe_aead("RSA"), "TLSv1.3": TLS13_SUITES},
    ),
    "tls",
    "ECDHE+AESGCM:ECDHE+CHACHA20",
)
DEFECTIVE = _configuration(
    "xrdp-defective",
    Listener(
        versions=frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2"}),
        certificates=(CertificateSpec(self_signed=True),),
        starttls=True,
        credentials="accepted",
        fails=frozenset({"tls-version-below-minimum", "chain-not-trusted", "credentials-before-tls"}),
        warns=frozenset({"cipher-suite-too-weak"}),
    ),
    "negotiate",
    "DEFAULT:@SECLEVEL=0",
)
CONFIGURATIONS = (SOUND, DEFECTIVE)
