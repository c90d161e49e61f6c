"""What each configuration says of itself is what other people's clients see of it."""

import pytest

from tests.servers import (
    clients,
    dovecot,
    inn,
    java,
    kamailio,
    krb5,
    mariadb,
    mosquitto,
    ngircd,
    openssh,
    postfix,
    postgresql,
    prosody,
    rabbitmq,
    rdp_clients,
    redis,
    slapd,
)
from tests.servers.harness import Running

pytestmark = pytest.mark.real

PROBLEMS = {
    "certificate-expired": "certificate has expired",
    "certificate-not-yet-valid": "certificate is not yet valid",
    "chain-incomplete": "unable to get local issuer certificate",
    "chain-not-trusted": "self-signed certificate",
    "name-not-covered": "hostname mismatch",
}
"""Rule → what openssl says of the defect."""


def _tls_ports(server: Running) -> list[str]:
    return [scheme for scheme, listener in server.truth.items() if listener.versions]


def test_versions(running_server: Running) -> None:
    for scheme in _tls_ports(running_server):
        truth = running_server.truth[scheme]
        turned_down = {"alert": "refused", "close": "closed"}[truth.refusal]
        expected = {one: "accepted" if one in truth.versions else turned_down for one in clients.VERSIONS}
        assert {one: clients.version(running_server, scheme, one) for one in clients.VERSIONS} == expected, scheme


def test_ssl3(running_server: Running) -> None:
    for scheme in set(_tls_ports(running_server)) - clients.STARTTLS.keys() - {"rdp"}:
        assert clients.speaks_ssl3(running_server, scheme) == ("SSLv3" in running_server.truth[scheme].versions), scheme


def test_certificates(running_server: Running) -> None:
    for scheme in _tls_ports(running_server):
        configured = {key_type: issued.chain for key_type, issued in running_server.certificates(scheme).items()}
        for key_type in clients.SIGNATURES:
            assert clients.chain(running_server, scheme, key_type) == configured.get(key_type, ()), (scheme, key_type)


def test_verification(running_server: Running) -> None:
    """openssl finds the first planted defect of a certificate, and none where none was planted."""
    for scheme in _tls_ports(running_server):
        expected = {words for rule, words in PROBLEMS.items() if rule in running_server.truth[scheme].fails}
        assert clients.verify(running_server, scheme) in (expected or {"OK"}), scheme


def test_http(running_server: Running) -> None:
    if "http" not in running_server.ports:
        return
    status, location = clients.http_answer(running_server, "http")
    assert location == running_server.redirect("http")
    assert status == (301 if location else 200)


@pytest.mark.parametrize("name", ["dovecot_sound", "dovecot_defective"])
def test_imap(name: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    truth = server.truth["imap"]
    offered = clients.imap_capabilities(server, start_tls=False)
    assert ("STARTTLS" in offered) is truth.starttls
    assert ("LOGINDISABLED" in offered) is (truth.credentials == "refused")
    assert any(one.startswith("AUTH=") for one in offered) is (truth.credentials == "accepted")
    login = clients.imap_login(server, dovecot.USER, dovecot.PASSWORD, start_tls=False)
    assert (login == "OK") is (truth.credentials == "accepted"), login
    assert "AUTH=PLAIN" in clients.imap_capabilities(server, start_tls=True)
    assert clients.imap_login(server, dovecot.USER, dovecot.PASSWORD, start_tls=True) == "OK"


@pytest.mark.parametrize("name", ["dovecot_sound", "dovecot_defective"])
def test_pop3(name: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    truth = server.truth["pop3"]
    offered = clients.pop3_capabilities(server, start_tls=False)
    assert ("STLS" in offered) is truth.starttls
    assert ("USER" in offered) is ("PLAIN" in offered["SASL"]) is (truth.credentials == "accepted")
    login = clients.pop3_login(server, dovecot.USER, dovecot.PASSWORD, start_tls=False)
    assert (login == "+OK") is (truth.credentials == "accepted"), login
    assert "USER" in clients.pop3_capabilities(server, start_tls=True)
    assert clients.pop3_login(server, dovecot.USER, dovecot.PASSWORD, start_tls=True) == "+OK"


@pytest.mark.parametrize("name", ["dovecot_sound", "dovecot_defective"])
def test_sieve(name: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    accepted = server.truth["sieve"].credentials == "accepted"
    said = clients.sieve_login(server, dovecot.USER, dovecot.PASSWORD, start_tls=False)
    assert '"STARTTLS"' in said
    assert ('"SASL" "PLAIN LOGIN"' in said) is accepted
    assert ('OK "Logged in."' in said) is accepted, said
    assert ("NO (ENCRYPT-NEEDED)" in said) is not accepted, said
    said = clients.sieve_login(server, dovecot.USER, dovecot.PASSWORD, start_tls=True)
    assert 'OK "Logged in."' in said


@pytest.mark.parametrize("name", ["dovecot_sound", "dovecot_defective"])
def test_lmtp(name: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    truth = server.truth["lmtp"]
    assert ("starttls" in clients.smtp_extensions(server, "lmtp", start_tls=False)) is truth.starttls
    for start_tls in {False, truth.starttls}:
        assert "auth" not in clients.smtp_extensions(server, "lmtp", start_tls=bool(start_tls))
    # 502: it knows no AUTH at all
    assert clients.smtp_login(server, "lmtp", dovecot.USER, dovecot.PASSWORD, start_tls=False) == 502


@pytest.mark.parametrize("name", ["dovecot_sound", "dovecot_defective"])
def test_dovecot_submission(name: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    truth = server.truth["submission"]
    offered = clients.smtp_extensions(server, "submission", start_tls=False)
    assert ("starttls" in offered) is truth.starttls
    # a list without a mechanism, which is no offer
    assert offered["auth"].split() == (["PLAIN", "LOGIN"] if truth.credentials == "accepted" else [])
    code = clients.smtp_login(server, "submission", dovecot.USER, dovecot.PASSWORD, start_tls=False)
    assert code == {"refused": 523, "accepted": 235}[truth.credentials]
    assert clients.smtp_login(server, "submission", dovecot.USER, dovecot.PASSWORD, start_tls=True) == 235


@pytest.mark.parametrize("name", ["postfix_sound", "postfix_defective"])
@pytest.mark.parametrize("scheme", ["smtp", "submission"])
def test_smtp(name: str, scheme: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    truth = server.truth[scheme]
    offered = clients.smtp_extensions(server, scheme, start_tls=False)
    assert ("starttls" in offered) is truth.starttls
    assert ("auth" in offered) is (truth.credentials == "accepted")
    code = clients.smtp_login(server, scheme, postfix.USER, postfix.PASSWORD, start_tls=False)
    # 503: the port knows no AUTH; 530: STARTTLS first (RFC 3207 §4); 235: taken (RFC 4954 §6)
    assert code == {"none": 503, "refused": 530, "accepted": 235}[truth.credentials]
    if truth.starttls and truth.credentials != "none":
        assert "PLAIN" in clients.smtp_extensions(server, scheme, start_tls=True)["auth"]
        assert clients.smtp_login(server, scheme, postfix.USER, postfix.PASSWORD, start_tls=True) == 235


@pytest.mark.parametrize("name", ["slapd_sound", "slapd_defective"])
def test_ldap(name: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    accepted = server.truth["ldap"].credentials == "accepted"
    nobody = f"cn=nobody,{slapd.SUFFIX}"
    # confidentialityRequired (13) whatever the password, or invalidCredentials (49) against the wrong one
    assert clients.ldap_bind(server, "ldap", nobody, "wrong") == (49 if accepted else 13)
    assert clients.ldap_bind(server, "ldap", slapd.ROOT_DN, slapd.PASSWORD) == (0 if accepted else 13)
    assert clients.ldap_bind(server, "ldap", slapd.ROOT_DN, slapd.PASSWORD, start_tls=True) == 0
    assert clients.ldap_bind(server, "ldaps", slapd.ROOT_DN, slapd.PASSWORD) == 0
    assert clients.ldap_bind(server, "ldaps", nobody, "wrong") == 49
    # a name beneath no naming context is unknown before any policy is looked at: its 49 says nothing about credentials
    assert clients.ldap_bind(server, "ldap", "cn=nobody", "wrong") == 49


@pytest.mark.parametrize(("name", "in_the_clear"), [("mariadb_sound", 1045), ("mariadb_defective", 0)])
def test_mysql(name: str, in_the_clear: int, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    assert clients.mariadb_login(server, mariadb.USER, mariadb.PASSWORD, tls=True) == 0
    assert clients.mariadb_login(server, mariadb.USER, mariadb.PASSWORD, tls=False) == in_the_clear
    # why `credentials` is unknown to whoever has no account: both say the same
    assert clients.mariadb_login(server, "nobody", "wrong", tls=False) == 1045


def test_xmpp(prosody_sound: Running, prosody_defective: Running) -> None:
    assert "requires us to use TLS" in clients.xmpp_login(prosody_sound, prosody.USER, prosody.PASSWORD)
    assert not clients.xmpp_login(prosody_defective, prosody.USER, prosody.PASSWORD)
    assert "not-authorized" in clients.xmpp_login(prosody_defective, prosody.USER, "wrong")


def test_mqtt(mosquitto_sound: Running, mosquitto_defective: Running, mosquitto_open: Running) -> None:
    for server, scheme in ((mosquitto_sound, "mqtts"), (mosquitto_defective, "mqtt")):
        assert not clients.mqtt_login(server, scheme, mosquitto.USER, mosquitto.PASSWORD)
        assert "not authorised" in clients.mqtt_login(server, scheme, "nobody", "wrong")
    assert not clients.mqtt_login(mosquitto_open, "mqtt", "nobody", "wrong")


def test_amqp(rabbitmq_defective: Running) -> None:
    assert not clients.amqp_login(rabbitmq_defective, "amqp", rabbitmq.USER, rabbitmq.PASSWORD)
    assert "ACCESS_REFUSED" in clients.amqp_login(rabbitmq_defective, "amqp", "nobody", "wrong")


def test_dns_over_tls(unbound_sound: Running, unbound_defective: Running) -> None:
    assert clients.dns_over_tls(unbound_sound) == "NXDOMAIN"
    assert not clients.dns_over_tls(unbound_defective)


def test_sip(kamailio_refusing: Running, kamailio_defective: Running) -> None:
    assert not clients.sip_login(kamailio_refusing, kamailio.USER, kamailio.PASSWORD)
    assert clients.sip_login(kamailio_defective, kamailio.USER, kamailio.PASSWORD)
    assert not clients.sip_login(kamailio_defective, kamailio.USER, "wrong")


@pytest.mark.parametrize("name", ["openssh_sound", "openssh_defective"])
def test_ssh(name: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    truth = server.truth["ssh"]
    offered, holds = clients.ssh_offers(server), clients.sshd_configured(server)
    for keyword, shown in (
        ("KexAlgorithms", ("KEX algorithms",)),
        ("HostKeyAlgorithms", ("host key algorithms",)),
        ("Ciphers", ("ciphers ctos", "ciphers stoc")),
        ("MACs", ("MACs ctos", "MACs stoc")),
    ):
        configured = tuple(truth.algorithms.get(keyword, holds[keyword.lower()]).split(","))
        for names in (offered[one] for one in shown):
            # its own name is added to the methods; host keys that it does not have are left out
            listed = tuple(one for one in names if not one.startswith("kex-strict-"))
            assert listed == tuple(one for one in configured if one in listed), keyword
            assert keyword == "HostKeyAlgorithms" or listed == configured
    assert "kex-strict-s-v00@openssh.com" in offered["KEX algorithms"]  # why no configuration is open to Terrapin
    scanned = {" ".join(line.split()[:2]) for line in clients.ssh_keyscan(server)}
    files = {openssh.key_file(server.folder, one).with_suffix(".pub") for one in truth.host_keys}
    keys = {" ".join(path.read_text().split()[:2]) for path in files}
    # ssh-keyscan has no way to agree with a server that is this old
    assert scanned == (keys if name == "openssh_sound" else set())


@pytest.mark.parametrize(("name", "in_the_clear"), [("vsftpd_sound", 530), ("vsftpd_defective", 331)])
def test_ftp(name: str, in_the_clear: int, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    assert clients.ftp_user(server, "reader", start_tls=False) == in_the_clear
    assert clients.ftp_user(server, "reader", start_tls=True) == 331


@pytest.mark.parametrize(("name", "in_the_clear", "wrong"), [("inn_sound", 483, 483), ("inn_defective", 281, 481)])
def test_nntp(name: str, in_the_clear: int, wrong: int, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    assert clients.nntp_login(server, "nntp", inn.USER, inn.PASSWORD) == in_the_clear
    assert clients.nntp_login(server, "nntp", inn.USER, "wrong") == wrong
    assert clients.nntp_login(server, "nntp", inn.USER, inn.PASSWORD, start_tls=True) == 281
    assert clients.nntp_login(server, "nntps", inn.USER, inn.PASSWORD) == 281


@pytest.mark.parametrize("name", ["ngircd_sound", "ngircd_defective"])
def test_irc_with_a_password(name: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    for scheme in server.ports:
        assert clients.irc_login(server, scheme, ngircd.PASSWORD)
        assert not clients.irc_login(server, scheme, "wrong")


def test_irc_with_starttls(inspircd_defective: Running) -> None:
    for start_tls in (False, True):
        assert clients.irc_login(inspircd_defective, "irc", "any", start_tls=start_tls)
    assert clients.irc_login(inspircd_defective, "ircs", "any")


@pytest.mark.parametrize("name", ["postgresql_sound", "postgresql_defective", "postgresql_without_tls"])
def test_postgresql(name: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    truth = server.truth["postgresql"]
    accepted = truth.credentials == "accepted"
    with_tls = clients.psql_login(server, postgresql.USER, postgresql.PASSWORD, tls=True)
    assert with_tls == ("" if truth.starttls else "server does not support SSL, but SSL was required")
    assert (clients.psql_login(server, postgresql.USER, postgresql.PASSWORD, tls=False) == "") is accepted
    # whoever has no account learns it as well
    nobody = clients.psql_login(server, "nobody", "wrong", tls=False)
    assert ("password authentication failed" if accepted else "no encryption") in nobody
    if truth.starttls:
        assert "password authentication failed" in clients.psql_login(server, "nobody", "wrong", tls=True)


def test_postgresql_with_a_line_for_one_user(postgresql_one_user: Running) -> None:
    """Who that is may come in the clear; what others are told depends on nothing that would be changed by TLS."""
    for tls, words in ((True, "SSL encryption"), (False, "no encryption")):
        assert clients.psql_login(postgresql_one_user, postgresql.USER, postgresql.PASSWORD, tls=tls) == ""
        nobody = clients.psql_login(postgresql_one_user, "nobody", "wrong", tls=tls)
        assert "no pg_hba.conf entry" in nobody
        assert words in nobody


@pytest.mark.parametrize("name", ["redis_sound", "redis_password_in_the_clear", "redis_defective"])
def test_redis(name: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    password = "" if name == "redis_defective" else redis.PASSWORD
    for scheme in server.ports:
        if password:
            assert clients.redis_ping(server, scheme).startswith("NOAUTH")
        assert clients.redis_ping(server, scheme, password) == "PONG"


@pytest.mark.parametrize(
    ("name", "answers"), [("memcached_defective", True), ("memcached_password_in_the_clear", False)]
)
def test_memcached(name: str, answers: bool, request: pytest.FixtureRequest) -> None:
    assert clients.memcached_answers(request.getfixturevalue(name)) is answers


@pytest.mark.parametrize("name", ["xrdp_sound", "xrdp_defective"])
def test_rdp(name: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(name)
    accepted = server.truth["rdp"].credentials == "accepted"
    assert rdp_clients.freerdp_connects(server, "rdp") is accepted


@pytest.mark.parametrize("name", ["krb5_sound", "krb5_defective"])
@pytest.mark.parametrize("scheme", ["kerberos", "kerberos-tcp"])
def test_kerberos(name: str, scheme: str, request: pytest.FixtureRequest) -> None:
    """Whoever has the password gets a ticket with each of the encryption types that are configured, and no other."""
    server: Running = request.getfixturevalue(name)
    login = (server, scheme, krb5.USER, krb5.PASSWORD)
    got = {iana for mit, iana in krb5.NAMES.items() if clients.kinit(*login, realm=krb5.REALM, etype=mit)}
    assert got == server.truth[scheme].encryption_types


@pytest.mark.parametrize("name", ["java_sound", "java_defective", "java_half"])
def test_java(name: str, request: pytest.FixtureRequest) -> None:
    """What the JDK's own client is told, and that its calls go through."""
    server: Running = request.getfixturevalue(name)
    expected = set()
    for scheme, port in server.ports.items():
        objects = java.OBJECTS[server.configuration.name][scheme]
        if scheme.startswith("rmi"):
            expected |= {f"{port} {one} {objects} hello" for one in java.NAMES}
        else:
            open_to_all = "jmx-without-authentication" in server.truth[scheme].fails
            expected.add(f"{port} jmxrmi {objects} {'taken' if open_to_all else 'refused'} taken")
    assert clients.rmi_names(server) == expected


@pytest.mark.parametrize(
    ("name", "nobody"), [("activemq_sound", "refused"), ("activemq_defective", "taken"), ("activemq_login", "refused")]
)
def test_openwire(name: str, nobody: str, request: pytest.FixtureRequest) -> None:
    """ActiveMQ's own client gets in on each port as the user, and as nobody where no login is asked for."""
    server: Running = request.getfixturevalue(name)
    assert clients.jms_logins(server) == [(nobody, "taken")] * len(server.ports)
