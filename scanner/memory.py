"""What an endpoint has answered so far: to be asked nothing twice, and for probes to read what others were told."""

from collections.abc import Iterator, Sequence

from scanner.model import AskFailedError
from scanner.wire.tls13 import Handshake
from scanner.wire.tls_flight import Flight
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import Alert

DECLINES = {
    Alert.PROTOCOL_VERSION,
    Alert.HANDSHAKE_FAILURE,
    Alert.INSUFFICIENT_SECURITY,
    Alert.ILLEGAL_PARAMETER,
    Alert.DECODE_ERROR,
    Alert.UNSUPPORTED_EXTENSION,
    Alert.MISSING_EXTENSION,
    Alert.UNEXPECTED_MESSAGE,
    Alert.NO_CERTIFICATE,
    Alert.UNSUPPORTED_CERTIFICATE,
    Alert.ACCESS_DENIED,  # rustls, when it has no certificate of the kind
    Alert.INTERNAL_ERROR,  # OpenSSL 3, when its security level leaves no digest for TLS 1.0
}
"""Alerts that decline a hello for what it offers; others (unrecognized_name …) tell nothing."""

OWN = "\0"
"""In place of a server name: the endpoint's own."""


class Memory:
    """Questions and answers of one endpoint; a question in TLS is a tuple of a hello, a server name, and what else."""

    def __init__(self) -> None:
        self._answers: dict[object, object | AskFailedError] = {}
        self._heard: list[tuple[Hello, Flight]] = []
        self.deviations: dict[str, str] = {}
        """What the server selected without having been offered it → the question."""

    @property
    def answers(self) -> int:
        """Answers to ClientHellos so far, refusals included."""
        return sum(not isinstance(answer, AskFailedError) for answer in self._answers.values())

    @property
    def first_failure(self) -> AskFailedError | None:
        """Of the questions in TLS that had no answer, the first one's."""
        failed = (answer for answer in self._answers.values() if isinstance(answer, AskFailedError))
        return next((AskFailedError(one.failure.kind, one.failure.detail) for one in failed), None)

    def heard(self) -> Sequence[tuple[Hello, Flight]]:
        """What was accepted so far of the hellos with the endpoint's own name, in order."""
        return self._heard

    def declined(self) -> Iterator[tuple[Hello, int]]:
        """The hellos with the endpoint's own name that were declined for what they offer, and the alert."""
        for key, answer in list(self._answers.items()):
            if isinstance(answer, Flight | Handshake) and answer.alert and isinstance(key, tuple) and key[1] == OWN:
                before = not (isinstance(answer, Handshake) and answer.finished)
                if before and isinstance(key[0], Hello) and answer.alert.description in DECLINES:
                    yield key[0], answer.alert.description

    def declined_alpn(self, names: frozenset[str]) -> bool:
        """Whether a hello that offered all of these application protocols was answered with none of them."""
        for key, answer in self._answers.items():
            if not isinstance(answer, Flight) or not isinstance(key, tuple) or not names <= set(key[0].alpn):
                continue
            alert = answer.alert.description if answer.alert else None
            if alert == Alert.NO_APPLICATION_PROTOCOL or (answer.accepted and answer.accepted.alpn is None):
                return True
        return False

    @property
    def handshakes_done(self) -> bool:
        """Whether any was gone through with."""
        return any(True for _ in self.handshakes())

    def handshakes(self) -> Iterator[tuple[Hello, Handshake]]:
        """The handshakes so far that the server went through with, all with the endpoint's own name."""
        for key, answer in list(self._answers.items()):
            if isinstance(answer, Handshake) and answer.finished and isinstance(key, tuple) and key[1] == OWN:
                yield key[0], answer

    def _note_deviations(self, hello: Hello, wrong: tuple[str, ...]) -> None:
        for what in wrong:
            self.deviations.setdefault(what, str(hello))
