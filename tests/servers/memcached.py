"""memcached (OpenSSL): TLS, plaintext beside it, and plaintext with a file of passwords."""

import os
import pwd
from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS13_SUITES, TLS_1_2_UP, Configuration, Listener, Site, ecdhe_aead

USER, PASSWORD = "reader", "correct"


def _prepare(truth: dict[str, Listener], *, passwords: bool) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        command = ["memcached", "-u", pwd.getpwuid(os.geteuid()).pw_name, "-m", "8"]
        if passwords:
            (site.folder / "passwords").write_text(f"{USER}:{PASSWORD}\n")
            command += ["-Y", str(site.folder / "passwords")]
        if "tls" in truth:
            issued = site.pki.issue(truth["tls"].certificates[0])
            options = ("ssl_chain_cert", issued.served), ("ssl_key", issued.key), ("ssl_ciphers", "ECDHE+AESGCM")
            command += ["-Z", "-o", ",".join(f"{name}={value}" for name, value in options)]
        for scheme, port in site.ports.items():
            plain = "notls:" if scheme == "memcached" and "tls" in truth else ""
            command += ["-l", f"{plain}{site.address}:{port}"]
        return command

    return prepare


def _configuration(name: str, truth: dict[str, Listener], *, passwords: bool = False) -> Configuration:
    return Configuration(
        name=name,
        binary="memcached",
        package="memcached",
        tls="required",
        truth=truth,
        also={"memcping": "libmemcached-tools"},
        prepare=_prepare(truth, passwords=passwords),
    )


IN_THE_CLEAR = Listener(credentials="accepted", fails=frozenset({"plaintext-port-open", "credentials-before-tls"}))
TLS = Listener(
    versions=TLS_1_2_UP,
    certificates=(CertificateSpec(),),
    suites={"TLSv1.2": {one for one in ecdhe_aead("RSA") if "AES" in one}, "TLSv1.3": TLS13_SUITES},
)
SOUND = _configuration("memcached-sound", {"tls": TLS})
DEFECTIVE = _configuration("memcached-defective", {"memcached": IN_THE_CLEAR, "tls": TLS})
PASSWORD_IN_THE_CLEAR = _configuration("memcached-password-in-the-clear", {"memcached": IN_THE_CLEAR}, passwords=True)
CONFIGURATIONS = (SOUND, DEFECTIVE, PASSWORD_IN_THE_CLEAR)
