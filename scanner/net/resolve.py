"""Names to addresses, with the system's resolver: internal names live in hosts files and NSS, not only in DNS."""

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from scanner.model import AskFailedError, FailureKind

_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


class Resolver:
    """Resolves each name once a scan.

    pins: (host, port) → address, from `--resolve`; family: 4 or 6 to look at one family only, 0 for both.
    """

    def __init__(
        self, pins: Mapping[tuple[str, int], str] | None = None, family: int = 0, timeout: float = 15.0
    ) -> None:
        self._pins = dict(pins or {})
        self._family = {0: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}[family]
        self._timeout = timeout
        self._asked: dict[str, asyncio.Task[tuple[str, ...]]] = {}
        # getaddrinfo blocks: a pool of its own, so that slow names never hold up the loop's default executor
        self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="resolve")

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Every A and AAAA address of `host`, in the resolver's order; at least one.

        Raises AskFailedError: UNRESOLVED when the name has none, TIMED_OUT when the resolver could not say.
        """
        pinned = self._pins.get((host, port))
        if pinned is not None:
            return (pinned,)
        try:
            return (str(ipaddress.ip_address(host)),)
        except ValueError:
            pass
        if host not in self._asked:
            self._asked[host] = asyncio.create_task(self._look_up(host))
        return await asyncio.shield(self._asked[host])

    def pinned(self, host: str) -> tuple[str, ...]:
        """The addresses that a host is pinned to, whatever the port; none where it is not."""
        return tuple(dict.fromkeys(address for (name, _), address in self._pins.items() if name == host))

    async def _look_up(self, host: str) -> tuple[str, ...]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout):
                found = await loop.run_in_executor(self._pool, self._getaddrinfo, host)
        except TimeoutError as error:
            raise AskFailedError(
                FailureKind.TIMED_OUT, f"resolver silent for {self._timeout:g} s on '{host}'"
            ) from error
        except UnicodeError as error:
            raise AskFailedError(FailureKind.UNRESOLVED, f"'{host}' is not a host name: {error}") from error
        except socket.gaierror as error:
            if error.errno in _NO_SUCH_NAME:
                raise AskFailedError(FailureKind.UNRESOLVED, f"'{host}' has no address: {error.strerror}") from error
            raise AskFailedError(FailureKind.TIMED_OUT, f"resolver on '{host}': {error.strerror}") from error
        return tuple(dict.fromkeys(found))

    def _getaddrinfo(self, host: str) -> list[str]:
        return [str(info[4][0]) for info in socket.getaddrinfo(host, None, self._family, socket.SOCK_STREAM)]

    def close(self) -> None:
        """Forget the pool; a look-up that hangs is left to the resolver's own time limit."""
        for task in self._asked.values():
            task.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)
