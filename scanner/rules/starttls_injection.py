"""The server carries over into TLS what was sent before it.

A server that reads ahead finds in its buffer, once TLS is up, what came in one segment with the command that asks for
TLS, and takes it for the client's. So a man in the middle, who can add bytes before TLS but none inside, begins the
client's encrypted session with commands of his own: a login as himself, or a mail into which the client's password
and messages are then written.

How to fix:
- update the server: Postfix drops what it has read ahead since 2.4.16, 2.5.12, 2.6.9, 2.7.3 and 2.8, Cyrus IMAP since
  2.4.7, Pure-FTPd since 1.0.30, Dovecot since 2.3.14.1
- a server of your own: when TLS begins, drop whatever was received and not yet looked at, or close
- a proxy or a "mail protection" appliance in front has to be updated as well: what it passes on, it has to read anew
- or leave the upgrade alone: TLS from the first byte (RFC 8314) has nothing before it

Source: CVE-2011-0411, CERT VU#555316; RFC 3207 §4.2; Poddebniak et al., Why TLS is better without STARTTLS, USENIX
Security 2021
"""

from scanner.model import Endpoint, Judgement, ReachTls, Severity, Verdict
from scanner.observations.upgrade import Upgrade

SEVERITY = Severity.HIGH


def judge(endpoint: Endpoint, seen: Upgrade | None) -> Judgement:
    """Of the answer to a harmless command that was sent behind the upgrade, in the same segment."""
    if endpoint.reach_tls is not ReachTls.UPGRADE:
        return Judgement(Verdict.NOT_APPLICABLE, f"{endpoint.protocol} does not reach TLS by an upgrade")
    if seen is None:
        return Judgement(Verdict.UNKNOWN, "not known what becomes of a command behind the upgrade")
    match seen.injection:
        case "executed":
            return Judgement(
                Verdict.FAIL, f"a command from before TLS is carried out inside: {seen.how}", ("injection",)
            )
        case "dropped":
            return Judgement(Verdict.PASS, f"a command from before TLS is dropped: {seen.how}", ("injection",))
        case "unknown":
            return Judgement(Verdict.UNKNOWN, f"not known what becomes of a command behind the upgrade: {seen.how}")
    return Judgement(Verdict.NOT_APPLICABLE, f"no command of {endpoint.protocol} is sent behind the upgrade")
