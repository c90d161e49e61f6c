"""SSH (RFC 4253), which encrypts without TLS."""

import re

from scanner.model import Endpoint, ReachTls
from scanner.net.dial import Connection
from scanner.net.ssh import IDENTIFICATION, identify
from scanner.observations.cleartext import Cleartext
from scanner.protocols import Protocol
from scanner.wire.text import printable


async def converse(connection: Connection, _endpoint: Endpoint, _passive: bool) -> Cleartext:
    """The identification strings: nothing else is said before SSH encrypts by itself. Raises AskFailedError."""
    identification = await identify(connection)
    return Cleartext(speaks="ssh", banner=printable(identification.line), how="SSH encrypts before it takes any")


PROTOCOL = Protocol(
    port=22,
    reach_tls=ReachTls.NEVER,
    converse=converse,
    speaks=re.compile(rb"SSH-\d"),
    reproduce=rf"printf '{IDENTIFICATION.decode()}\r\n' | nc -w 3 {{address}} {{port}} | head -n 1",
)
