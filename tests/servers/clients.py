"""What other people's clients see of a server, asked one thing each.

Each function asks one thing and raises RuntimeError with the client's own words when the answer is neither yes nor no.
"""

import base64
import contextlib
import ftplib
import http.client
import imaplib
import poplib
import re
import smtplib
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Literal

from nassl._nassl import OpenSSLError
from nassl.legacy_ssl_client import LegacySslClient
from nassl.ssl_client import OpenSslVerifyEnum, OpenSslVersionEnum

from tests.servers import activemq, java, rdp_clients
from tests.servers.harness import Running, require_binary

SECONDS = 20
STARTTLS = {
    **{one: one for one in ("imap", "pop3", "sieve", "smtp", "lmtp", "ldap", "mysql", "ftp", "nntp", "irc")},
    **{one: one for one in ("imap", "smtp", "ldap", "mysql", "ftp", "nntp", "irc", "xmpp", "xmpp-server")},
    **{one: one for one in ("imap", "smtp", "ldap", "mysql", "ftp", "nntp", "irc")},
    **{one: one for one in ("xmpp", "xmpp-server")},
    "submission": "smtp",
    "postgresql": "postgres",
}
"""Scheme → protocol of `openssl s_client -starttls`."""
ALPN = {"ntske": "ntske/1"}
"""For servers that close where their protocol is not asked for."""
VERSIONS = {"TLSv1.0": "-tls1", "TLSv1.1": "-tls1_1", "TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}
SIGNATURES = {
    "rsa": "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:rsa_pkcs1_sha256:rsa_pkcs1_sha384",
    "ecdsa": "ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384",
}
REFUSALS = {"40": "handshake_failure", "70": "protocol_version", "71": "insufficient_security"}
"""Alerts that say "not like this" (RFC 8446 §6.2)."""
Answer = Literal["accepted", "refused", "closed"]
"""`closed`: the server hung up after the hello without an alert."""
ANY_CIPHER = "ALL:@SECLEVEL=0"


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    program, *arguments = command
    return subprocess.run(
        [require_binary(program), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SECONDS,
        check=False,
        env={"LDAPRC": "/dev/null", "LDAPNOINIT": "1", "OPENSSL_CONF": "/dev/null", "PATH": "/usr/bin:/bin"},
    )


def _s_client(server: Running, scheme: str, *options: str) -> tuple[Answer, str]:
    """One handshake of `openssl s_client`: how it ended, and all that it printed."""
    command = ["openssl", "s_client", "-servername", server.server_name, "-CAfile", str(server.ca_pem)]
    command += ["-cipher", ANY_CIPHER, *options]
    if scheme == "rdp":
        with rdp_clients.beyond_negotiation(server) as port:
            done = _run(*command, "-connect", f"127.0.0.1:{port}")
    else:
        starttls = ("-starttls", STARTTLS[scheme], "-name", server.server_name) if scheme in STARTTLS else ()
        alpn = ("-alpn", ALPN[scheme]) if scheme in ALPN else ()
        done = _run(*command, "-connect", f"{server.address}:{server.ports[scheme]}", *starttls, *alpn)
    said = done.stdout + done.stderr
    alert = re.search(r"SSL alert number (\d+)", said)
    if alert and alert[1] in REFUSALS:
        return "refused", said
    # openssl has no words for a close_notify instead of a handshake
    nothing = not said.strip() or ("no peer certificate available" in said and not re.search("err(or|no)[:=]", said))
    if nothing or "unexpected eof while reading" in said:
        return "closed", said
    if done.returncode == 0 and not alert:
        return "accepted", said
    raise RuntimeError(said)


def version(server: Running, scheme: str, name: str) -> Answer:
    """Whether a version is accepted, when everything else in the hello is as permissive as openssl can be."""
    answer, said = _s_client(server, scheme, "-brief", VERSIONS[name])
    if answer == "accepted" and not re.search(rf"^Protocol version: {name.removesuffix('.0')}$", said, re.MULTILINE):
        raise RuntimeError(said)
    return answer


def speaks_ssl3(server: Running, scheme: str) -> bool:
    """Whether an SSLv3 handshake (OpenSSL 1.0.2 of nassl) succeeds on a port that starts with TLS."""
    with socket.create_connection((server.address, server.ports[scheme]), SECONDS) as connection:
        client = LegacySslClient(
            ssl_version=OpenSslVersionEnum.SSLV3, underlying_socket=connection, ssl_verify=OpenSslVerifyEnum.NONE
        )
        with contextlib.suppress(OSError, OpenSSLError):
            client.do_handshake()
        return client.is_handshake_completed()


def chain(server: Running, scheme: str, key_type: str) -> tuple[str, ...]:
    """SHA-256 of each certificate served to a client that knows only this type of signature; () when it gets none."""
    answer, said = _s_client(server, scheme, "-showcerts", "-sigalgs", SIGNATURES[key_type])
    if answer != "accepted":
        return ()
    served = re.findall(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", said, re.DOTALL)
    return tuple(_sha256(pem) for pem in served)


def _sha256(pem: str) -> str:
    done = subprocess.run(
        ["openssl", "x509", "-noout", "-fingerprint", "-sha256"],
        input=pem,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    return done.stdout.partition("=")[2].strip().replace(":", "").lower()


def verify(server: Running, scheme: str) -> str:
    """openssl's verdict on chain, dates and name under the session's root: `OK` or its words."""
    _, said = _s_client(server, scheme, "-brief", "-verify_hostname", server.server_name)
    verdicts = re.findall(r"^Verification(?: error)?: (.+)$", said, re.MULTILINE)
    return str(verdicts[-1])


def ldap_bind(server: Running, scheme: str, user: str, password: str, *, start_tls: bool = False) -> int:
    """LDAP result code of a simple bind (RFC 4511 appendix A): 0, 13 confidentialityRequired, 49 invalidCredentials."""
    url = f"{scheme}://{server.address}:{server.ports[scheme]}"
    trust = ("-o", f"TLS_CACERT={server.ca_pem}", "-o", "TLS_REQSAN=never", "-o", "TLS_REQCERT=never")
    upgrade = ("-ZZ",) if start_tls else ()
    done = _run("ldapsearch", "-x", "-H", url, "-D", user, "-w", password, "-s", "base", "-b", "", *upgrade, *trust)
    return done.returncode


def mariadb_login(server: Running, user: str, password: str, *, tls: bool) -> int:
    """Error code of a login: 0, or 1045 access denied."""
    options = ("--ssl",) if tls else ("--skip-ssl",)  # without a CA the client checks no certificate
    place = (f"--host={server.address}", f"--port={server.ports['mysql']}", "--protocol=tcp")
    done = _run(
        "mariadb", "--no-defaults", *place, f"--user={user}", f"--password={password}", *options, "--execute=SELECT 1"
    )
    error = re.search(r"^ERROR (\d+) ", done.stderr, re.MULTILINE)
    if done.returncode and not error:
        raise RuntimeError(done.stderr)
    return int(error[1]) if error else 0


def psql_login(server: Running, user: str, password: str, *, tls: bool) -> str:
    """The words against a login; none when it is taken."""
    place = f"host={server.address} port={server.ports['postgresql']} dbname=postgres"
    mode = f"sslmode={'require' if tls else 'disable'} gssencmode=disable"
    done = _run("psql", "--no-psqlrc", "--command=SELECT 1", f"{place} {mode} user={user} password='{password}'")
    refusal = re.search(r"failed: (?:FATAL:  )?(.+)", done.stderr)
    if done.returncode and refusal is None:
        raise RuntimeError(done.stderr)
    return refusal[1] if refusal else ""


def redis_ping(server: Running, scheme: str, password: str = "") -> str:
    """The answer to a PING, after AUTH when there is a password: PONG, or the server's words against it."""
    place = ("-h", server.address, "-p", str(server.ports[scheme]))
    tls = ("--tls", "--insecure") if scheme == "rediss" else ()  # the chain is checked elsewhere
    done = _run("redis-cli", *place, *tls, *(("--no-auth-warning", "-a", password) if password else ()), "PING")
    if done.returncode or not done.stdout:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


def memcached_answers(server: Running) -> bool:
    """Whether memcached serves a client that has said no password."""
    done = _run("memcping", f"--servers={server.address}:{server.ports['memcached']}")
    if done.returncode and "CLIENT ERROR" not in done.stderr:
        raise RuntimeError(done.stderr)
    return not done.returncode


def kinit(server: Running, scheme: str, user: str, password: str, *, realm: str, etype: str) -> bool:
    """Whether a user gets a ticket with this one encryption type, of MIT's name, over UDP or over TCP."""
    with tempfile.TemporaryDirectory() as name:
        configuration = Path(name, "krb5.conf")
        first = 1 if scheme == "kerberos-tcp" else 1465  # longer messages than this go over TCP
        configuration.write_text(
            f"[libdefaults]\ndefault_realm = {realm}\ndns_lookup_kdc = false\nudp_preference_limit = {first}\n"
            f"allow_weak_crypto = true\nallow_rc4 = true\nallow_des3 = true\npermitted_enctypes = {etype}\n"
            f"[realms]\n{realm} = {{\n kdc = {server.address}:{server.ports[scheme]}\n}}\n"
        )
        done = subprocess.run(
            [require_binary("kinit"), user],
            input=password + "\n",
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            env={"KRB5_CONFIG": str(configuration), "KRB5CCNAME": f"FILE:{name}/tickets", "KRB5_TRACE": "/dev/stderr"},
        )
    answered = re.search(r"Received answer \(\d+ bytes\) from (\w+)", done.stderr)
    if answered is None or answered[1] != ("stream" if scheme == "kerberos-tcp" else "dgram"):
        raise RuntimeError(done.stderr)
    if done.returncode and "KDC has no support for encryption type" not in done.stderr:
        raise RuntimeError(done.stderr)
    return done.returncode == 0


def rmi_names(server: Running) -> set[str]:
    """Of all its registries: port, name and transport of each object; and what a call, or two logins, came to."""
    hosts = server.ca_pem.with_name("hosts")
    hosts.write_text(f"{server.address} {java.CLAIMED} localhost\n")  # or nobody could follow the stubs
    options = (*java.COST, f"-Djdk.net.hosts.file={hosts}")
    ports = [(str(port), "tls" if scheme.endswith("s") else "plain") for scheme, port in server.ports.items()]
    words = (str(server.ca_pem), java.USER, java.PASSWORD, server.address, *(one for pair in ports for one in pair))
    done = _run("java", *options, java.SOURCE, "ask", *words)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return set(done.stdout.splitlines())


def jms_logins(server: Running) -> list[tuple[str, str]]:
    """What comes of a login as nobody and of one as the user, by port, over TLS where that is the port's."""
    uris = [
        f"ssl://{server.address}:{port}?socket.verifyHostName=false"
        if scheme == "openwires"
        else f"tcp://{server.address}:{port}"
        for scheme, port in server.ports.items()
    ]
    words = ("ask", str(server.ca_pem), activemq.USER, activemq.PASSWORD, *uris)
    done = _run(*activemq.COMMAND, activemq.SOURCE, *words)
    if done.returncode:
        raise RuntimeError(done.stderr)
    pairs = [line.split() for line in done.stdout.splitlines()]
    return [(nobody, user) for nobody, user in pairs]


def _trusting_nobody() -> ssl.SSLContext:
    """For a session whose certificate is not in question: the chain is checked elsewhere."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def imap_capabilities(server: Running, *, start_tls: bool) -> tuple[str, ...]:
    """What IMAP offers before a login."""
    with imaplib.IMAP4(server.address, server.ports["imap"], SECONDS) as client:
        if start_tls:
            client.starttls(_trusting_nobody())
        return client.capabilities


def imap_login(server: Running, user: str, password: str, *, start_tls: bool) -> str:
    """OK, or the server's words against a LOGIN command, which is sent whatever is offered."""
    with imaplib.IMAP4(server.address, server.ports["imap"], SECONDS) as client:
        if start_tls:
            client.starttls(_trusting_nobody())
        try:
            return client.login(user, password)[0]
        except imaplib.IMAP4.error as error:
            return str(error)


def pop3_capabilities(server: Running, *, start_tls: bool) -> dict[str, list[str]]:
    """What POP3 offers before a login, with parameters."""
    with contextlib.closing(poplib.POP3(server.address, server.ports["pop3"], SECONDS)) as client:
        if start_tls:
            client.stls(_trusting_nobody())
        return client.capa()


def pop3_login(server: Running, user: str, password: str, *, start_tls: bool) -> str:
    """+OK, or the server's words against USER or PASS, which are sent whatever is offered."""
    with contextlib.closing(poplib.POP3(server.address, server.ports["pop3"], SECONDS)) as client:
        if start_tls:
            client.stls(_trusting_nobody())
        try:
            client.user(user)
            return client.pass_(password).decode().partition(" ")[0]
        except poplib.error_proto as error:
            return str(error)


def sieve_login(server: Running, user: str, password: str, *, start_tls: bool) -> str:
    """What ManageSieve says before a login and to one, typed into `nc`, or into openssl once TLS is there."""
    place = (f"{server.address}:{server.ports['sieve']}", "-starttls", "sieve", "-quiet", "-verify_quiet")
    command = ("openssl", "s_client", "-connect", *place) if start_tls else ("nc", "-w", "5", *place[0].split(":"))
    with subprocess.Popen(
        [require_binary(command[0]), *command[1:]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as client:
        response = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        said, _ = client.communicate(f'AUTHENTICATE "PLAIN" "{response}"\r\nLOGOUT\r\n', SECONDS)
        return said


def _smtp(server: Running, scheme: str) -> smtplib.SMTP:
    """smtplib says LHLO where it would say EHLO."""
    kind = smtplib.LMTP if scheme == "lmtp" else smtplib.SMTP
    return kind(server.address, server.ports[scheme], timeout=SECONDS)


def smtp_extensions(server: Running, scheme: str, *, start_tls: bool) -> dict[str, str]:
    """Keywords of the answer to EHLO, in lower case, with their parameters."""
    with _smtp(server, scheme) as client:
        if start_tls:
            client.starttls(context=_trusting_nobody())
        client.ehlo()
        return dict(client.esmtp_features)


def smtp_login(server: Running, scheme: str, user: str, password: str, *, start_tls: bool) -> int:
    """Reply code of AUTH PLAIN, which is sent whatever is offered: 235, or 530, 538, 523, 503, 535."""
    with contextlib.closing(_smtp(server, scheme)) as client:
        if start_tls:
            client.starttls(context=_trusting_nobody())
        client.ehlo()
        response = base64.b64encode(f"\0{user}\0{password}".encode()).decode()  # RFC 4616 §2
        return client.docmd("AUTH PLAIN", response)[0]


def xmpp_login(server: Running, user: str, password: str) -> str:
    """Send a message to oneself without TLS: empty when that worked, else the client's words."""
    place = ("-j", f"{server.address}:{server.ports['xmpp']}", "-o", server.server_name)
    done = _run("sendxmpp", *place, "-u", user, "-p", password, f"{user}@{server.server_name}")
    return done.stdout + done.stderr if done.returncode else ""


def mqtt_login(server: Running, scheme: str, user: str, password: str) -> str:
    """Subscribe to a topic and leave: empty when that worked, else the client's words."""
    place = ("-h", server.address, "-p", str(server.ports[scheme]), "-t", "nothing", "-E", "-W", str(SECONDS))
    tls = ("--cafile", str(server.ca_pem), "--insecure") if scheme == "mqtts" else ()
    done = _run("mosquitto_sub", *place, "-u", user, "-P", password, *tls)
    return done.stdout + done.stderr if done.returncode else ""


def amqp_login(server: Running, scheme: str, user: str, password: str) -> str:
    """Ask for a message of a queue that does not exist: empty when the server says so, else the client's words."""
    place = f"{scheme}://{user}:{password}@{server.address}:{server.ports[scheme]}"
    done = _run("amqp-get", f"--url={place}", "--queue=nothing", f"--cacert={server.ca_pem}")
    said = done.stdout + done.stderr
    return "" if "NOT_FOUND - no queue 'nothing'" in said else said or "nothing"


def dns_over_tls(server: Running) -> str:
    """Status of an answer to a query over TLS, with the server's chain and name checked; empty without an answer."""
    place = (f"@{server.address}", "-p", str(server.ports["dns-over-tls"]))
    trust = (f"+tls-ca={server.ca_pem}", f"+tls-hostname={server.server_name}", "+tls")
    answered = re.search(r"status: (\w+);", _run("kdig", *place, *trust, "nothing.invalid.", "A").stdout)
    return answered[1] if answered else ""


def sip_login(server: Running, user: str, password: str) -> bool:
    """Whether a REGISTER in the clear succeeds."""
    place = f"sip:{user}@{server.address}:{server.ports['sip']}"
    return not _run("sipsak", "-U", "-E", "tcp", "-s", place, "-u", user, "-a", password, "-C", "empty").returncode


def ftp_user(server: Running, user: str, *, start_tls: bool) -> int:
    """Reply code of USER (RFC 959 §5.4): 331 asks for the password, 530 will not hear it."""
    make = partial(ftplib.FTP_TLS, context=_trusting_nobody()) if start_tls else ftplib.FTP
    client = make()
    client.connect(server.address, server.ports["ftp"], SECONDS)
    with contextlib.closing(client):
        if isinstance(client, ftplib.FTP_TLS):
            client.auth()
        try:
            return int(client.sendcmd(f"USER {user}")[:3])
        except ftplib.error_perm as error:
            return int(str(error)[:3])


@contextlib.contextmanager
def _typing(server: Running, scheme: str, begun: str = "") -> Iterator[socket.socket]:
    """A connection to type into, as with nc or `openssl s_client`; after STARTTLS where `begun` is its answer."""
    with socket.create_connection((server.address, server.ports[scheme]), SECONDS) as connection:
        if begun:
            _type(connection, "STARTTLS\r\n", begun)
        elif scheme in STARTTLS:
            yield connection
            return
        with _trusting_nobody().wrap_socket(connection) as wrapped:
            yield wrapped


def _type(connection: socket.socket, words: str, until: str) -> str:
    """What comes back, to the end of the line in which this was found or of the connection."""
    connection.sendall(words.encode())
    said = ""
    while not re.search(rf"^(?:.* )?(?:{until}) .*\n", said, re.MULTILINE) and (heard := connection.recv(1)):
        said += heard.decode(errors="replace")
    return said


def nntp_login(server: Running, scheme: str, user: str, password: str, *, start_tls: bool = False) -> int:
    """Code of the last response to AUTHINFO (RFC 4643 §2.3.1): 281, or 483 encryption required, 481 wrong."""
    with _typing(server, scheme, "382" if start_tls else "") as connection:
        said = _type(connection, f"AUTHINFO USER {user}\r\n", "381|483")
        if "381 " in said:
            said = _type(connection, f"AUTHINFO PASS {password}\r\n", "281|481")
        return int(said.splitlines()[-1][:3])


def irc_login(server: Running, scheme: str, password: str, *, start_tls: bool = False) -> bool:
    """Whether a session is let in with this password of the server's."""
    with _typing(server, scheme, "670" if start_tls else "") as connection:
        said = _type(connection, f"PASS {password}\r\nNICK test\r\nUSER test 0 * :test\r\n", "001|ERROR")
        if "ERROR " not in said:
            _type(connection, "QUIT\r\n", "ERROR")  # which leaves the name to whoever comes next
        return " 001 " in said


def http_answer(server: Running, scheme: str) -> tuple[int, str | None]:
    """Status and Location of GET /."""
    client = http.client.HTTPConnection(server.address, server.ports[scheme], timeout=SECONDS)
    with contextlib.closing(client):
        client.request("GET", "/", headers={"Host": server.server_name})
        answer = client.getresponse()
        return answer.status, answer.getheader("Location")


def ssh_offers(server: Running) -> dict[str, tuple[str, ...]]:
    """What `ssh -vv` prints of the server's KEXINIT: `KEX algorithms`, `ciphers ctos`, … → names in order.

    It stops at the host key, which it does not know.
    """
    unknown = [f"-o{one}HostsFile=/dev/null" for one in ("UserKnown", "GlobalKnown")]
    place = ("-p", str(server.ports["ssh"]), "-l", "nobody", server.address)
    said = _run("ssh", "-vv", "-F", "none", "-oStrictHostKeyChecking=yes", *unknown, *place).stderr
    proposal = said.partition("peer server KEXINIT proposal")[2].partition("first_kex_follows")[0]
    if not proposal:
        raise RuntimeError(said)
    found = re.findall(r"^debug2: ([\w ]+): (\S+)\s*$", proposal, re.MULTILINE)
    return {name: tuple(names.split(",")) for name, names in found}


def ssh_keyscan(server: Running) -> set[str]:
    """Lines of `ssh-keyscan`, without the host: each kind of key that it can agree on with the server."""
    done = _run("ssh-keyscan", "-T", "5", "-t", "rsa,ecdsa,ed25519,dsa", "-p", str(server.ports["ssh"]), server.address)
    return {line.partition(" ")[2] for line in done.stdout.splitlines() if not line.startswith("#")}


def ssh_keygen(public_key: str) -> tuple[int, str]:
    """Size and fingerprint that `ssh-keygen -l` prints of a public key's file."""
    bits, fingerprint, *_ = _run("ssh-keygen", "-l", "-f", public_key).stdout.split()
    return int(bits), fingerprint


def sshd_configured(server: Running) -> dict[str, str]:
    """What `sshd -T` prints of the server's own configuration: keyword in lower case → value."""
    done = _run("sshd", "-T", "-f", str(server.folder / "sshd_config"))
    if done.returncode:
        raise RuntimeError(done.stderr)
    return dict(line.partition(" ")[::2] for line in done.stdout.splitlines())
