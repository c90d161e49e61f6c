"""INN's nnrpd (OpenSSL), which serves newsreaders: AUTHINFO after STARTTLS alone, or in the clear."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS13_SUITES, TLS_1_2_UP, Configuration, Listener, Site, ecdhe_aead

USER, PASSWORD = "reader", "correct horse"
BINARY = "/usr/lib/news/bin/nnrpd"
READERS = """\
auth "readers" {{
    hosts: "*"
    auth: "ckpasswd -f {folder}/passwd"
    require_encryption: {encryption}
}}
access "readers" {{
    users: "*"
    newsgroups: "*"
}}
"""


def _prepare(certificate: CertificateSpec, policy: str, encryption: str) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        folder = site.folder
        issued = site.pki.issue(certificate)
        for name in ("overview", "run", "log"):
            (folder / name).mkdir()
        _make_empty_spool(folder)
        (folder / "readers.conf").write_text(READERS.format(folder=folder, encryption=encryption))
        hashed = subprocess.run(
            ["openssl", "passwd", "-6", PASSWORD], capture_output=True, text=True, check=True, timeout=30
        )
        (folder / "passwd").write_text(f"{USER}:{hashed.stdout}")
        for source, name in ((issued.served, "cert.pem"), (issued.key, "key.pem")):
            shutil.copy(source, folder / name)
        (folder / "key.pem").chmod(0o600)
        (folder / "inn.conf").write_text(
            f"""
domain: example.test
mta: "/bin/true %s"
pathhost: news.example.test
pathnews: /usr/lib/news
hismethod: hisv6
enableoverview: true
ovmethod: tradindexed
pathdb: {folder}
pathetc: {folder}
pathoverview: {folder}/overview
pathrun: {folder}/run
pathlog: {folder}/log
nnrpdloadlimit: 0
tlscapath: {folder}
tlscertfile: {folder}/cert.pem
tlskeyfile: {folder}/key.pem
{policy}
"""
        )
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, "news", "news")
        nnrpd = f"{BINARY} -D -f -n -4 {site.address}"
        ports = f"{nnrpd} -p {site.ports['nntp']} & exec {nnrpd} -S -p {site.ports['nntps']}"
        return ["sh", "-c", f"export INNCONF={folder}/inn.conf; {ports}"]

    return prepare


def _make_empty_spool(folder: Path) -> None:
    """What nnrpd opens at each connection, of a server that has no articles yet."""
    (folder / "overview" / "group.index").touch()
    (folder / "active").write_text("junk 0000000000 0000000001 n\n")
    for name in ("history", "history.dir", "history.hash", "history.index", "newsgroups", "storage.conf"):
        (folder / name).touch()


def _configuration(name: str, nntp: Listener, nntps: Listener, policy: str) -> Configuration:
    return Configuration(
        name=name,
        binary="sh",
        package="dash",
        tls="starttls-enforced",
        truth={"nntp": nntp, "nntps": nntps},
        prepare=_prepare(nntp.certificates[0], policy, "true" if nntp.credentials == "refused" else "false"),
        greetings={"nntp": b"200 "},
        also={BINARY: "inn2"},
        needs_root=True,
    )


RSA = (CertificateSpec(),)
SUITES = {"TLSv1.2": ecdhe_aead("RSA"), "TLSv1.3": TLS13_SUITES}
SOUND = _configuration(
    "inn-sound",
    Listener(versions=TLS_1_2_UP, certificates=RSA, starttls=True, credentials="refused", suites=SUITES),
    Listener(versions=TLS_1_2_UP, certificates=RSA, suites=SUITES),
    'tlsprotocols: [ TLSv1.2 TLSv1.3 ]\ntlsciphers: "ECDHE+AESGCM:ECDHE+CHACHA20"',
)
ALL_VERSIONS = frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"})
SELF_SIGNED = (CertificateSpec(self_signed=True),)
OLD = frozenset({"tls-version-below-minimum", "chain-not-trusted"})
WEAK_SUITES = frozenset({"cipher-suite-too-weak"})
DEFECTIVE = _configuration(
    "inn-defective",
    Listener(
        versions=ALL_VERSIONS,
        certificates=SELF_SIGNED,
        starttls=True,
        credentials="accepted",
        fails=OLD | {"credentials-before-tls"},
        warns=WEAK_SUITES,
    ),
    Listener(versions=ALL_VERSIONS, certificates=SELF_SIGNED, fails=OLD, warns=WEAK_SUITES),
    'tlsprotocols: [ TLSv1 TLSv1.1 TLSv1.2 TLSv1.3 ]\ntlsciphers: "DEFAULT:@SECLEVEL=0"',
)
CONFIGURATIONS = (SOUND, DEFECTIVE)
