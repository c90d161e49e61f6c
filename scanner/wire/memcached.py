"""The text protocol of memcached, as far as a `version` goes.

Source: https://github.com/memcached/memcached/blob/master/doc/protocol.txt
"""

from scanner.wire.errors import MalformedError
from scanner.wire.lines import decode_line

VERSION = b"version\r\n"
_WORDS = (b"VERSION", b"CLIENT_ERROR", b"SERVER_ERROR", b"ERROR")


def decode_answer(buffer: bytes) -> tuple[tuple[str, bytes], int] | None:
    """The answer to `version`: its first word, and the rest as sent; None when more bytes are needed.

    Raises MalformedError for anything else.
    """
    if not any(word.startswith(buffer[: len(word)]) for word in _WORDS):
        raise MalformedError("not an answer of memcached's")
    decoded = decode_line(buffer)
    if decoded is None:
        return None
    line, consumed = decoded
    word, _, rest = line.partition(b" ")
    if word not in _WORDS:
        raise MalformedError("not an answer of memcached's")
    return (word.decode("ascii"), rest), consumed
