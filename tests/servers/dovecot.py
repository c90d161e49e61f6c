"""Dovecot (OpenSSL): IMAP, POP3 and ManageSieve that take a login only after STARTTLS, or in the clear too; and LMTP.

Submission is there without a relay to hand mail to: its logins succeed, and then it says goodbye.

Dovecot holds a connection whose two addresses are equal to be secured: on 127.0.0.1 it would offer LOGIN in the clear
whatever its settings. It listens on 127.0.0.2 here, which a client reaches from 127.0.0.1, and so treats it as it would
anybody else.

Dovecot 2.3 drops the alert of a handshake that it fails: the client sees the connection closed.
"""

import grp
import os
import pwd
from collections.abc import Callable
from dataclasses import replace

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import CURVES, TLS13_SUITES, TLS_1_2_UP, Configuration, Listener, Site, ecdhe_aead

USER, PASSWORD = "reader", "correct horse"
LIBEXEC = "/usr/lib/dovecot"
LOGIN_PORTS = {
    "imap": ("imap", "imaps"),
    "pop3": ("pop3", "pop3s"),
    "managesieve": ("sieve",),
    "submission": ("submission",),
}
"""Login service → its listeners."""


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
protocols = imap pop3 sieve submission lmtp
submission_relay_host = {site.address}
submission_relay_port = 1
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
{"".join(_login(service, {name: site.ports[name] for name in names}) for service, names in LOGIN_PORTS.items())}
service lmtp {{
  inet_listener lmtp {{
    port = {site.ports["lmtp"]}
  }}
}}
"""
        )
        return ["dovecot", "-F", "-c", str(configuration)]

    return prepare


def _login(service: str, ports: dict[str, int]) -> str:
    """One process for all connections: it knows the authentication process from the first one on."""
    listeners = "".join(f"  inet_listener {name} {{\n    port = {port}\n  }}\n" for name, port in ports.items())
    return f"service {service}-login {{\n  service_count = 0\n  process_min_avail = 1\n{listeners}}}\n"


def _unprivileged(owner: str, group: str) -> str:
    """All of it as one account, without the chroot that needs root."""
    no_chroot = "".join(
        f"service {one} {{\n  chroot =\n}}\n" for one in ("anvil", *(f"{one}-login" for one in LOGIN_PORTS))
    )
    users = f"default_internal_user = {owner}\ndefault_login_user = {owner}\n"
    return f"{users}default_internal_group = {group}\n{no_chroot}"


def _configuration(name: str, truth: dict[str, Listener], policy: str) -> Configuration:
    return Configuration(
        name=name,
        binary="dovecot",
        package="dovecot-imapd",
        tls="starttls-enforced",
        truth=truth,
        prepare=_prepare(truth["imaps"].certificates[0], policy),
        address="127.0.0.2",
        greetings={scheme: b" ready." for scheme in truth if scheme not in {"imaps", "pop3s"}},
        also={
            f"{LIBEXEC}/pop3-login": "dovecot-pop3d",
            f"{LIBEXEC}/managesieve-login": "dovecot-managesieved",
            f"{LIBEXEC}/submission-login": "dovecot-submissiond",
            f"{LIBEXEC}/lmtp": "dovecot-lmtpd",
        },
    )


SOUND_TLS = Listener(
    versions=TLS_1_2_UP,
    certificates=(CertificateSpec(),),
    refusal="close",
    suites={"TLSv1.2": ecdhe_aead("RSA"), "TLSv1.3": TLS13_SUITES},
    groups={"TLSv1.2": CURVES, "TLSv1.3": CURVES},
)
SOUND_LOGIN = replace(SOUND_TLS, starttls=True, credentials="refused")
SOUND = _configuration(
    "dovecot-sound",
    {
        "imap": SOUND_LOGIN,
        "imaps": SOUND_TLS,
        "pop3": SOUND_LOGIN,
        "pop3s": SOUND_TLS,
        "sieve": SOUND_LOGIN,
        "submission": SOUND_LOGIN,
        "lmtp": replace(SOUND_TLS, starttls=True),
    },
    "ssl = required\nssl_min_protocol = TLSv1.2\nssl_cipher_list = ECDHE+AESGCM:ECDHE+CHACHA20\n"
    "ssl_curve_list = X25519:P-256:P-384\n"
    # does anything without TLS but take a password
    "protocol submission {\n  ssl = yes\n}",
)
DEFECTIVE_TLS = Listener(
    versions=frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"}),
    certificates=(CertificateSpec(self_signed=True),),
    refusal="close",
    fails=frozenset({"tls-version-below-minimum", "chain-not-trusted"}),
    warns=frozenset({"cipher-suite-too-weak"}),  # RSA key transport
)
DEFECTIVE_LOGIN = replace(
    DEFECTIVE_TLS,
    starttls=True,
    credentials="accepted",
    fails=DEFECTIVE_TLS.fails | {"credentials-before-tls"},
)
DEFECTIVE = _configuration(
    "dovecot-defective",
    {
        "imap": DEFECTIVE_LOGIN,
        "imaps": DEFECTIVE_TLS,
        "pop3": DEFECTIVE_LOGIN,
        "pop3s": DEFECTIVE_TLS,
        "sieve": DEFECTIVE_LOGIN,
        "submission": DEFECTIVE_LOGIN,
        "lmtp": Listener(starttls=False, fails=frozenset({"starttls-not-offered"})),
    },
    "ssl = yes\ndisable_plaintext_auth = no\nssl_min_protocol = TLSv1\nssl_cipher_list = DEFAULT:@SECLEVEL=0\n"
    "protocol lmtp {\n  ssl = no\n}",
)
CONFIGURATIONS = (SOUND, DEFECTIVE)
