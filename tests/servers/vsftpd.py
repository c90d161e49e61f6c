"""vsftpd (OpenSSL): FTP that takes a user's name only after AUTH TLS, and FTP that takes it in the clear.

It knows one group, secp256r1. Its system call filter is off: it kills what OpenSSL 3 does in a handshake.
"""

from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS13_SUITES, TLS_1_2_UP, Configuration, Listener, Site, ecdhe_aead

BINARY = "/usr/sbin/vsftpd"


def _prepare(certificate: CertificateSpec, policy: str) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(certificate)
        (site.folder / "empty").mkdir()
        for scheme, port in site.ports.items():
            (site.folder / f"{scheme}.conf").write_text(
                f"""\
listen=YES
background=NO
listen_address={site.address}
listen_port={port}
local_enable=YES
anonymous_enable=NO
secure_chroot_dir={site.folder}/empty
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
max_per_ip=0
ssl_enable=YES
implicit_ssl={"YES" if scheme == "ftps" else "NO"}
rsa_cert_file={issued.served}
rsa_private_key_file={issued.key}
{policy}
"""
            )
        both = f"{BINARY} {site.folder}/ftp.conf & exec {BINARY} {site.folder}/ftps.conf"
        return ["sh", "-c", both]

    return prepare


def _configuration(name: str, ftp: Listener, ftps: Listener, policy: str) -> Configuration:
    return Configuration(
        name=name,
        binary="sh",
        package="dash",
        tls="starttls-enforced",
        truth={"ftp": ftp, "ftps": ftps},
        prepare=_prepare(ftp.certificates[0], policy),
        greetings={"ftp": b"220 "},
        also={BINARY: "vsftpd"},
        needs_root=True,
    )


RSA = (CertificateSpec(),)
SUITES = {"TLSv1.2": ecdhe_aead("RSA"), "TLSv1.3": TLS13_SUITES}
ONE_CURVE = frozenset({"secp256r1"})
GROUPS = {"TLSv1.2": ONE_CURVE, "TLSv1.3": ONE_CURVE}
SOUND = _configuration(
    "vsftpd-sound",
    Listener(versions=TLS_1_2_UP, certificates=RSA, starttls=True, credentials="refused", suites=SUITES, groups=GROUPS),
    Listener(versions=TLS_1_2_UP, certificates=RSA, suites=SUITES, groups=GROUPS),
    "force_local_logins_ssl=YES\nssl_ciphers=ECDHE+AESGCM:ECDHE+CHACHA20",
)
ALL_VERSIONS = frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"})
EXPIRED = (CertificateSpec(validity="past"),)
OLD = frozenset({"tls-version-below-minimum", "certificate-expired"})
WEAK_SUITES = frozenset({"cipher-suite-too-weak"})
DEFECTIVE = _configuration(
    "vsftpd-defective",
    Listener(
        versions=ALL_VERSIONS,
        certificates=EXPIRED,
        starttls=True,
        credentials="accepted",
        fails=OLD | {"credentials-before-tls"},
        warns=WEAK_SUITES,
    ),
    Listener(versions=ALL_VERSIONS, certificates=EXPIRED, fails=OLD, warns=WEAK_SUITES),
    "force_local_logins_ssl=NO\nssl_ciphers=DEFAULT:@SECLEVEL=0",
)
CONFIGURATIONS = (SOUND, DEFECTIVE)
