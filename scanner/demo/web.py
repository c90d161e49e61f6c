"""HTTP, with TLS or without (RFC 9112)."""

import re
import ssl

from scanner.demo.servers import Alter, ClientGoneError, Conversation, Talk

HEADER_LINES = 100
HOST_FIELD = re.compile(r"host:\s*([a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(:\d*)?\s*", re.IGNORECASE)


def https(context: ssl.SSLContext, alter: Alter | None = None) -> Talk:
    """A page behind TLS; `alter` spoils the first answer."""

    def talk(client: Conversation) -> None:
        client.start_tls(context, alter)
        _request_host(client)
        client.send(_response("200 OK", "A page of the demo, through TLS.\n"))

    return talk


def http() -> Talk:
    """A page in the clear."""

    def talk(client: Conversation) -> None:
        _request_host(client)
        client.send(_response("200 OK", "A page of the demo, in the clear.\n"))

    return talk


def redirect(port: int) -> Talk:
    """The way to HTTPS on the same host, whatever the client calls it, and this port."""

    def talk(client: Conversation) -> None:
        location = f"https://{_request_host(client)}:{port}/"
        client.send(_response("301 Moved Permanently", "", f"Location: {location}\r\n"))

    return talk


def _request_host(client: Conversation) -> str:
    """Read a request to the end of its head; the host it was made to."""
    if not re.fullmatch(r"[A-Z]{1,16} \S+ HTTP/1\.[01]", client.receive_line()):
        client.send(_response("400 Bad Request", "This is a web server.\n"))
        raise ClientGoneError
    host = "127.0.0.1"
    for _ in range(HEADER_LINES):
        line = client.receive_line()
        if not line:
            return host
        # Nothing else of the header may reach the answer.
        if named := HOST_FIELD.fullmatch(line):
            host = named[1]
    raise ClientGoneError


def _response(status: str, body: str, headers: str = "") -> str:
    return (
        f"HTTP/1.1 {status}\r\n{headers}Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
        f"Connection: close\r\n\r\n{body}"
    )
