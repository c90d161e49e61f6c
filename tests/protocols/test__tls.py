import pytest

from scanner.model import AskFailedError, FailureKind
from scanner.protocols._tls import instead


def failed(kind: FailureKind, received: bytes) -> AskFailedError:
    return AskFailedError(kind, "for a test", received=received)


@pytest.mark.parametrize("minor", range(5))
def test_a_fatal_alert_in_answer_to_words_is_tls(minor: int) -> None:
    alert = bytes([21, 3, minor, 0, 2, 2, 70])
    said = instead(failed(FailureKind.MALFORMED, alert))
    assert (said.speaks, said.credentials, said.tls_offered) == ("tls", "none", None)
    assert said.how


@pytest.mark.parametrize(
    ("kind", "received"),
    [
        (FailureKind.MALFORMED, b""),
        (FailureKind.MALFORMED, b"\x15\x03\x01\x00\x02"),  # cut off before its level
        (FailureKind.MALFORMED, b"\x15\x03\x01\x00\x02\x01\x00"),  # a warning
        (FailureKind.MALFORMED, b"\x15\x03\x05\x00\x02\x02\x46"),  # of no version
        (FailureKind.MALFORMED, b"\x16\x03\x01\x00\x02\x02\x46"),  # a handshake
        (FailureKind.MALFORMED, b"x\x15\x03\x01\x00\x02\x02\x46"),
        (FailureKind.TIMED_OUT, b"\x15\x03\x01\x00\x02\x02\x46"),
    ],
)
def test_whatever_else_came_stays_the_failure_it_was(kind: FailureKind, received: bytes) -> None:
    error = failed(kind, received)
    with pytest.raises(AskFailedError) as caught:
        instead(error)
    assert caught.value is error
