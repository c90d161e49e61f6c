"""mbedTLS 2.28 (lighttpd): TLS 1.0 to 1.2, and one suite alone."""

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import Listener
from tests.servers.stacks.lighttpd import configuration

RSA, ECDSA = CertificateSpec(key_encipherment=True), CertificateSpec(key_type="ecdsa")
OLD = frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2"})

CONFIGURATIONS = (
    configuration(
        "mbedtls",
        "old",
        Listener(versions=OLD, certificates=(RSA,)),
        {"MinProtocol": "TLSv1.0", "CipherString": "HIGH:AES:CAMELLIA:ARIA:3DES:CHACHA20:eNULL"},
    ),
    configuration(
        "mbedtls",
        "one-suite",
        Listener(
            versions=frozenset({"TLSv1.2"}),
            certificates=(ECDSA,),
            suites={"TLSv1.2": ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",)},
            groups={"TLSv1.2": ("secp384r1", "secp256r1")},
        ),
        {
            "MinProtocol": "TLSv1.2",
            "CipherString": "TLS-ECDHE-ECDSA-WITH-AES-256-GCM-SHA384",
            "Groups": "secp384r1:secp256r1",
        },
    ),
)
