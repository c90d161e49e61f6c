"""MySQL's connection phase with TLS by SSLRequest. No login ever succeeds."""

import secrets
import ssl

from scanner.demo.servers import Conversation, Talk
from scanner.wire import mysql, mysql_server
from scanner.wire.mysql import Capability, Err, Handshake
from scanner.wire.mysql_server import Login, SslRequest

_CAPABILITIES = (
    Capability.LONG_PASSWORD
    | Capability.CONNECT_WITH_DB
    | Capability.PROTOCOL_41
    | Capability.TRANSACTIONS
    | Capability.SSL
)


def database(context: ssl.SSLContext, *, login_in_clear: bool) -> Talk:
    """MySQL that offers TLS; `login_in_clear`: without `require_secure_transport`."""

    def refusal(client: Conversation, login: Login) -> Err:
        if client.encrypted or login_in_clear:
            user = login.user.encode("ascii", "backslashreplace").decode("ascii")
            why = f"Access denied for user '{user}'@'127.0.0.1' (using password: NO)"
            return Err(sequence=login.sequence + 1, code=mysql.ER_ACCESS_DENIED, sqlstate="28000", message=why)
        why = "Connections using insecure transport are prohibited while --require_secure_transport=ON."
        code = mysql.ER_SECURE_TRANSPORT_REQUIRED
        return Err(sequence=login.sequence + 1, code=code, sqlstate="HY000", message=why)

    def talk(client: Conversation) -> None:
        greeting = Handshake(
            server_version="8.0.36-demo",
            connection_id=1 + secrets.randbelow(1 << 16),
            capabilities=_CAPABILITIES,
            auth_plugin="mysql_native_password",
            # A salt has no NUL: clients read it as a text.
            salt=secrets.token_hex(10).encode(),
        )
        client.send(mysql_server.handshake(greeting))
        response = client.receive_message(mysql_server.decode_response)
        if isinstance(response, SslRequest):
            client.start_tls(context)
            response = client.receive_message(mysql_server.decode_response)
        if isinstance(response, Login):
            client.send(mysql_server.err(refusal(client, response)))

    return talk
