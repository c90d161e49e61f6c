"""NSS (`selfserv`): SSLv3, single DES, NULL, and TLS 1.3 beside TLS 1.2 with two key types.

selfserv listens on every address; it has no option to name one.
"""

import subprocess
from collections.abc import Callable

from tests.servers.certificates import SERVER_NAME, CertificateSpec
from tests.servers.harness import TLS_1_2_UP, Configuration, Listener, Site, require_binary

RSA = CertificateSpec(key_encipherment=True)
ECDSA = CertificateSpec(key_type="ecdsa", names=("imap.example.test", SERVER_NAME))
"""Of another subject: NSS knows certificates of one subject by one nickname."""
OLD = frozenset({"SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2"})
OLD_SUITES = {
    ":0004": "TLS_RSA_WITH_RC4_128_MD5",
    ":0005": "TLS_RSA_WITH_RC4_128_SHA",
    ":000A": "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    ":0009": "TLS_RSA_WITH_DES_CBC_SHA",
    ":0002": "TLS_RSA_WITH_NULL_SHA",
    ":002F": "TLS_RSA_WITH_AES_128_CBC_SHA",
}
MODERN_SUITES = {
    ":C02B": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    ":C02F": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ":CCA8": "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
}
SUITES_1_3 = {":1301": "TLS_AES_128_GCM_SHA256", ":1303": "TLS_CHACHA20_POLY1305_SHA256"}


def _configuration(name: str, listener: Listener, *options: str) -> Configuration:
    return Configuration(
        name=f"nss-{name}",
        binary="selfserv",
        package="libnss3-tools",
        tls="required",
        truth={"tls": listener},
        prepare=_prepare(listener, options),
        also={"certutil": "libnss3-tools", "pk12util": "libnss3-tools", "openssl": "openssl"},
    )


def _prepare(listener: Listener, options: tuple[str, ...]) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        database = f"sql:{site.folder}"
        _run(site, "certutil", "-N", "-d", database, "--empty-password")
        command = ["selfserv", "-d", database, "-p", str(site.ports["tls"]), *options]
        for spec in listener.certificates:
            issued = site.pki.issue(spec)
            bundle = str(site.folder / f"{spec.key_type}.p12")
            _run(
                site, "openssl", "pkcs12", "-export", "-in", str(issued.served), "-inkey", str(issued.key),
                "-name", spec.key_type, "-passout", "pass:", "-out", bundle,
            )  # fmt: skip
            _run(site, "pk12util", "-i", bundle, "-d", database, "-W", "")
            command += ["-n" if spec.key_type == "rsa" else "-e", spec.key_type]
        return command

    return prepare


def _run(site: Site, program: str, *arguments: str) -> None:
    subprocess.run(
        [require_binary(program), *arguments],
        cwd=site.folder, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=20,
    )  # fmt: skip


CONFIGURATIONS = (
    _configuration(
        "ssl3",
        Listener(
            versions=OLD,
            certificates=(RSA,),
            suites=dict.fromkeys(OLD, tuple(OLD_SUITES.values())),
            groups={"TLSv1.2": ()},
        ),
        *("-V", "ssl3:tls1.2", "-c", "".join(OLD_SUITES)),
    ),
    _configuration(
        "modern",
        Listener(
            versions=TLS_1_2_UP,
            certificates=(RSA, ECDSA),
            suites={"TLSv1.2": tuple(MODERN_SUITES.values()), "TLSv1.3": tuple(SUITES_1_3.values())},
            groups={"TLSv1.2": ("secp256r1", "x25519"), "TLSv1.3": ("secp256r1", "x25519", "ffdhe2048")},
        ),
        *("-V", "tls1.2:tls1.3", "-I", "P256,x25519,FF2048", "-c", "".join((*MODERN_SUITES, *SUITES_1_3))),
    ),
    _configuration("ssl3-only", Listener(versions=frozenset({"SSLv3"}), certificates=(RSA,)), "-V", "ssl3:ssl3"),
)
