"""OpenLDAP's slapd (GnuTLS): a simple bind in the clear refused, and one whose password is looked at.

With GnuTLS the directive TLSProtocolMin has no effect: the versions stand in the priority string. GnuTLS leaves it to
the application to send the alert of a failed handshake, and slapd sends none: it closes the connection.
"""

from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS_1_2_UP, Configuration, Listener, Site

SUFFIX = "dc=example,dc=test"
ROOT_DN, PASSWORD = f"cn=admin,{SUFFIX}", "correct horse"


def _prepare(certificate: CertificateSpec, policy: str) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(certificate)
        (site.folder / "db").mkdir()
        configuration = site.folder / "slapd.conf"
        configuration.write_text(
            f"""
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {site.folder}/pid
argsfile {site.folder}/args
TLSCertificateFile {issued.served}
TLSCertificateKeyFile {issued.key}
{policy}
database mdb
maxsize 1048576
directory {site.folder}/db
suffix "{SUFFIX}"
rootdn "{ROOT_DN}"
rootpw "{PASSWORD}"
"""
        )
        urls = " ".join(f"{scheme}://{site.address}:{port}/" for scheme, port in site.ports.items())
        return ["slapd", "-d", "0", "-h", urls, "-f", str(configuration)]

    return prepare


def _configuration(name: str, ldap: Listener, ldaps: Listener, policy: str) -> Configuration:
    return Configuration(
        name=name,
        binary="slapd",
        package="slapd",
        tls="starttls-enforced",
        truth={"ldap": ldap, "ldaps": ldaps},
        also={"ldapsearch": "ldap-utils"},
        prepare=_prepare(ldaps.certificates[0], policy),
    )


ECDSA = (CertificateSpec(key_type="ecdsa"),)
SOUND = _configuration(
    "slapd-sound",
    Listener(versions=TLS_1_2_UP, certificates=ECDSA, starttls=True, credentials="refused", refusal="close"),
    Listener(versions=TLS_1_2_UP, certificates=ECDSA, refusal="close"),
    "TLSCipherSuite NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA\nsecurity simple_bind=128",
)
ALL_VERSIONS = frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"})
SMALL = (CertificateSpec(bits=1024),)
WEAK_SUITES = frozenset({"cipher-suite-too-weak"})
"""RSA key transport, and Diffie-Hellman over the primes of RFC 7919."""
OLD_AND_SMALL = frozenset({"tls-version-below-minimum", "key-too-small"})
DEFECTIVE = _configuration(
    "slapd-defective",
    Listener(
        versions=ALL_VERSIONS,
        certificates=SMALL,
        starttls=True,
        credentials="accepted",
        refusal="close",
        fails=OLD_AND_SMALL | {"credentials-before-tls"},
        warns=WEAK_SUITES,
    ),
    Listener(versions=ALL_VERSIONS, certificates=SMALL, refusal="close", fails=OLD_AND_SMALL, warns=WEAK_SUITES),
    "TLSCipherSuite NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0",
)
CONFIGURATIONS = (SOUND, DEFECTIVE)
