"""Microsoft SQL Server (TDS 7.x), whose TLS handshake goes in PRELOGIN packets; TDS 8.0 is declared as `tls`."""

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol
from scanner.wire.tds import Encryption, Packets, decode_prelogin, prelogin


async def _wish(connection: Connection, encryption: Encryption) -> tuple[int, str]:
    """What the server makes of it, and the same in words."""
    connection.send(prelogin(encryption))
    answer = await connection.read(decode_prelogin)
    name = f"ENCRYPT_{Encryption(answer).name}" if answer in set(Encryption) else f"encryption {answer}"
    return answer, f"ENCRYPT_{encryption.name} was answered with {name}"


async def upgrade(connection: Connection) -> None:
    """PRELOGIN that wants encryption of everything (MS-TDS §2.2.6.5). Raises AskFailedError."""
    answer, how = await _wish(connection, Encryption.ON)
    if answer == Encryption.NOT_SUP:
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, how)
    if answer not in (Encryption.ON, Encryption.REQ):
        raise AskFailedError(FailureKind.MALFORMED, f"{how}, which is no answer to it")
    connection.packets = Packets()


async def converse(connection: Connection, _endpoint: Endpoint, _passive: bool) -> Cleartext:
    """PRELOGIN of a client without TLS, and go no further. Raises AskFailedError."""
    answer, how = await _wish(connection, Encryption.NOT_SUP)
    credentials: Credentials = "unknown"
    if answer == Encryption.NOT_SUP:
        # the login comes next, its password obfuscated by a fixed pattern (§2.2.6.4)
        credentials, how = "accepted", f"{how}: the login goes without TLS"
    elif answer == Encryption.REQ:
        credentials = "refused"
    return Cleartext(speaks="mssql", credentials=credentials, how=how)


PROTOCOL = Protocol(
    port=1433,
    reach_tls=ReachTls.UPGRADE,
    upgrade=upgrade,
    converse=converse,
    offers_apart=True,
    tls_instead=True,
    without_s_client="nmap -Pn -p {port} --script ssl-cert,ssl-enum-ciphers {address}",
    reproduce=f"echo {prelogin(Encryption.NOT_SUP).hex()} | xxd -r -p | nc -w 3 {{address}} {{port}} | xxd",
)
