"""What a probe notes down as evidence, with the commands that show the same."""

import time
from datetime import UTC, datetime
from functools import lru_cache

from msgspec.structs import replace

from scanner.model import Endpoint, Evidence
from scanner.protocols import Injected, Protocol
from scanner.reproduce import in_the_clear, injecting, inside, s_client, sending
from scanner.wire.sslv2 import Sslv2Hello
from scanner.wire.text import printable
from scanner.wire.tls_hello import Hello


class Notes:
    """The evidence about one endpoint that one probe gathers."""

    def __init__(self, endpoint: Endpoint, protocol: Protocol) -> None:
        self.endpoint = endpoint
        self.protocol = protocol
        self._evidence: list[Evidence] = []

    def cite(self, about: str, asked: str, answered: str, reproduce: str = "") -> None:
        """Note what was asked and what came back, for the attempt that is under way."""
        moment = _written(int(time.time()))
        line = Evidence(about=about, asked=asked, answered=printable(answered), at=moment, reproduce=reproduce)
        self._evidence.append(line)

    def take_evidence(self) -> tuple[Evidence, ...]:
        """What was noted since the last time."""
        taken, self._evidence = tuple(self._evidence), []
        return taken

    def s_client(self, *options: str, port: int | None = None) -> str:
        """An `openssl s_client` command that asks this endpoint the same, or another port of its address."""
        endpoint = self.endpoint if port is None else replace(self.endpoint, port=port)
        return s_client(endpoint, self.protocol, *options)

    def sending(self, question: Hello | Sslv2Hello) -> str:
        """A command that sends the bytes of a question, for what `openssl s_client` cannot ask."""
        return sending(self.endpoint, self.protocol, question)

    def in_the_clear(self) -> str:
        """A command that shows the conversation in the clear."""
        return in_the_clear(self.endpoint, self.protocol)

    def inside_tls(self) -> str:
        """A command that shows what is offered inside TLS."""
        return inside(self.endpoint, self.protocol)

    def injecting(self, injected: Injected) -> str:
        """A command that sends a command behind the upgrade."""
        return injecting(self.endpoint, injected)


@lru_cache(maxsize=16)
def _written(seconds: int) -> str:
    """A moment in RFC 3339, UTC; a second has many."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
