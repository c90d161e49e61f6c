"""memcached in plaintext (text protocol); one that has TLS (`-Z`) is declared as `tls`."""

import re

from scanner.model import Endpoint, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol
from scanner.wire.memcached import VERSION, decode_answer
from scanner.wire.text import printable


async def converse(connection: Connection, _endpoint: Endpoint, _passive: bool) -> Cleartext:
    """`version`, which shows whether a login is asked for. Raises AskFailedError."""
    connection.send(VERSION)
    word, rest = await connection.read(decode_answer)
    shown = f"{word} {printable(rest, 128)}".rstrip()
    credentials, how = _credentials(word, rest, shown)
    return Cleartext(speaks="memcached", banner=shown, credentials=credentials, how=how)


def _credentials(word: str, rest: bytes, shown: str) -> tuple[Credentials, str]:
    """The text protocol has a login only where a file of them is given (`-Y`)."""
    answer = f"'version' without TLS was answered with '{shown}'"
    if word == "VERSION":
        return "accepted", f"{answer}: no authentication at all"
    if word == "CLIENT_ERROR" and rest == b"unauthenticated":
        return "accepted", f"{answer}: the password is asked for in the clear"
    return "unknown", f"{answer}, which does not tell"


PROTOCOL = Protocol(
    port=11211,
    reach_tls=ReachTls.NEVER,
    converse=converse,
    speaks=re.compile(rb"VERSION \d|CLIENT_ERROR "),
    tls_instead=True,
    reproduce=r"printf 'version\r\nquit\r\n' | nc {address} {port}",
)
