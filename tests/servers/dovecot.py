"""Dovecot (OpenSSL): IMAP that takes a login only after STARTTLS, and IMAP that takes it in the clear.

Dovecot holds a connection whose two addresses are equal to be secured: on 127.0.0.1 it would offer LOGIN in the clear
whatever its settings. It listens on 127.0.0.2 here, which a client reaches from 127.0.0.1, and so treats it as it would
anybody else.

Dovecot 2.3 drops the alert of a handshake that it fails: the client sees the connection closed.
"""

import grp
import os
import pwd
from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import CURVES, TLS13_SUITES, TLS_1_2_UP, Configuration, Listener, Site, ecdhe_aead

USER, PASSWORD = "reader", "correct horse"


def _prepare(certificate: CertificateSpec, policy: str) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(certificate)
        folder = site.folder
        (folder / "passwd").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        (folder / "home").mkdir()
        root = os.geteuid() == 0
        owner = "dovecot" if root else pwd.getpwuid(os.geteuid()).pw_name
        account = pwd.getpwnam(owner)
        if root:
            os.chown(folder / "home", account.pw_uid, account.pw_gid)
        accounts = "" if root else _unprivileged(owner, grp.getgrgid(account.pw_gid).gr_name)
        configuration = folder / "dovecot.conf"
        configuration.write_text(
            f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
listen = {site.address}
protocols = imap
ssl_cert = <{issued.served}
ssl_key = <{issued.key}
auth_mechanisms = plain login
mail_location = maildir:{folder}/home/mail
first_valid_uid = 1
first_valid_gid = 1
{policy}
{accounts}
passdb {{
  driver = passwd-file
  args = {folder}/passwd
}}
userdb {{
  driver = static
  args = uid={account.pw_uid} gid={account.pw_gid} home={folder}/home
}}
service imap-login {{
  # One process for all connections: it knows the authentication process from the first one on.
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {site.ports["imap"]}
  }}
  inet_listener imaps {{
    port = {site.ports["imaps"]}
  }}
}}
"""
        )
        return ["dovecot", "-F", "-c", str(configuration)]

    return prepare


def _unprivileged(owner: str, group: str) -> str:
    """All of it as one account, without the chroot that needs root."""
    no_chroot = "".join(f"service {one} {{\n  chroot =\n}}\n" for one in ("anvil", "imap-login"))
    users = f"default_internal_user = {owner}\ndefault_login_user = {owner}\n"
    return f"{users}default_internal_group = {group}\n{no_chroot}"


def _configuration(name: str, imap: Listener, imaps: Listener, policy: str) -> Configuration:
    return Configuration(
        name=name,
        binary="dovecot",
        package="dovecot-imapd",
        tls="starttls-enforced",
        truth={"imap": imap, "imaps": imaps},
        prepare=_prepare(imaps.certificates[0], policy),
        address="127.0.0.2",
        greetings={"imap": b" ready."},
    )


RSA = (CertificateSpec(),)
SUITES = {"TLSv1.2": ecdhe_aead("RSA"), "TLSv1.3": TLS13_SUITES}
GROUPS = {"TLSv1.2": CURVES, "TLSv1.3": CURVES}
SOUND = _configuration(
    "dovecot-sound",
    Listener(
        versions=TLS_1_2_UP,
        certificates=RSA,
        starttls=True,
        credentials="refused",
        refusal="close",
        suites=SUITES,
        groups=GROUPS,
    ),
    Listener(versions=TLS_1_2_UP, certificates=RSA, refusal="close", suites=SUITES, groups=GROUPS),
    "ssl = required\nssl_min_protocol = TLSv1.2\nssl_cipher_list = ECDHE+AESGCM:ECDHE+CHACHA20\n"
    "ssl_curve_list = X25519:P-256:P-384",
)
ALL_VERSIONS = frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"})
STATIC_RSA = frozenset({"cipher-suite-too-weak"})
SELF_SIGNED = (CertificateSpec(self_signed=True),)
DEFECTIVE = _configuration(
    "dovecot-defective",
    Listener(
        versions=ALL_VERSIONS,
        certificates=SELF_SIGNED,
        starttls=True,
        credentials="accepted",
        refusal="close",
        fails=frozenset({"tls-version-below-minimum", "chain-not-trusted", "credentials-before-tls"}),
        warns=STATIC_RSA,
    ),
    Listener(
        versions=ALL_VERSIONS,
        certificates=SELF_SIGNED,
        refusal="close",
        fails=frozenset({"tls-version-below-minimum", "chain-not-trusted"}),
        warns=STATIC_RSA,
    ),
    "ssl = yes\ndisable_plaintext_auth = no\nssl_min_protocol = TLSv1\nssl_cipher_list = DEFAULT:@SECLEVEL=0",
)
CONFIGURATIONS = (SOUND, DEFECTIVE)
