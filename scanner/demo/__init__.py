"""An embedded estate of small servers on loopback, sound and defective, for the first run: `tlsassay demo`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from string import Template

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from scanner.demo import broken, contexts, web
from scanner.demo.certificates import Authority, Identity
from scanner.demo.contexts import tls
from scanner.demo.database import database
from scanner.demo.directory import directory
from scanner.demo.mail import imap, smtp
from scanner.demo.servers import Servers, Talk

ZONE = "intranet"
"""The zone to scan the estate from."""

PLANTED: dict[str, frozenset[str]] = {
    service: frozenset(rules)
    for service, rules in {
        "web-good": (),
        "web-old-tls": ("tls-version-below-minimum",),
        "web-unencrypted-suite": ("cipher-suite-too-weak",),
        "web-weak-prime": ("key-exchange-too-weak", "cipher-suite-too-weak"),
        "web-compressing": ("compression-enabled",),
        "web-unsafe-renegotiation": ("renegotiation-insecure",),
        "web-unbound-sessions": ("extended-master-secret-missing",),
        "web-answers-unasked": ("answer-not-offered",),
        "web-expired": ("certificate-expired",),
        "web-not-yet-valid": ("certificate-not-yet-valid",),
        "web-expiring": ("certificate-expiring",),
        "web-wrong-name": ("name-not-covered",),
        "web-self-signed": ("chain-not-trusted",),
        "web-no-intermediate": ("chain-incomplete",),
        "web-small-key": ("key-too-small",),
        "web-sha1": ("signature-too-weak",),
        "web-other-subject": ("subject-not-as-declared",),
        "web-other-issuer": ("issuer-not-as-declared",),
        "web-other-pin": ("pin-not-matched",),
        "web-internet-only": ("boundary-crossed",),
        "web-gone": ("service-unreachable",),
        "web-redirecting": (),
        "web-not-redirecting": ("plaintext-without-redirect",),
        "web-plaintext-admin": ("plaintext-port-open",),
        "imap-good": (),
        "imap-login-in-clear": ("credentials-before-tls",),
        "imap-starttls-again": ("starttls-offered-again",),
        "submission-good": (),
        "submission-auth-in-clear": ("credentials-before-tls",),
        "submission-reads-ahead": ("starttls-injection",),
        "smtp-no-starttls": ("starttls-not-offered",),
        "ldap-good": (),
        "ldap-bind-in-clear": ("credentials-before-tls",),
        "mysql-good": (),
        "mysql-login-in-clear": ("credentials-before-tls",),
    }.items()
}
"""Service ID → the rules that must fail there, or warn."""

WARNED = {("cipher-suite-too-weak", "web-weak-prime"), ("extended-master-secret-missing", "web-unbound-sessions")}
"""Planted defects that are warned of: rule and service."""

WAIVED = ("plaintext-port-open", "web-plaintext-admin")
"""The planted defect that the inventory waives: rule and service."""


@dataclass(frozen=True)
class Estate:
    """A running estate."""

    inventory: Path
    """What is declared of it, with the ports it listens on; the root certificate lies beside it."""
    planted: dict[str, frozenset[str]]
    """Service ID → the rules that must fail there; none for the sound ones."""


@contextmanager
def estate(directory: Path) -> Iterator[Estate]:
    """Start the servers, write their inventory and root certificate into `directory`, and stop them in the end.

    Raises OSError when ports cannot be opened or files not be written.
    """
    now = datetime.now(UTC)
    authority = Authority(now)
    with Servers() as servers:
        hosts = _listen(servers, authority)
        (directory / "demo-ca.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
        servers.start()
        inventory = directory / "demo.yaml"
        inventory.write_text(_inventory(hosts, now), "utf-8")
        yield Estate(inventory, PLANTED)


def _inventory(hosts: dict[str, str], now: datetime) -> str:
    declared = Template(resources.files("scanner.demo").joinpath("estate.yaml").read_text("utf-8"))
    waived_until = (now + timedelta(days=90)).date().isoformat()
    bound = "".join(f'  {name}: "{address}"\n' for name, address in hosts.items())
    return f"{declared.substitute(waived_until=waived_until)}\nhosts:\n{bound}"


def _listen(servers: Servers, authority: Authority) -> dict[str, str]:
    """Open every server; name in the inventory → `host:port`."""
    talks = _web(authority) | _handshakes(authority) | _other(authority)
    hosts = {name: servers.listen(talk) for name, talk in talks.items()}
    https_port = int(hosts["web-good"].rpartition(":")[2])
    hosts["web-redirecting"] = servers.listen(web.redirect(https_port))
    hosts["web-gone"] = servers.occupy()
    return hosts


def _web(authority: Authority) -> dict[str, Talk]:
    issue, ecdsa = authority.issue, authority.ecdsa_key
    alone = issue("short.demo.test")
    small_key = rsa.generate_private_key(65537, 1024)  # noqa: S505 - a planted defect
    sound = {
        "web-expired": issue("expired.demo.test", first_day=-91, last_day=-1),
        "web-not-yet-valid": issue("early.demo.test", first_day=7, last_day=97),
        "web-expiring": issue("expiring.demo.test", first_day=-87, last_day=3),
        "web-wrong-name": issue("intranet.demo.test", ecdsa),
        "web-self-signed": authority.self_signed("self.demo.test"),
        "web-no-intermediate": Identity(alone.key, alone.chain[:1]),
        "web-other-subject": issue("shop.demo.test", ecdsa),
        "web-other-issuer": issue("issuer.demo.test", ecdsa),
        "web-other-pin": issue("pin.demo.test", ecdsa),
        "web-internet-only": issue("public.demo.test", ecdsa),
    }
    both = (issue("good.demo.test"), issue("good.demo.test", ecdsa))
    return {name: web.https(tls(identity)) for name, identity in sound.items()} | {
        "web-good": web.https(tls(*both)),
        "web-small-key": web.https(tls(issue("small.demo.test", small_key), weak_keys=True)),
        "web-sha1": web.https(tls(authority.issue_with_sha1("sha1.demo.test"), weak_keys=True)),
        "web-not-redirecting": web.http(),
        "web-plaintext-admin": web.http(),
    }


def _handshakes(authority: Authority) -> dict[str, Talk]:
    """Servers with a sound certificate and a defect of their TLS."""
    issue = authority.issue
    return {
        "web-old-tls": web.https(tls(issue("old.demo.test"), legacy=True)),
        "web-unencrypted-suite": web.https(contexts.unencrypted_too(issue("null.demo.test"))),
        "web-weak-prime": web.https(contexts.weak_prime(issue("prime.demo.test"))),
        "web-compressing": web.https(contexts.tls12(issue("deflate.demo.test")), broken.compressing),
        "web-unsafe-renegotiation": web.https(
            contexts.tls12(issue("again.demo.test")), broken.without_renegotiation_info
        ),
        "web-unbound-sessions": web.https(contexts.unbound_sessions(issue("unbound.demo.test"))),
        "web-answers-unasked": web.https(contexts.tls12(issue("unasked.demo.test")), broken.answering_unasked),
    }


def _other(authority: Authority) -> dict[str, Talk]:
    mail = tls(authority.issue("mail.demo.test"))
    ldap = tls(authority.issue("ldap.demo.test"))
    db = tls(authority.issue("db.demo.test", authority.ecdsa_key))
    return {
        "imap-good": imap(mail),
        "imap-login-in-clear": imap(mail, login_in_clear=True),
        "imap-starttls-again": imap(mail, offers_again=True),
        "submission-good": smtp(mail),
        "submission-auth-in-clear": smtp(mail, auth_in_clear=True),
        "submission-reads-ahead": smtp(mail, reads_ahead=True),
        "smtp-no-starttls": smtp(None),
        "ldap-good": directory(ldap, bind_in_clear=False),
        "ldap-bind-in-clear": directory(ldap, bind_in_clear=True),
        "mysql-good": database(db, login_in_clear=False),
        "mysql-login-in-clear": database(db, login_in_clear=True),
    }
