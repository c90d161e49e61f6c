"""Refusals in words, of protocols that have no code for "not without TLS"."""

import re

_TLS = re.compile(
    rb"(?<![\w.-])(?:TLS|SSL|FTPS|encrypt(?:ed|ion)?|secured? (?:connection|session|channel)s?|clear-?text|plain-?text"
    rb"|use AUTH)(?![\w-]|\.\w)",  # not as part of a host name, such as a server's or our own
    re.IGNORECASE,
)


def demands_tls(words: bytes) -> bool:
    """Whether a refusal says that it is for want of TLS."""
    return _TLS.search(words) is not None
