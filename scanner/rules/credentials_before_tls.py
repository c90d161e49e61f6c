"""The server accepts credentials before TLS.

One client with a wrong setting, or one attacker who strips STARTTLS, and a password passes in plaintext; it then
opens everything else that shares it. Offering STARTTLS does not help as long as the server also takes a login
without it.

How to fix:
- Dovecot (IMAP, POP3, ManageSieve): `disable_plaintext_auth = yes` (2.4: `auth_allow_cleartext = no`) and
  `ssl = required`
- IMAP that greets with PREAUTH: on no port that a network reaches
- Cyrus (IMAP, POP3, ManageSieve): `allowplaintext: no`
- Postfix: `smtpd_tls_auth_only = yes`; on submission also `smtpd_tls_security_level = encrypt`
- OpenLDAP: `olcSecurity: ssf=128`, or `simple_bind=128` for simple binds alone
- MySQL, MariaDB: `require_secure_transport = ON`, or `ALTER USER … REQUIRE SSL` for each account
- Prosody: `c2s_require_encryption = true`, `s2s_require_encryption = true`, no `allow_unencrypted_plain_auth`
- ejabberd: `starttls_required: true` on the c2s listener, `s2s_use_starttls: required`
- Mosquitto: no `listener 1883`, but `listener 8883` with `certfile` and `keyfile`; `allow_anonymous false`
- RabbitMQ: `listeners.tcp = none`, and `listeners.ssl.default = 5671` with `ssl_options.certfile` and `.keyfile`
- Kamailio: no `listen=tcp:…` or `udp:…`, or a 403 to every `REGISTER` whose `$pr` is not `tls`
- vsftpd: `ssl_enable=YES` and `force_local_logins_ssl=YES`; ProFTPD: `TLSRequired on`
- INN: `require_encryption: true` in every `auth` group of `readers.conf`
- ngIRCd: `Ports` in the section `[SSL]` alone; InspIRCd: `sslprofile` in every `<bind>` for clients
- PostgreSQL: `hostssl` instead of `host` in `pg_hba.conf`; PgBouncer: `client_tls_sslmode = require`
- SQL Server: Configuration Manager, Protocols, Flags: Force Encryption = Yes; Linux: `network.forceencryption = 1`
- MongoDB: `net.tls.mode: requireTLS`, and `security.authorization: enabled`
- Redis: `tls-port` instead of `port`, which becomes 0, and a password (`requirepass` or ACLs)
- memcached: `-Z -o ssl_chain_cert=…,ssl_key=…`, or `-l 127.0.0.1`
- Windows: Group Policy "Require use of specific security layer for remote (RDP) connections" = SSL, and Network Level
  Authentication; xrdp: `security_layer=tls`
- nginx, Apache: no Basic authentication on the plaintext port; redirect it to https

Source: RFC 8314 §4.1; RFC 9051 §6.2.2, §6.2.3 and §7.2.2; RFC 5530 §3; RFC 4954 §4; RFC 2595 §2.3 and §6; RFC 2449
§6.2; RFC 5804 §1.3; RFC 4513 §5.1.3 and §6.3.3; RFC 4217 §4.2; RFC 4643 §2.3.1; RFC 7617 §4; RFC
6120 §5.3.1 and §13.8.2; RFC 3261 §26.2.1
"""

from scanner.declared import Service, TlsExpectation
from scanner.model import Endpoint, Judgement, ReachTls, Severity, Verdict
from scanner.observations.cleartext import Cleartext
from scanner.rules._chains import told

SEVERITY = Severity.HIGH


def judge(endpoint: Endpoint, service: Service, said: Cleartext | None) -> Judgement:
    """Judged wherever anything is said in the clear, whatever the port was declared to be."""
    if service.tls is TlsExpectation.NONE:
        return Judgement(Verdict.NOT_APPLICABLE, "the service is declared without TLS")
    if said is None and endpoint.reach_tls is ReachTls.IMPLICIT:
        return Judgement(Verdict.NOT_APPLICABLE, "declared to begin with TLS; judged by plaintext-port-open")
    if said is None:
        return Judgement(Verdict.UNKNOWN, "not known whether credentials are accepted before TLS")
    if said.speaks == "tls":
        return Judgement(Verdict.NOT_APPLICABLE, "nothing is said before TLS", ("cleartext",))
    how = f": {told(said.how)}" if said.how else ""
    match said.credentials:
        case "accepted":
            return Judgement(Verdict.FAIL, f"credentials are accepted before TLS{how}", ("cleartext",))
        case "refused":
            return Judgement(Verdict.PASS, f"credentials are refused before TLS{how}", ("cleartext",))
        case "none" if said.speaks != "unknown":
            return Judgement(Verdict.PASS, f"there are no credentials to give before TLS{how}", ("cleartext",))
        case "none":
            # "None to give" is only an answer from a server that was understood.
            message = f"not known what is spoken on this port, declared {endpoint.protocol}{how}"
            return Judgement(Verdict.UNKNOWN, message, ("cleartext",))
        case _:
            message = f"not known whether credentials are accepted before TLS{how}"
            return Judgement(Verdict.UNKNOWN, message, ("cleartext",))
