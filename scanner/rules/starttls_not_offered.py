"""The server does not offer the upgrade to TLS on its plaintext port.

Without STARTTLS (POP3: STLS, FTP: AUTH TLS, LDAP: the StartTLS operation, MySQL: the SSL capability, PostgreSQL: the
SSLRequest) every client on this port works in plaintext, and one that insists on TLS cannot work at all. The offer also
goes missing when a firewall or a "mail protection" box on the way strips it, which is worth knowing too.

How to fix:
- Postfix: `smtpd_tls_security_level = may` (a public MX) or `encrypt` (submission), with `smtpd_tls_chain_files`
- Dovecot (IMAP, POP3, ManageSieve, LMTP): `ssl = required`, with `ssl_cert` and `ssl_key`, and no `ssl = no` within a
  `protocol` block
- Cyrus (IMAP, POP3, ManageSieve, LMTP): `tls_server_cert`, `tls_server_key`
- OpenLDAP: `olcTLSCertificateFile`, `olcTLSCertificateKeyFile`, `olcTLSCACertificateFile`
- MySQL, MariaDB: `ssl_cert`, `ssl_key`, and no `skip_ssl`
- Prosody: the module `tls`, and `certificate` and `key` in `ssl`; ejabberd: `starttls: true`, `certfiles`
- vsftpd: `ssl_enable=YES`, `rsa_cert_file`, `rsa_private_key_file`
- INN: `tlscertfile` and `tlskeyfile` in `inn.conf`
- InspIRCd: the module `starttls`; for ngIRCd, which has none, and better for both: close the port, use 6697 (`ircs`)
- PostgreSQL: `ssl = on`, with `ssl_cert_file` and `ssl_key_file`
- SQL Server: a certificate in Configuration Manager; Linux: `network.tlscert` and `network.tlskey` in `mssql.conf`
- xrdp: `security_layer=tls`, with `certificate` and `key_file`
- if the server does offer it when asked on its own host: look for a device on the way that rewrites the greeting

Source: RFC 3207 §4; RFC 9051 §6.2.1 and §11.1; RFC 2595 §4; RFC 5804 §2.2; RFC 4513 §3.1.1; RFC 4217 §4; RFC 4642 §2.2;
RFC 6120 §5.2; RFC 8314 §4
"""

from scanner.declared import Service, TlsExpectation
from scanner.model import Endpoint, Judgement, ReachTls, Severity, Verdict
from scanner.observations.cleartext import Cleartext
from scanner.rules._chains import quoted

SEVERITY = Severity.HIGH


def judge(endpoint: Endpoint, service: Service, said: Cleartext | None) -> Judgement:
    """Only for protocols that reach TLS by an upgrade."""
    if service.tls is TlsExpectation.NONE:
        return Judgement(Verdict.NOT_APPLICABLE, "the service is declared without TLS")
    if endpoint.reach_tls is not ReachTls.UPGRADE:
        return Judgement(Verdict.NOT_APPLICABLE, f"{endpoint.protocol} does not reach TLS by an upgrade")
    if said is None:
        return Judgement(Verdict.UNKNOWN, "not known whether an upgrade to TLS is offered")
    if said.tls_offered is None:
        message = f"not known whether an upgrade to TLS is offered; the port speaks {quoted(said.speaks)}"
        return Judgement(Verdict.UNKNOWN, message, ("cleartext",))
    if said.tls_offered:
        return Judgement(Verdict.PASS, "offers the upgrade to TLS", ("cleartext",))
    return Judgement(Verdict.FAIL, "does not offer the upgrade to TLS", ("cleartext",))
