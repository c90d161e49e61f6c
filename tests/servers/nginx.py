"""nginx (OpenSSL): HTTPS with two key types, with TLS 1.3 alone, old versions, weak suites, a bad certificate; HTTP."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import (
    CURVES,
    TLS13_SUITES,
    TLS_1_2_UP,
    Configuration,
    Listener,
    Site,
    ecdhe_aead,
    require_binary,
)

STATIC_RSA = frozenset({"cipher-suite-too-weak"})
"""OpenSSL's default has suites with RSA key transport."""
BOTH = (CertificateSpec(key_type="rsa"), CertificateSpec(key_type="ecdsa"))


def _prepare(listeners: dict[str, Listener], ciphers: str) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        servers = "\n".join(_server(site, scheme, listener, ciphers) for scheme, listener in listeners.items())
        paths = "\n".join(
            f"{what}_temp_path {site.folder}/{what};" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        configuration = site.folder / "nginx.conf"
        configuration.write_text(
            f"daemon off;\nworker_processes 1;\npid {site.folder}/pid;\nerror_log stderr warn;\n"
            f"events {{ worker_connections 256; }}\nhttp {{\naccess_log off;\n{paths}\n{servers}\n}}\n"
        )
        return ["nginx", "-e", "stderr", "-p", str(site.folder), "-c", str(configuration)]

    return prepare


def _dh_parameters(site: Site, bits: int) -> Path:
    """A prime of this length, as quickly made as it is safe for nobody."""
    path = site.folder / f"dh{bits}.pem"
    command = [require_binary("openssl"), "dhparam", "-dsaparam", "-out", str(path), str(bits)]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    return path


def _server(site: Site, scheme: str, listener: Listener, ciphers: str) -> str:
    lines = [f"listen {site.address}:{site.ports[scheme]}{' ssl' if listener.versions else ''};"]
    if listener.versions:
        lines.append(f"ssl_protocols {' '.join(one.removesuffix('.0') for one in sorted(listener.versions))};")
        lines.append(f"ssl_ciphers {ciphers};")
    if listener.groups:
        lines.append("ssl_ecdh_curve X25519:prime256v1:secp384r1;")
    if listener.dh_bits:
        lines.append(f"ssl_dhparam {_dh_parameters(site, listener.dh_bits)};")
    for spec in listener.certificates:
        issued = site.pki.issue(spec)
        lines.append(f"ssl_certificate {issued.served};\nssl_certificate_key {issued.key};")
    if listener.redirects_to:
        lines.append(f"return 301 {listener.redirects_to}://$host:{site.ports[listener.redirects_to]}$request_uri;")
    else:
        lines.append('default_type text/plain;\nreturn 200 "hello\\n";')
    return "server {\n" + "\n".join(lines) + "\n}"


def _configuration(name: str, listeners: dict[str, Listener], ciphers: str = "DEFAULT") -> Configuration:
    return Configuration(
        name=name,
        binary="nginx",
        package="nginx-light",
        tls="required",
        truth=listeners,
        prepare=_prepare(listeners, ciphers),
    )


SOUND = _configuration(
    "nginx-sound",
    {
        "https": Listener(
            versions=TLS_1_2_UP,
            certificates=BOTH,
            suites={"TLSv1.2": ecdhe_aead("RSA", "ECDSA"), "TLSv1.3": TLS13_SUITES},
            groups={"TLSv1.2": CURVES, "TLSv1.3": CURVES},
        ),
        "http": Listener(redirects_to="https"),
    },
    ciphers="ECDHE+AESGCM:ECDHE+CHACHA20",
)
TLS13_ONLY = _configuration(
    "nginx-tls13-only",
    {
        "https": Listener(
            versions=frozenset({"TLSv1.3"}),
            certificates=BOTH,
            suites={"TLSv1.3": TLS13_SUITES},
            groups={"TLSv1.3": CURVES},
        )
    },
)
DEFECTIVE_VERSIONS = _configuration(
    "nginx-defective-versions",
    {
        "https": Listener(
            versions=frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2"}),
            certificates=(CertificateSpec(),),
            fails=frozenset({"tls-version-below-minimum"}),
            warns=STATIC_RSA,
        ),
        "http": Listener(fails=frozenset({"plaintext-without-redirect"})),
    },
    ciphers="DEFAULT:@SECLEVEL=0",  # OpenSSL 3 signs no TLS 1.0 or 1.1 handshake (SHA-1) at a higher level
)
DEFECTIVE_CERTIFICATE = _configuration(
    "nginx-defective-certificate",
    {
        "https": Listener(
            versions=TLS_1_2_UP,
            certificates=(CertificateSpec(validity="past", with_intermediate=False),),
            fails=frozenset({"certificate-expired", "chain-incomplete"}),
            warns=STATIC_RSA,
        )
    },
)
DEFECTIVE_SUITES = _configuration(
    "nginx-defective-suites",
    {
        "https": Listener(
            versions=frozenset({"TLSv1.2"}),
            certificates=(CertificateSpec(),),
            suites={
                "TLSv1.2": frozenset(
                    {
                        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                        "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
                        "TLS_RSA_WITH_NULL_SHA256",
                    }
                )
            },
            groups={"TLSv1.2": CURVES},
            dh_bits=1024,
            fails=frozenset({"cipher-suite-too-weak", "key-exchange-too-weak"}),
        )
    },
    ciphers="ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256:NULL-SHA256:@SECLEVEL=0",
)
PLAINTEXT = _configuration(
    "nginx-plaintext",
    {"http": Listener(fails=frozenset({"plaintext-port-open"}))},
)
CONFIGURATIONS = (SOUND, TLS13_ONLY, DEFECTIVE_VERSIONS, DEFECTIVE_CERTIFICATE, DEFECTIVE_SUITES, PLAINTEXT)
