"""ngIRCd (GnuTLS): IRC over TLS alone, and IRC that takes the server's password in the clear too.

It has no STARTTLS.
"""

from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS_1_2_UP, Configuration, Listener, Site

PASSWORD = "correct-horse"


def _prepare(certificate: CertificateSpec, priority: str) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(certificate)
        configuration = site.folder / "ngircd.conf"
        plaintext = f"Ports = {site.ports['irc']}" if "irc" in site.ports else ""
        configuration.write_text(
            f"""
[Global]
Name = irc.example.test
AdminInfo1 = tests
Info = tests
Listen = {site.address}
Password = {PASSWORD}
ServerUID = irc
ServerGID = irc
{plaintext}
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
[Options]
DNS = no
Ident = no
PAM = no
[SSL]
CertFile = {issued.served}
KeyFile = {issued.key}
CipherList = {priority}
Ports = {site.ports["ircs"]}
"""
        )
        return ["ngircd", "-n", "-f", str(configuration)]

    return prepare


def _configuration(name: str, truth: dict[str, Listener], priority: str) -> Configuration:
    return Configuration(
        name=name,
        binary="ngircd",
        package="ngircd",
        tls="required",
        truth=truth,
        prepare=_prepare(truth["ircs"].certificates[0], priority),
    )


SOUND = _configuration(
    "ngircd-sound",
    {"ircs": Listener(versions=TLS_1_2_UP, certificates=(CertificateSpec(key_type="ecdsa"),), refusal="close")},
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA",
)
WRONG_NAME = (CertificateSpec(names=("other.example.test",)),)
DEFECTIVE = _configuration(
    "ngircd-defective",
    {
        "irc": Listener(
            starttls=False, credentials="accepted", fails=frozenset({"starttls-not-offered", "credentials-before-tls"})
        ),
        "ircs": Listener(
            versions=frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"}),
            certificates=WRONG_NAME,
            refusal="close",
            fails=frozenset({"tls-version-below-minimum", "name-not-covered"}),
            warns=frozenset({"cipher-suite-too-weak"}),
        ),
    },
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0",
)
CONFIGURATIONS = (SOUND, DEFECTIVE)
