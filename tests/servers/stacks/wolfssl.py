"""wolfSSL (lighttpd): TLS 1.2 and 1.3, and TLS 1.3 alone."""

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS_1_2_UP, Listener
from tests.servers.stacks.lighttpd import configuration

RSA, ECDSA = CertificateSpec(), CertificateSpec(key_type="ecdsa")

CONFIGURATIONS = (
    configuration(
        "wolfssl",
        "tls12-up",
        # after a handshake that failed it now and then closes the next connection as well
        Listener(versions=TLS_1_2_UP, certificates=(RSA,), undecided=frozenset({"SSLv2"})),
        {"MinProtocol": "TLSv1.2"},
    ),
    configuration(
        "wolfssl",
        "tls13-only",
        Listener(versions=frozenset({"TLSv1.3"}), certificates=(ECDSA,)),
        {"MinProtocol": "TLSv1.3"},
    ),
)
