"""TLS where plaintext was declared: how it answers the first words of a client that speaks first."""

import re

from scanner.model import AskFailedError, FailureKind
from scanner.observations.cleartext import Cleartext

_ALERT = re.compile(rb"\x15\x03[\x00-\x04]\x00\x02\x02", re.DOTALL)
"""A record with a fatal alert (RFC 8446 §5.1)."""


def instead(error: AskFailedError) -> Cleartext:
    """What there is to say when the answer was an alert; raises the error when it was not."""
    if error.failure.kind is FailureKind.MALFORMED and _ALERT.match(error.received):
        return Cleartext(speaks="tls", how="a handshake in plaintext was answered with an alert of TLS")
    raise error
