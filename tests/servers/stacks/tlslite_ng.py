"""tlslite-ng: SSLv3 to TLS 1.2 with RC4 and NULL, anonymous suites, TLS 1.3 with Brainpool's own code points."""

import json
from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS_1_2_UP, Configuration, Listener, Site
from tests.servers.stacks.installed import HERE, PYTHON

RSA, ECDSA = CertificateSpec(), CertificateSpec(key_type="ecdsa")
OLD = frozenset({"SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2"})
OLD_SUITES = (
    *("TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_RC4_128_MD5", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
    *("TLS_RSA_WITH_NULL_SHA", "TLS_RSA_WITH_NULL_MD5"),
)


def _configuration(name: str, listener: Listener, **settings: object) -> Configuration:
    return Configuration(
        name=f"tlslite-{name}",
        binary=str(PYTHON),
        package="PyPI tlslite-ng",
        tls="required",
        truth={"tls": listener},
        prepare=_prepare(listener, settings),
    )


def _prepare(listener: Listener, settings: dict[str, object]) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = [site.pki.issue(spec) for spec in listener.certificates]
        written = site.folder / "options.json"
        options = {
            "address": site.address,
            "port": site.ports["tls"],
            "cert": [str(one.served) for one in issued],
            "key": [str(one.key) for one in issued],
            "settings": settings,
        }
        written.write_text(json.dumps(options))
        return ["python", "-P", str(HERE / "tlslite_server.py"), str(written)]

    return prepare


CONFIGURATIONS = (
    _configuration(
        "ssl3",
        Listener(
            versions=OLD,
            certificates=(RSA,),
            suites={
                **dict.fromkeys(OLD, OLD_SUITES),
                "TLSv1.2": (*OLD_SUITES, "TLS_RSA_WITH_NULL_SHA256"),
            },
            groups={"TLSv1.2": ()},
        ),
        minVersion=(3, 0),
        maxVersion=(3, 3),
        cipherNames=["rc4", "3des", "null"],
        macNames=["sha", "md5", "sha256"],
        keyExchangeNames=["rsa"],
    ),
    _configuration(
        "anonymous",
        Listener(
            versions=frozenset({"TLSv1.2"}),
            suites={
                "TLSv1.2": (
                    "TLS_DH_anon_WITH_AES_128_GCM_SHA256",
                    "TLS_DH_anon_WITH_AES_128_CBC_SHA",
                    "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
                )
            },
            groups={"TLSv1.2": ("secp256r1", "secp384r1")},
        ),
        minVersion=(3, 3),
        maxVersion=(3, 3),
        cipherNames=["aes128gcm", "aes128"],
        macNames=["sha", "aead"],
        keyExchangeNames=["dh_anon", "ecdh_anon"],
        eccCurves=["secp256r1", "secp384r1"],
        dhGroups=["ffdhe2048"],
        keyShares=["secp256r1"],
    ),
    _configuration(
        "tls13",
        Listener(
            versions=TLS_1_2_UP,
            certificates=(ECDSA,),
            groups={"TLSv1.3": ("x448", "secp256r1", "ffdhe2048", "brainpoolP256r1tls13")},
        ),
        minVersion=(3, 3),
        maxVersion=(3, 4),
        cipherNames=["aes128gcm", "chacha20-poly1305", "aes128ccm_8"],
        eccCurves=["x448", "secp256r1", "brainpoolP256r1tls13"],
        dhGroups=["ffdhe2048"],
        keyShares=["secp256r1"],
    ),
)
