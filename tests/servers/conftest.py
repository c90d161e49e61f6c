"""Real servers as fixtures: each is started at its first use and ends with the session.

| fixture | configuration |
|---|---|
| `nginx_sound` | https: TLS 1.2 and 1.3, RSA and ECDSA; http redirects there |
| `nginx_tls13_only` | https: TLS 1.3 alone, RSA and ECDSA |
| `nginx_defective_versions` | https: TLS 1.0 to 1.2; http beside it does not redirect |
| `nginx_defective_certificate` | https: expired, intermediate not served |
| `nginx_defective_suites` | https: TLS 1.2, a suite without encryption, a prime of 1024 bits |
| `nginx_plaintext` | http alone: content, no redirect |
| `dovecot_sound` | imap, pop3, sieve, submission: no login before STARTTLS; imaps, pop3s; lmtp: STARTTLS, no AUTH |
| `dovecot_defective` | the same with TLS 1.0 and up, self-signed, login in the clear; lmtp: no STARTTLS |
| `postfix_sound` | smtp: STARTTLS, no AUTH; submission: 530 before STARTTLS; smtps |
| `postfix_defective` | smtp, smtps: TLS 1.0 and up, wrong name, AUTH in the clear; submission: no STARTTLS |
| `slapd_sound` | ldap: confidentialityRequired before StartTLS; ldaps; ECDSA |
| `slapd_defective` | ldap, ldaps: TLS 1.0 and up, RSA 1024, bind in the clear |
| `mariadb_sound` | mysql: TLS required |
| `mariadb_defective` | mysql: TLS 1.0 to 1.2, not yet valid, login in the clear |
| `prosody_sound` | xmpp, xmpp-server: nothing but STARTTLS before TLS; xmpps |
| `prosody_defective` | xmpp, xmpp-server: PLAIN and dialback in the clear; TLS 1.0 and up, wrong name; xmpps |
| `mosquitto_sound` | mqtts alone |
| `mosquitto_defective` | mqtt: passwords in the clear; mqtts: TLS 1.1 and up, expired |
| `mosquitto_open` | mqtt: no authentication; mqtts |
| `rabbitmq_sound` | amqps alone |
| `rabbitmq_defective` | amqp: PLAIN in the clear; amqps: TLS 1.0 to 1.2, not yet valid |
| `unbound_sound` | dns-over-tls |
| `unbound_defective` | dns-over-tls: expired |
| `chrony_sound` | ntske |
| `chrony_defective` | ntske: self-signed |
| `kamailio_sound` | sips alone |
| `kamailio_refusing` | sip: TLS required of a REGISTER; sips |
| `kamailio_defective` | sip: Digest in the clear; sips: TLS 1.0 and up, wrong name |
| `openssh_sound` | ssh: what OpenSSH offers by itself; Ed25519, ECDSA and RSA keys |
| `openssh_defective` | ssh: 1024-bit groups, SHA-1, 3DES, MD5; RSA 1024 and DSA |
| `vsftpd_sound` | ftp: 530 to USER before AUTH TLS; ftps |
| `vsftpd_defective` | ftp, ftps: TLS 1.0 and up, expired; USER in the clear |
| `inn_sound` | nntp: 483 to AUTHINFO before STARTTLS; nntps |
| `inn_defective` | nntp, nntps: TLS 1.0 and up, self-signed; AUTHINFO in the clear |
| `ngircd_sound` | ircs alone; ECDSA |
| `ngircd_defective` | ircs: TLS 1.0 and up, wrong name; irc: no STARTTLS, password in the clear |
| `inspircd_defective` | irc: STARTTLS, sessions without it; ircs |
| `postgresql_sound` | postgresql: `hostssl` alone |
| `postgresql_defective` | postgresql: TLS 1.0 to 1.2, wrong name, login in the clear |
| `postgresql_without_tls` | postgresql: no TLS, login in the clear |
| `postgresql_one_user` | postgresql: login in the clear for the one user that there is a line for; wrong name |
| `memcached_sound` | tls |
| `memcached_defective` | memcached: no password; tls beside it |
| `memcached_password_in_the_clear` | memcached: asks for a password |
| `redis_sound` | rediss alone |
| `redis_password_in_the_clear` | redis: asks for a password; rediss |
| `redis_defective` | redis: no password; rediss: TLS 1.0 to 1.2, expired |
| `xrdp_sound` | rdp: TLS alone |
| `xrdp_defective` | rdp: TLS 1.0 to 1.2, self-signed; standard RDP security as well |
| `krb5_sound` | kerberos, kerberos-tcp: AES alone |
| `krb5_defective` | kerberos, kerberos-tcp: RC4 and triple DES beside AES |
| `java_sound` | rmis, jmxs: registries and objects over TLS; JMX wants a password |
| `java_defective` | rmi, jmx: all in plaintext; JMX takes anybody |
| `java_half` | rmis: its objects in plaintext; jmx: `ssl` without `registry.ssl` |
| `activemq_sound` | openwires |
| `activemq_defective` | openwire: takes anybody; openwires: another name |
| `activemq_login` | openwire: login in the clear; openwires |

Each yields a `harness.Running`. `running_server` is all of them, one after the other. Tests that use one carry
`@pytest.mark.real`. Where a server is not installed its tests are skipped with the package's name, or, with
TLSASSAY_REQUIRE_SERVERS=1 in the environment, fail.

TLS implementations of many kinds and ages, each in several configurations, are in `stacks/`.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.missing import not_run
from tests.servers import (
    activemq,
    chrony,
    dovecot,
    inn,
    inspircd,
    java,
    kamailio,
    krb5,
    mariadb,
    memcached,
    mosquitto,
    nginx,
    ngircd,
    openssh,
    postfix,
    postgresql,
    prosody,
    rabbitmq,
    redis,
    slapd,
    unbound,
    vsftpd,
    xrdp,
)
from tests.servers.certificates import Pki
from tests.servers.harness import Configuration, Running, find_binary, start

CONFIGURATIONS = (
    *nginx.CONFIGURATIONS,
    *dovecot.CONFIGURATIONS,
    *postfix.CONFIGURATIONS,
    *slapd.CONFIGURATIONS,
    *mariadb.CONFIGURATIONS,
    *prosody.CONFIGURATIONS,
    *mosquitto.CONFIGURATIONS,
    *rabbitmq.CONFIGURATIONS,
    *unbound.CONFIGURATIONS,
    *chrony.CONFIGURATIONS,
    *kamailio.CONFIGURATIONS,
    *openssh.CONFIGURATIONS,
    *vsftpd.CONFIGURATIONS,
    *inn.CONFIGURATIONS,
    *ngircd.CONFIGURATIONS,
    *inspircd.CONFIGURATIONS,
    *postgresql.CONFIGURATIONS,
    *redis.CONFIGURATIONS,
    *memcached.CONFIGURATIONS,
    *xrdp.CONFIGURATIONS,
    *krb5.CONFIGURATIONS,
    *java.CONFIGURATIONS,
    *activemq.CONFIGURATIONS,
)


def require_installed(configuration: Configuration) -> None:
    """As `not_run` where a program that the configuration takes is missing."""
    for program, package in {configuration.binary: configuration.package, **configuration.also}.items():
        if find_binary(program) is None:
            not_run(f"{Path(program).name} is not installed ({package}; `make servers` installs it)")


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder that daemons may enter with any account (pytest's own are closed), its path short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="servers-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def server_pki(server_folder: Path) -> Pki:
    """The authority that issued the servers' certificates."""
    folder = server_folder / "pki"
    folder.mkdir()
    return Pki(folder)


def _fixture(configuration: Configuration) -> Callable[..., Iterator[Running]]:
    @pytest.fixture(scope="session", name=configuration.name.replace("-", "_"))
    def run(server_folder: Path, server_pki: Pki) -> Iterator[Running]:
        require_installed(configuration)
        if configuration.needs_root and os.geteuid() != 0:
            not_run(f"{configuration.package} starts only as root")
        with start(configuration, server_pki, server_folder) as running:
            yield running

    return run


nginx_sound = _fixture(nginx.SOUND)
nginx_tls13_only = _fixture(nginx.TLS13_ONLY)
nginx_defective_versions = _fixture(nginx.DEFECTIVE_VERSIONS)
nginx_defective_certificate = _fixture(nginx.DEFECTIVE_CERTIFICATE)
nginx_defective_suites = _fixture(nginx.DEFECTIVE_SUITES)
nginx_plaintext = _fixture(nginx.PLAINTEXT)
dovecot_sound = _fixture(dovecot.SOUND)
dovecot_defective = _fixture(dovecot.DEFECTIVE)
postfix_sound = _fixture(postfix.SOUND)
postfix_defective = _fixture(postfix.DEFECTIVE)
slapd_sound = _fixture(slapd.SOUND)
slapd_defective = _fixture(slapd.DEFECTIVE)
mariadb_sound = _fixture(mariadb.SOUND)
mariadb_defective = _fixture(mariadb.DEFECTIVE)
prosody_sound = _fixture(prosody.SOUND)
prosody_defective = _fixture(prosody.DEFECTIVE)
mosquitto_sound = _fixture(mosquitto.SOUND)
mosquitto_defective = _fixture(mosquitto.DEFECTIVE)
mosquitto_open = _fixture(mosquitto.OPEN)
rabbitmq_sound = _fixture(rabbitmq.SOUND)
rabbitmq_defective = _fixture(rabbitmq.DEFECTIVE)
unbound_sound = _fixture(unbound.SOUND)
unbound_defective = _fixture(unbound.DEFECTIVE)
chrony_sound = _fixture(chrony.SOUND)
chrony_defective = _fixture(chrony.DEFECTIVE)
kamailio_sound = _fixture(kamailio.SOUND)
kamailio_refusing = _fixture(kamailio.REFUSING)
kamailio_defective = _fixture(kamailio.DEFECTIVE)
openssh_sound = _fixture(openssh.SOUND)
openssh_defective = _fixture(openssh.DEFECTIVE)
vsftpd_sound = _fixture(vsftpd.SOUND)
vsftpd_defective = _fixture(vsftpd.DEFECTIVE)
inn_sound = _fixture(inn.SOUND)
inn_defective = _fixture(inn.DEFECTIVE)
ngircd_sound = _fixture(ngircd.SOUND)
ngircd_defective = _fixture(ngircd.DEFECTIVE)
inspircd_defective = _fixture(inspircd.DEFECTIVE)
postgresql_sound = _fixture(postgresql.SOUND)
postgresql_defective = _fixture(postgresql.DEFECTIVE)
postgresql_without_tls = _fixture(postgresql.WITHOUT_TLS)
postgresql_one_user = _fixture(postgresql.ONE_USER)
memcached_sound = _fixture(memcached.SOUND)
memcached_defective = _fixture(memcached.DEFECTIVE)
memcached_password_in_the_clear = _fixture(memcached.PASSWORD_IN_THE_CLEAR)
redis_sound = _fixture(redis.SOUND)
redis_password_in_the_clear = _fixture(redis.PASSWORD_IN_THE_CLEAR)
redis_defective = _fixture(redis.DEFECTIVE)
xrdp_sound = _fixture(xrdp.SOUND)
xrdp_defective = _fixture(xrdp.DEFECTIVE)
krb5_sound = _fixture(krb5.SOUND)
krb5_defective = _fixture(krb5.DEFECTIVE)
java_sound = _fixture(java.SOUND)
java_defective = _fixture(java.DEFECTIVE)
java_half = _fixture(java.HALF)
activemq_sound = _fixture(activemq.SOUND)
activemq_defective = _fixture(activemq.DEFECTIVE)
activemq_login = _fixture(activemq.LOGIN)


@pytest.fixture(scope="session", params=[one.name for one in CONFIGURATIONS])
def running_server(request: pytest.FixtureRequest) -> Running:
    """Every configuration in turn."""
    running: Running = request.getfixturevalue(request.param.replace("-", "_"))
    return running
