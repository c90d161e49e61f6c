"""JSSE (the JDK): SSLv3 with RC4, NULL and anonymous suites; TLS 1.2 and 1.3; and the trap of "SSLv2Hello".

With SSLv2Hello among its protocols JSSE takes an SSLv3 or TLS hello in SSLv2's clothes (RFC 5246 appendix E.2). It
never speaks SSLv2: a real SSLv2 hello gets an error record of SSLv2.
"""

from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS_1_2_UP, Configuration, Listener, Site
from tests.servers.stacks.installed import HERE

RSA, ECDSA = CertificateSpec(), CertificateSpec(key_type="ecdsa")
OLD = frozenset({"SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2"})
FEW = {
    "SSL_RSA_WITH_RC4_128_MD5": "TLS_RSA_WITH_RC4_128_MD5",
    "TLS_RSA_WITH_AES_128_CBC_SHA": "TLS_RSA_WITH_AES_128_CBC_SHA",
    "SSL_RSA_WITH_3DES_EDE_CBC_SHA": "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
}
"""JSSE's name → IANA's."""
MODERN = {
    "TLSv1.2": (
        *("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    ),
    "TLSv1.3": ("TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"),
}
COST = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx128m")


def _configuration(
    name: str, listener: Listener, *, protocols: str, suites: str = "*", properties: tuple[str, ...] = ()
) -> Configuration:
    return Configuration(
        name=f"jsse-{name}",
        binary="java",
        package="default-jdk-headless",
        tls="required",
        truth={"tls": listener},
        prepare=_prepare(listener, protocols, suites, properties),
    )


def _prepare(
    listener: Listener, protocols: str, suites: str, properties: tuple[str, ...]
) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        security = site.folder / "java.security"
        nothing = ("jdk.tls.disabledAlgorithms", "jdk.certpath.disabledAlgorithms", "jdk.tls.legacyAlgorithms")
        security.write_text("".join(f"{one}=\n" for one in nothing))
        command = ["java", *COST, f"-Djava.security.properties={security}", *properties, str(HERE / "JsseServer.java")]
        command += [site.address, str(site.ports["tls"]), protocols, suites]
        for spec in listener.certificates:
            issued = site.pki.issue(spec)
            command += [str(issued.served), str(issued.key)]
        return command

    return prepare


CONFIGURATIONS = (
    _configuration(
        "everything-old",
        Listener(versions=OLD, certificates=(RSA,)),
        protocols="SSLv3,TLSv1,TLSv1.1,TLSv1.2",
        properties=("-Djdk.tls.namedGroups=secp256r1,secp384r1,ffdhe2048", "-Djdk.tls.ephemeralDHKeySize=1024"),
    ),
    _configuration(
        "ssl2-hello",
        Listener(
            versions=frozenset({"SSLv3", "TLSv1.0"}),
            certificates=(RSA,),
            suites=dict.fromkeys(("SSLv3", "TLSv1.0"), tuple(FEW.values())),
        ),
        protocols="SSLv2Hello,SSLv3,TLSv1",
        suites=",".join(FEW),
    ),
    _configuration(
        "modern",
        Listener(
            versions=TLS_1_2_UP,
            certificates=(RSA, ECDSA),
            suites=MODERN,
            groups={"TLSv1.2": ("secp384r1", "secp256r1"), "TLSv1.3": ("secp384r1", "secp256r1", "ffdhe3072")},
        ),
        protocols="TLSv1.2,TLSv1.3",
        suites=",".join((*MODERN["TLSv1.3"], *MODERN["TLSv1.2"])),
        properties=("-Djdk.tls.namedGroups=secp384r1,secp256r1,ffdhe3072",),
    ),
)
