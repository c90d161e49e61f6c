"""Attempts on disk: append-only lines of JSON, from which everything else is made again.

The first line says what was scanned, each further line is one attempt, and the last, if the scan got that far, says
that it is complete. A scan that was killed leaves a journal without an end, perhaps with half a line; it reads as an
incomplete run.
"""

from array import array
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
from msgspec import Struct

from scanner.declared import Inventory, report_order
from scanner.model import Attempt, Endpoint, Run
from scanner.observations import of_any_observation


class Begin(Struct, frozen=True, kw_only=True, tag_field="line", tag="begin"):
    """The first line."""

    run: Run
    inventory: Inventory


class End(Struct, frozen=True, kw_only=True, tag_field="line", tag="end"):
    """The last line."""

    run: Run


class JournalError(Exception):
    """A file that is not a journal of this version."""


class Journal:
    """Writes a run's journal; a context manager."""

    def __init__(self, path: Path, run: Run, inventory: Inventory) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._run = run
        self._file = path.open("xb")
        self._endpoints: set[tuple[str, str, str]] = set()
        self._connections = 0
        self._encoder = msgspec.json.Encoder()
        self._write(Begin(run=run, inventory=inventory))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _write(self, line: Any) -> None:
        self._file.write(self._encoder.encode(line) + b"\n")
        self._file.flush()  # what is known must survive a kill

    def append(self, attempt: Attempt[Any]) -> None:
        """Add one attempt."""
        self._endpoints.add(_key(attempt.endpoint))
        self._connections += attempt.connections
        self._write(attempt)

    def end(self, finished: str, *, complete: bool) -> None:
        """Add the last line. `finished` in RFC 3339."""
        counts = {"endpoints": len(self._endpoints), "connections": self._connections}
        self._write(End(run=msgspec.structs.replace(self._run, finished=finished, complete=complete, **counts)))


def _key(endpoint: Endpoint) -> tuple[str, str, str]:
    return endpoint.service, endpoint.url, endpoint.address


class StoredRun:
    """A journal as written, read line by line: only the lines' places are kept in memory.

    Raises JournalError for a file that is no journal, OSError when it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._attempt: msgspec.json.Decoder[Attempt[Any]] = msgspec.json.Decoder(of_any_observation(Attempt))
        self._places: dict[tuple[str, str, str], array[int]] = {}
        begin, end, connections = self._index()
        self.inventory = begin.inventory
        counts = {"endpoints": len(self._places), "connections": connections}
        self.run = end.run if end else msgspec.structs.replace(begin.run, **counts)

    def _index(self) -> tuple[Begin, End | None, int]:
        with self._path.open("rb") as file:
            try:
                begin = msgspec.json.decode(file.readline(), type=Begin)
            except msgspec.DecodeError as error:
                raise JournalError(f"{self._path} is not a journal: {error}") from error
            connections = 0
            place = file.tell()
            for number, line in enumerate(file, 2):
                if not line.endswith(b"\n"):
                    break  # the scan was killed while it wrote this line
                if line.startswith(b'{"line":"end"'):
                    return begin, msgspec.json.decode(line, type=End), connections
                attempt = self._decode(line, number)
                connections += attempt.connections
                self._places.setdefault(_key(attempt.endpoint), array("q")).append(place)
                place += len(line)
        return begin, None, connections

    def _decode(self, line: bytes, number: int) -> Attempt[Any]:
        try:
            return self._attempt.decode(line)
        except msgspec.DecodeError as error:
            raise JournalError(f"{self._path}:{number}: {error}") from error

    def endpoints(self) -> Iterator[tuple[Endpoint, dict[str, Attempt[Any]]]]:
        """Each endpoint with its attempts by probe, in the order of the inventory, addresses sorted; what was looked at
        beside a service's own last."""
        order = report_order(self.inventory)
        with self._path.open("rb") as file:
            for key in sorted(self._places, key=lambda key: order(*key)):
                attempts: dict[str, Attempt[Any]] = {}
                for place in self._places[key]:
                    file.seek(place)
                    attempt = self._attempt.decode(file.readline())
                    attempts[attempt.probe] = attempt
                yield attempt.endpoint, attempts
