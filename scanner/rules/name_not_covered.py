"""The certificate does not cover the name that clients connect to.

A certificate for another name proves nothing about this one, so clients refuse it, or were told not to look, which
lets anybody with any certificate in. Only the names in subjectAltName count: the common name has not been an
identifier since RFC 9525, and browsers have ignored it for years. A wildcard stands for exactly one whole label, the
left-most.

How to fix:
- have the certificate issued again with every name clients use as dNSName, and an address, if they use one, as
  iPAddress: `certbot --expand -d www.example.com -d example.com`, or `subjectAltName = DNS:…, IP:…` in the request
- right certificate, wrong host: nginx and Apache serve the default server's certificate to names they do not know;
  add the name to `server_name` / `ServerAlias`. Postfix: `tls_server_sni_maps`. Dovecot: `local_name … { ssl_cert …
  }`
- name and certificate are right: correct the URL or `server_name` in the inventory

Source: RFC 9525 §2, §4.1, §6.3 (wildcards) and §6.4 (addresses); RFC 9110 §4.3.4; RFC 7817 §3 (mail); BR §7.1.2.7.12
"""

from scanner.declared import Service
from scanner.model import Endpoint, Judgement, Severity, Verdict
from scanner.observations.certificate import Certificate, CertificateFacts
from scanner.rules._chains import each_leaf, listed, quoted, unread
from scanner.rules._names import address, covers

SEVERITY = Severity.HIGH


def judge(endpoint: Endpoint, service: Service, seen: Certificate) -> Judgement:
    """The endpoint's identity and every name that the service declares."""
    wanted = tuple(dict.fromkeys((endpoint.identity, *service.certificate.names)))
    sni = "" if seen.server_name else " (no SNI was sent: the server chose which certificate to show)"

    def judge_leaf(leaf: CertificateFacts) -> Judgement:
        missing = [name for name in wanted if not any(covers(presented, name) for presented in _eligible(leaf, name))]
        if not missing:
            return Judgement(Verdict.PASS, f"covers {', '.join(wanted)}")
        if not leaf.names and leaf.malformed:
            return unread(leaf, "the names")
        only_common = [name for name in missing if any(covers(cn, name) for cn in leaf.common_names)]
        common = ""
        if only_common:
            common = f"; {', '.join(only_common)} stands in the common name alone, which clients do not look at"
        elif not leaf.names and leaf.common_names:
            common = f"; its common name is {quoted(leaf.common_names[0])}"
        message = f"does not cover {', '.join(missing)}; subjectAltName holds {listed(leaf.names)}{common}{sni}"
        return Judgement(Verdict.FAIL, message)

    return each_leaf(seen, judge_leaf)


def _eligible(leaf: CertificateFacts, name: str) -> tuple[str, ...]:
    """An address is covered by an iPAddress entry alone, not by a dNSName that spells it (RFC 9525 §6.4)."""
    return leaf.ip_addresses if address(name) is not None else leaf.names
