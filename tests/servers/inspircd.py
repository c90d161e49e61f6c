"""InspIRCd (GnuTLS): IRC with STARTTLS, which lets anybody in without it."""

import os

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS_1_2_UP, Configuration, Listener, Site

CERTIFICATE = CertificateSpec()


def _prepare(site: Site) -> list[str]:
    issued = site.pki.issue(CERTIFICATE)
    folder = site.folder
    configuration = folder / "inspircd.conf"
    priority = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA"
    configuration.write_text(
        f"""
<server name="irc.example.test" description="tests" id="97K" network="tests">
<admin name="tests" nick="tests" email="tests@example.test">
<path configdir="{folder}" datadir="{folder}" logdir="{folder}" runtimedir="{folder}">
<pid file="{folder}/pid">
<module name="cap">
<module name="starttls">
<module name="ssl_gnutls">
<sslprofile name="tests" provider="gnutls" certfile="{issued.served}" keyfile="{issued.key}" hash="sha256"
            priority="{priority}">
<bind address="{site.address}" port="{site.ports["irc"]}" type="clients">
<bind address="{site.address}" port="{site.ports["ircs"]}" type="clients" sslprofile="tests">
<connect allow="*" resolvehostnames="no" localmax="1000" globalmax="1000" maxconnwarn="no">
"""
    )
    as_root = ["--runasroot"] if os.geteuid() == 0 else []
    return ["inspircd", "--nofork", "--config", str(configuration), *as_root]


TLS = Listener(versions=TLS_1_2_UP, certificates=(CERTIFICATE,), refusal="close")
DEFECTIVE = Configuration(
    name="inspircd-defective",
    binary="inspircd",
    package="inspircd",
    tls="starttls-enforced",
    truth={
        "irc": Listener(
            versions=TLS_1_2_UP,
            certificates=(CERTIFICATE,),
            starttls=True,
            credentials="accepted",
            refusal="close",
            fails=frozenset({"credentials-before-tls"}),
        ),
        "ircs": TLS,
    },
    prepare=_prepare,
)
CONFIGURATIONS = (DEFECTIVE,)
