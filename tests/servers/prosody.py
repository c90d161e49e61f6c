"""Prosody (LuaSec, OpenSSL): XMPP that offers nothing but STARTTLS before TLS, and XMPP that takes logins in the clear.

Between servers a login is server dialback (XEP-0220). Prosody lists it always, but does not take it before TLS where
that is required.
"""

import os
from collections.abc import Callable

from tests.servers.certificates import SERVER_NAME, CertificateSpec
from tests.servers.harness import TLS13_SUITES, TLS_1_2_UP, Configuration, Listener, Site, ecdhe_aead

USER, PASSWORD = "reader", "correct horse"


def _prepare(certificate: CertificateSpec, protocol: str, ciphers: str, policy: str) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(certificate)
        folder = site.folder
        accounts = folder / "data" / SERVER_NAME.replace(".", "%2e") / "accounts"
        accounts.mkdir(parents=True)
        (accounts / f"{USER}.dat").write_text(f'return {{ ["password"] = "{PASSWORD}" }};\n')
        as_root = 'run_as_root = true\nprosody_user = "root"' if os.geteuid() == 0 else ""
        pair = f'certificate = "{issued.served}", key = "{issued.key}"'
        tls = f'{{ {pair}, protocol = "{protocol}", ciphers = "{ciphers}" }}'
        configuration = folder / "prosody.cfg.lua"
        configuration.write_text(
            f"""
daemonize = false
{as_root}
pidfile = "{folder}/pid"
data_path = "{folder}/data"
log = {{ info = "*console" }}
interfaces = {{ "{site.address}" }}
c2s_ports = {{ {site.ports["xmpp"]} }}
s2s_ports = {{ {site.ports["xmpp-server"]} }}
c2s_direct_tls_ports = {{ {site.ports["xmpps"]} }}
modules_enabled = {{ "saslauth", "tls", "dialback" }}
authentication = "internal_plain"
{policy}
ssl = {tls}
c2s_direct_tls_ssl = {tls}
VirtualHost "{SERVER_NAME}"
"""
        )
        return ["prosody", "-F", "--config", str(configuration)]

    return prepare


def _configuration(name: str, upgraded: Listener, direct: Listener, *options: str) -> Configuration:
    return Configuration(
        name=name,
        binary="prosody",
        package="prosody",
        tls="starttls-enforced",
        also={"sendxmpp": "sendxmpp"},
        truth={"xmpp": upgraded, "xmpp-server": upgraded, "xmpps": direct},
        prepare=_prepare(direct.certificates[0], *options),
    )


RSA = (CertificateSpec(),)
SUITES = {"TLSv1.2": ecdhe_aead("RSA"), "TLSv1.3": TLS13_SUITES}
SOUND = _configuration(
    "prosody-sound",
    Listener(versions=TLS_1_2_UP, certificates=RSA, starttls=True, credentials="refused", suites=SUITES),
    Listener(versions=TLS_1_2_UP, certificates=RSA, suites=SUITES),
    "tlsv1_2+",
    "ECDHE+AESGCM:ECDHE+CHACHA20",
    "c2s_require_encryption = true\ns2s_require_encryption = true",
)
ALL_VERSIONS = frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"})
OTHER_NAME = (CertificateSpec(names=("other.example.test",)),)
WRONG = frozenset({"tls-version-below-minimum", "name-not-covered"})
STATIC_RSA = frozenset({"cipher-suite-too-weak"})
DEFECTIVE = _configuration(
    "prosody-defective",
    Listener(
        versions=ALL_VERSIONS,
        certificates=OTHER_NAME,
        starttls=True,
        credentials="accepted",
        fails=WRONG | {"credentials-before-tls"},
        warns=STATIC_RSA,
    ),
    Listener(versions=ALL_VERSIONS, certificates=OTHER_NAME, fails=WRONG, warns=STATIC_RSA),
    "tlsv1+",
    "DEFAULT:@SECLEVEL=0",
    "c2s_require_encryption = false\ns2s_require_encryption = false\nallow_unencrypted_plain_auth = true",
)
CONFIGURATIONS = (SOUND, DEFECTIVE)
