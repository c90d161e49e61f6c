"""GnuTLS (`gnutls-serv`): RC4 and anonymous suites, finite-field groups in TLS 1.3, its defaults.

gnutls-serv listens on every address; it has no option to name one.
"""

from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS_1_2_UP, Configuration, Listener, Site

RSA, ECDSA = CertificateSpec(key_encipherment=True), CertificateSpec(key_type="ecdsa")
OLD = frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2"})
CIPHERS = ("RC4_128_SHA", "3DES_EDE_CBC_SHA", "CAMELLIA_256_CBC_SHA", "AES_128_CBC_SHA")
OLD_SUITES = tuple(
    f"TLS_{exchange}_WITH_{cipher}"
    for exchange in ("RSA", "DH_anon", "ECDHE_RSA", "ECDH_anon", "DHE_RSA")
    for cipher in CIPHERS
    # never registered
    if ("EC" not in exchange or "CAMELLIA" not in cipher)
    and ("DH" not in exchange.replace("ECDH", "") or "RC4" not in cipher)
)


def _configuration(name: str, listener: Listener, priority: str) -> Configuration:
    return Configuration(
        name=f"gnutls-{name}",
        binary="gnutls-serv",
        package="gnutls-bin",
        tls="required",
        truth={"tls": listener},
        prepare=_prepare(listener, priority),
    )


def _prepare(listener: Listener, priority: str) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        command = ["gnutls-serv", "--quiet", "--disable-client-cert", "--http", "--port", str(site.ports["tls"])]
        for spec in listener.certificates:
            issued = site.pki.issue(spec)
            command += ["--x509certfile", str(issued.served), "--x509keyfile", str(issued.key)]
        return [*command, "--priority", priority]

    return prepare


CONFIGURATIONS = (
    _configuration(
        "old",
        Listener(
            versions=OLD,
            certificates=(RSA,),
            suites=dict.fromkeys(OLD, OLD_SUITES),
            groups={"TLSv1.2": ("x25519", "secp256r1")},
            preference=dict.fromkeys(OLD, "client"),
        ),
        "NONE:+VERS-TLS1.0:+VERS-TLS1.1:+VERS-TLS1.2:+ARCFOUR-128:+3DES-CBC:+CAMELLIA-256-CBC:+AES-128-CBC:+SHA1"
        ":+RSA:+ANON-DH:+ANON-ECDH:+ECDHE-RSA:+DHE-RSA:+SIGN-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-FFDHE2048"
        ":%VERIFY_ALLOW_BROKEN",
    ),
    _configuration(
        "normal",
        Listener(versions=TLS_1_2_UP, certificates=(RSA, ECDSA)),
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE",
    ),
    _configuration(
        "finite-fields",
        Listener(
            versions=frozenset({"TLSv1.3"}),
            certificates=(RSA,),
            suites={"TLSv1.3": ("TLS_AES_128_CCM_SHA256", "TLS_AES_256_GCM_SHA384")},
            groups={"TLSv1.3": ("ffdhe2048", "ffdhe4096", "secp521r1")},
            preference={"TLSv1.3": "server"},
        ),
        "NONE:+VERS-TLS1.3:+AES-128-CCM:+AES-256-GCM:+AEAD:+ECDHE-RSA:+DHE-RSA:+SIGN-ALL:+GROUP-FFDHE2048"
        ":+GROUP-FFDHE4096:+GROUP-SECP521R1:%SERVER_PRECEDENCE",
    ),
)
