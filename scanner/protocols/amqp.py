"""AMQP 0-9-1 and 1.0 in plaintext."""

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import AskAgainError, Protocol
from scanner.wire import amqp
from scanner.wire.amqp import Header, Start
from scanner.wire.text import printable

PASSWORD_IN_THE_CLEAR = {"PLAIN", "AMQPLAIN", "LOGIN"}


async def converse(connection: Connection, _endpoint: Endpoint, _passive: bool) -> Cleartext:
    """The protocol header, of 0-9-1 or else of 1.0, which is answered with the mechanisms for a login.

    Raises AskFailedError.
    """
    connection.send(Header.AMQP_0_9_1)
    answer = await connection.read(amqp.decode_answer)
    if isinstance(answer, Start):
        return _told(answer, "AMQP 0-9-1")
    if answer == Header.TLS:
        return _needs_tls()
    if answer in (Header.AMQP_1_0, Header.SASL):
        raise AskAgainError(_converse_in_version_1)
    raise AskFailedError(FailureKind.MALFORMED, f"speaks another AMQP: '{printable(answer, 64)}'")


async def _converse_in_version_1(connection: Connection, _endpoint: Endpoint, _passive: bool) -> Cleartext:
    connection.send(Header.SASL)
    answer = await connection.read(amqp.decode_sasl)
    if isinstance(answer, Start):
        return _told(answer, "AMQP 1.0")
    if answer == Header.TLS:
        return _needs_tls()
    if answer == Header.AMQP_1_0:
        how = "there is no authentication: the server declines SASL and speaks AMQP 1.0 without it"
        return Cleartext(speaks="amqp", banner="AMQP 1.0", credentials="accepted", how=how)
    raise AskFailedError(FailureKind.MALFORMED, f"SASL was answered with '{printable(answer, 64)}'")


def _needs_tls() -> Cleartext:
    how = "the server answers with the header of TLS (AMQP 1.0 §5.2)"
    return Cleartext(speaks="amqp", banner="AMQP 1.0, TLS first", credentials="refused", how=how)


def _told(start: Start, version: str) -> Cleartext:
    mechanisms = tuple(printable(one, 64) for one in start.mechanisms)
    credentials, how = _credentials(mechanisms)
    product = printable(start.product, 128)
    return Cleartext(
        speaks="amqp",
        banner=f"{version}, {product}" if product else version,
        credentials=credentials,
        how=how,
        capabilities=mechanisms,
    )


def _credentials(mechanisms: tuple[str, ...]) -> tuple[Credentials, str]:
    """EXTERNAL alone is a login by what TLS has shown: there is nothing to give without it."""
    offered = f"SASL {printable(', '.join(mechanisms), 200)} offered without TLS"
    if "ANONYMOUS" in mechanisms:
        return "accepted", f"{offered}, one of them without any credentials"
    if PASSWORD_IN_THE_CLEAR.intersection(mechanisms):
        return "accepted", f"{offered}, which sends the password"
    if set(mechanisms) - {"EXTERNAL"}:
        return "accepted", offered
    return "refused", f"{offered}, and nothing else" if mechanisms else "no SASL mechanism is offered without TLS"


PROTOCOL = Protocol(
    port=5672,
    reach_tls=ReachTls.NEVER,
    converse=converse,
    reproduce=r"printf 'AMQP\0\0\011\001' | nc -w 3 {address} {port} | xxd",
)
