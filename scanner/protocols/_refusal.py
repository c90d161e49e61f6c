"""Refusals in words, of protocols that have no code for "not without TLS"."""

import re

_TLS = re.compile(
    rb"\b(?:TLS|SSL|FTPS|encrypt(?:ed|ion)?|secured?|clear-?text|plain-?text)\b|\buse AUTH\b", re.IGNORECASE
)


def demands_tls(words: bytes) -> bool:
    """Whether a refusal says that it is for want of TLS."""
    return _TLS.search(words) is not None
