"""Remote Desktop (MS-RDPBCGR), which reaches TLS by the negotiation in its connection request."""

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol
from scanner.wire.rdp import Confirm, FailureCode, Security, connection_request, decode_confirm

_BY_TLS = Security.SSL | Security.HYBRID
_WITHIN_TLS = set(Security)
"""None of them is `Security.RDP`, which is zero."""
_NO_TLS = {FailureCode.SSL_NOT_ALLOWED_BY_SERVER, FailureCode.SSL_CERT_NOT_ON_SERVER}
_NEEDS_TLS = {
    FailureCode.SSL_REQUIRED_BY_SERVER,
    FailureCode.HYBRID_REQUIRED_BY_SERVER,
    FailureCode.SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER,
}


async def _negotiate(connection: Connection, protocols: Security) -> Confirm:
    connection.send(connection_request(protocols))
    return await connection.read(decode_confirm)


async def upgrade(connection: Connection) -> None:
    """Ask for TLS, with Network Level Authentication or without (§5.4.2). Raises AskFailedError."""
    confirm = await _negotiate(connection, _BY_TLS)
    if confirm.selected is not None and confirm.selected & _BY_TLS:
        return
    if confirm.selected == Security.RDP or confirm.failure in _NO_TLS:
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, f"a request for TLS was answered with {confirm}")
    raise AskFailedError(FailureKind.MALFORMED, f"a request for TLS was answered with {confirm}, which does not tell")


async def converse(connection: Connection, _endpoint: Endpoint, _passive: bool) -> Cleartext:
    """Ask for a session without TLS, and go no further. Raises AskFailedError."""
    confirm = await _negotiate(connection, Security.RDP)
    credentials, how = _credentials(confirm)
    return Cleartext(speaks="rdp", credentials=credentials, how=how)


def _credentials(confirm: Confirm) -> tuple[Credentials, str]:
    answer = f"a session without TLS was answered with {confirm}"
    if confirm.selected == Security.RDP:
        # §5.3: RC4 at best, with a server key that everybody can sign
        return "accepted", f"{answer}: standard RDP security, which does not show who the server is"
    if confirm.selected in _WITHIN_TLS or confirm.failure in _NEEDS_TLS:
        return "refused", answer
    return "unknown", f"{answer}, which does not tell"


PROTOCOL = Protocol(
    port=3389,
    reach_tls=ReachTls.UPGRADE,
    upgrade=upgrade,
    converse=converse,
    offers_apart=True,
    without_s_client="sslyze --starttls rdp {numeric}:{port}",
    reproduce="xfreerdp /v:{numeric}:{port} /sec:rdp /cert-ignore +auth-only",
)
