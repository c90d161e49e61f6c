"""Postfix (OpenSSL): a mail exchanger's port, submission, SMTP over TLS; AUTH after STARTTLS alone, or in the clear."""

import grp
import os
import pwd
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.servers.certificates import SERVER_NAME, CertificateSpec
from tests.servers.harness import CURVES, TLS_1_2_UP, Configuration, Listener, Site, require_binary

USER, PASSWORD = "reader", "correct horse"
MASTER = "/usr/lib/postfix/sbin/master"
HELPERS = """\
postlog unix-dgram n - n - 1 postlogd
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
rewrite unix - - n - - trivial-rewrite
tlsmgr unix - - n 1000? 1 tlsmgr
cleanup unix n - n - 0 cleanup
"""


def _prepare(
    certificates: tuple[CertificateSpec, ...], main: str, services: dict[str, str]
) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        etc = site.folder / "etc"
        etc.mkdir()
        _make_queue(site.folder)
        _make_accounts(etc)
        chains = ", ".join(str(site.pki.issue(one).combined) for one in certificates)
        (etc / "main.cf").write_text(
            f"""
compatibility_level = 3.6
queue_directory = {site.folder}/spool
data_directory = {site.folder}/data
maillog_file = {site.folder}/postfix.log
maillog_file_prefixes = {site.folder}
inet_interfaces = {site.address}
inet_protocols = ipv4
myhostname = {SERVER_NAME}
mydestination =
alias_maps =
alias_database =
smtpd_tls_chain_files = {chains}
smtpd_sasl_path = smtpd
cyrus_sasl_config_path = {etc}/sasl
{main}
"""
        )
        (etc / "master.cf").write_text(
            "".join(
                f"{site.address}:{site.ports[scheme]} inet n - n - - smtpd\n  -o {options}\n"
                for scheme, options in services.items()
            )
            + HELPERS
        )
        # Postfix holds a file that is seconds old to be half written, and waits.
        os.utime(etc / "main.cf", (0, 0))
        return [MASTER, "-c", str(etc), "-d"]

    return prepare


def _make_queue(folder: Path) -> None:
    """The folders that `postfix check` would make, of the owners that master insists on."""
    user, group = pwd.getpwnam("postfix"), grp.getgrnam("postdrop")
    (folder / "postfix.log").touch()
    (folder / "data").mkdir()
    os.chown(folder / "data", user.pw_uid, user.pw_gid)
    for name in ("pid", "private", "public", "maildrop", "active", "incoming", "hold", "deferred", "defer", "bounce"):
        (folder / "spool" / name).mkdir(parents=True)
        if name != "pid":
            os.chown(folder / "spool" / name, user.pw_uid, group.gr_gid)


def _make_accounts(etc: Path) -> None:
    """Cyrus SASL with its own password file: independent of any other daemon."""
    (etc / "sasl").mkdir()
    database = etc / "sasldb2"
    (etc / "sasl" / "smtpd.conf").write_text(
        f"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {database}\nmech_list: PLAIN LOGIN\n"
    )
    command = [require_binary("saslpasswd2"), "-c", "-p", "-f", str(database), "-u", SERVER_NAME, USER]
    subprocess.run(command, input=PASSWORD.encode(), check=True, timeout=30, capture_output=True)
    database.chmod(0o644)  # smtpd reads it as the user postfix


def _configuration(
    name: str,
    truth: dict[str, Listener],
    certificates: tuple[CertificateSpec, ...],
    main: str,
    services: dict[str, str],
) -> Configuration:
    return Configuration(
        name=name,
        binary=MASTER,
        package="postfix",
        tls="starttls-enforced",
        truth=truth,
        prepare=_prepare(certificates, main, services),
        greetings={scheme: b"220 " for scheme in truth if scheme != "smtps"},
        also={"saslpasswd2": "sasl2-bin"},
        needs_root=True,
    )


BOTH = (CertificateSpec(key_type="rsa"), CertificateSpec(key_type="ecdsa"))
GROUPS = {"TLSv1.2": CURVES, "TLSv1.3": CURVES}
SOUND = _configuration(
    "postfix-sound",
    {
        "smtp": Listener(versions=TLS_1_2_UP, certificates=BOTH, starttls=True, groups=GROUPS),
        "submission": Listener(
            versions=TLS_1_2_UP, certificates=BOTH, starttls=True, credentials="refused", groups=GROUPS
        ),
        "smtps": Listener(versions=TLS_1_2_UP, certificates=BOTH, groups=GROUPS),
    },
    BOTH,
    "smtpd_tls_protocols = >=TLSv1.2\nsmtpd_tls_mandatory_protocols = >=TLSv1.2\nsmtpd_tls_auth_only = yes\n"
    "smtpd_tls_exclude_ciphers = aNULL, eNULL, EXPORT, LOW, RC4, MD5, 3DES, IDEA, kRSA, kDHE\n"
    "tls_eecdh_auto_curves = X25519 prime256v1 secp384r1",
    {
        "smtp": "smtpd_tls_security_level=may",
        "submission": "smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes",
        "smtps": "smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes",
    },
)
ALL_VERSIONS = frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"})
WRONG_NAME = (CertificateSpec(names=("other.example.test",)),)
WEAK_SUITES = frozenset({"cipher-suite-too-weak"})
"""RSA key transport, and Diffie-Hellman over the prime of 2048 bits that Postfix brings along."""
OLD_AND_WRONG = frozenset({"tls-version-below-minimum", "name-not-covered"})
DEFECTIVE = _configuration(
    "postfix-defective",
    {
        "smtp": Listener(
            versions=ALL_VERSIONS,
            certificates=WRONG_NAME,
            starttls=True,
            credentials="accepted",
            fails=OLD_AND_WRONG | {"credentials-before-tls"},
            warns=WEAK_SUITES,
        ),
        "submission": Listener(
            starttls=False, credentials="accepted", fails=frozenset({"starttls-not-offered", "credentials-before-tls"})
        ),
        "smtps": Listener(versions=ALL_VERSIONS, certificates=WRONG_NAME, fails=OLD_AND_WRONG, warns=WEAK_SUITES),
    },
    WRONG_NAME,
    "smtpd_tls_protocols = >=TLSv1\nsmtpd_tls_mandatory_protocols = >=TLSv1\n"
    "tls_medium_cipherlist = DEFAULT:@SECLEVEL=0\nsmtpd_tls_auth_only = no\nsmtpd_sasl_auth_enable = yes",
    {
        "smtp": "smtpd_tls_security_level=may",
        "submission": "smtpd_tls_security_level=none",
        "smtps": "smtpd_tls_wrappermode=yes",
    },
)
CONFIGURATIONS = (SOUND, DEFECTIVE)
