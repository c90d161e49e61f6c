"""httpx over a connection of ours, so that deadlines, byte budgets and the pinned address hold for HTTP as well.

For HTTPS the connection has to be inside TLS already (`tls.begin_tls`, `Interview.inside`).
"""

import ssl
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Any, cast

import httpcore
import httpx

from scanner.model import AskFailedError, FailureKind
from scanner.net.dial import Connection
from scanner.net.tls import Tls


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109 - httpcore's interface; the connection has its own deadline
        buffer = self._connection.buffer
        if not buffer:
            try:
                await self._connection.more()
            except AskFailedError as error:
                if error.failure.kind is FailureKind.CLOSED_EARLY:
                    return b""  # for HTTP/1.0 the end of the body, for h11 to judge
                raise
        data = bytes(buffer[:max_bytes])
        del buffer[:max_bytes]
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - httpcore's interface
        self._connection.send(buffer)

    async def aclose(self) -> None:
        self._connection.close()

    async def start_tls(  # which was begun before, for whoever asks for a URL that begins with https
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None  # noqa: ARG002, ASYNC109 - httpcore's interface
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        if not isinstance(self._connection.layer, Tls):
            raise AskFailedError(FailureKind.INTERNAL, "https asked for on a connection in the clear")
        return self

    def get_extra_info(self, info: str) -> Any:  # noqa: ARG002 - httpcore's interface
        return None


class _Backend(httpcore.AsyncNetworkBackend):
    def __init__(self, connection: Connection) -> None:
        self._stream = _Stream(connection)

    async def connect_tcp(  # the one connection there is, wherever httpcore thinks it leads
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,  # noqa: ARG002, ASYNC109 - httpcore's interface
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - httpcore's interface
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        return self._stream


class _Body(httpx.AsyncByteStream):
    def __init__(self, content: AsyncIterable[bytes]) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._content:
            yield part


class OneConnection(httpx.AsyncBaseTransport):
    """An httpx transport that has just this one connection."""

    def __init__(self, connection: Connection) -> None:
        self._pool = httpcore.AsyncConnectionPool(network_backend=_Backend(connection), max_connections=1)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and read up to the headers. Raises AskFailedError."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
        )
        try:
            answer = await self._pool.handle_async_request(
                httpcore.Request(method=request.method, url=url, headers=request.headers.raw, content=request.stream)
            )
        except httpcore.RemoteProtocolError as error:
            kind = FailureKind.CLOSED_EARLY if "disconnected" in str(error) else FailureKind.MALFORMED
            raise AskFailedError(kind, f"no HTTP answer: {error}") from error
        content = cast(AsyncIterable[bytes], answer.stream)  # an AsyncConnectionPool has no other kind
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(content), extensions=answer.extensions
        )
