"""chrony (GnuTLS): NTS key establishment, which knows TLS 1.3 alone.

It declines a hello by closing, without an alert, and closes after the handshake where ALPN does not name the protocol.
"""

from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import Configuration, Listener, Site, free_ports


def _prepare(certificate: CertificateSpec) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(certificate)
        configuration = site.folder / "chrony.conf"
        configuration.write_text(
            f"""
bindaddress {site.address}
allow 127.0.0.0/8
local
port {free_ports(site.address, 1)[0]}
cmdport 0
bindcmdaddress /
ntsport {site.ports["ntske"]}
ntsservercert {issued.served}
ntsserverkey {issued.key}
pidfile {site.folder}/pid
user root
"""
        )
        # -x: it must not set this machine's clock
        return ["chronyd", "-d", "-x", "-U", "-f", str(configuration)]

    return prepare


def _configuration(name: str, listener: Listener) -> Configuration:
    return Configuration(
        name=name,
        binary="chronyd",
        package="chrony",
        tls="required",
        truth={"ntske": listener},
        prepare=_prepare(listener.certificates[0]),
        needs_root=True,
    )


TLS_1_3 = frozenset({"TLSv1.3"})
SOUND = _configuration("chrony-sound", Listener(versions=TLS_1_3, certificates=(CertificateSpec(),), refusal="close"))
DEFECTIVE = _configuration(
    "chrony-defective",
    Listener(
        versions=TLS_1_3,
        certificates=(CertificateSpec(self_signed=True),),
        refusal="close",
        fails=frozenset({"chain-not-trusted"}),
    ),
)
CONFIGURATIONS = (SOUND, DEFECTIVE)
