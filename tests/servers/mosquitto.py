"""Mosquitto (OpenSSL): MQTT over TLS alone, and beside it MQTT in the clear, with passwords and without any."""

import base64
import hashlib
from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS13_SUITES, TLS_1_2_UP, Configuration, Listener, Site, ecdhe_aead

USER, PASSWORD = "reader", "correct horse"


def _account() -> str:
    """A line of a password file, as mosquitto_passwd writes it."""
    salt = b"not so secret"[:12]
    digest = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, 101)
    return f"{USER}:$7$101${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}\n"


def _prepare(
    certificate: CertificateSpec, options: tuple[str, ...], tls: tuple[str, ...]
) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(certificate)
        accounts = site.folder / "passwd"
        accounts.write_text(_account())
        accounts.chmod(0o644)
        lines = [*options, f"password_file {accounts}"] if "allow_anonymous false" in options else [*options]
        if "mqtt" in site.ports:
            lines += [f"listener {site.ports['mqtt']} {site.address}"]
        lines += [
            f"listener {site.ports['mqtts']} {site.address}",
            f"certfile {issued.served}",
            f"keyfile {issued.key}",
        ]
        configuration = site.folder / "mosquitto.conf"
        configuration.write_text("\n".join((*lines, *tls, "")))
        return ["mosquitto", "-c", str(configuration)]

    return prepare


def _configuration(name: str, truth: dict[str, Listener], options: tuple[str, ...], *tls: str) -> Configuration:
    return Configuration(
        name=name,
        binary="mosquitto",
        package="mosquitto",
        tls="required",
        truth=truth,
        also={"mosquitto_sub": "mosquitto-clients"},
        prepare=_prepare(truth["mqtts"].certificates[0], options, tls),
    )


RSA = (CertificateSpec(),)
EXPIRED = (CertificateSpec(validity="past"),)
IN_THE_CLEAR = Listener(credentials="accepted", fails=frozenset({"plaintext-port-open", "credentials-before-tls"}))
STRICT = ("tls_version tlsv1.2", "ciphers ECDHE+AESGCM:ECDHE+CHACHA20")
LAX = ("tls_version tlsv1.1", "ciphers DEFAULT:@SECLEVEL=0")
OVER_TLS = Listener(
    versions=TLS_1_2_UP,
    certificates=RSA,
    suites={"TLSv1.2": ecdhe_aead("RSA"), "TLSv1.3": TLS13_SUITES},
)
SOUND = _configuration("mosquitto-sound", {"mqtts": OVER_TLS}, ("allow_anonymous false",), *STRICT)
DEFECTIVE = _configuration(
    "mosquitto-defective",
    {
        "mqtt": IN_THE_CLEAR,
        "mqtts": Listener(
            versions=frozenset({"TLSv1.1", "TLSv1.2", "TLSv1.3"}),
            certificates=EXPIRED,
            fails=frozenset({"tls-version-below-minimum", "certificate-expired"}),
            warns=frozenset({"cipher-suite-too-weak"}),
        ),
    },
    ("allow_anonymous false",),
    *LAX,
)
OPEN = _configuration("mosquitto-open", {"mqtt": IN_THE_CLEAR, "mqtts": OVER_TLS}, ("allow_anonymous true",), *STRICT)
CONFIGURATIONS = (SOUND, DEFECTIVE, OPEN)
