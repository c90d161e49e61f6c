"""What today's TLS libraries no longer do wrong: done to the ServerHello of a sound one on its way out.

The handshake cannot be finished after that, but its first flight is what such a server would send (RFC 5246 §7.4.1.3).
"""

DEFLATE = 1
RENEGOTIATION_INFO = 0xFF01
HANDSHAKE, SERVER_HELLO = 22, 2
FAVOURITE = bytes.fromhex("c030")
"""TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384."""


def compressing(hello: bytes, answer: bytes) -> bytes:
    """Select DEFLATE (RFC 3749) whenever it is offered."""
    return _change(answer, compression=bytes([DEFLATE])) if DEFLATE in _compressions(hello) else answer


def without_renegotiation_info(_hello: bytes, answer: bytes) -> bytes:
    """Know nothing of secure renegotiation (RFC 5746)."""
    return _change(answer, without=RENEGOTIATION_INFO)


def answering_unasked(_hello: bytes, answer: bytes) -> bytes:
    """Select the one favourite suite, whatever is offered."""
    return _change(answer, suite=FAVOURITE)


def _compressions(hello: bytes) -> bytes:
    """The compression methods of a ClientHello (RFC 5246 §7.4.1.2) in one record; none of anything else."""
    at = 44 + int.from_bytes(hello[43:44])  # record, handshake header, version and random come before the session ID
    at += 2 + int.from_bytes(hello[at : at + 2])
    return hello[at + 1 : at + 1 + int.from_bytes(hello[at : at + 1])]


def _change(answer: bytes, *, suite: bytes = b"", compression: bytes = b"", without: int | None = None) -> bytes:
    """The flight with another ServerHello; an alert stays as it is."""
    if answer[:1] != bytes([HANDSHAKE]) or answer[5:6] != bytes([SERVER_HELLO]):
        return answer
    end, at = 9 + int.from_bytes(answer[6:9]), 44 + answer[43]
    record_end = 5 + int.from_bytes(answer[3:5])
    extensions = _without(answer[at + 5 : end], without)
    chosen = (suite or answer[at : at + 2]) + (compression or answer[at + 2 : at + 3])
    body = answer[9:at] + chosen + len(extensions).to_bytes(2) + extensions
    record = bytes([SERVER_HELLO]) + len(body).to_bytes(3) + body + answer[end:record_end]
    return answer[:3] + len(record).to_bytes(2) + record + answer[record_end:]


def _without(extensions: bytes, code: int | None) -> bytes:
    kept, at = b"", 0
    while at < len(extensions):
        size = 4 + int.from_bytes(extensions[at + 2 : at + 4])
        if int.from_bytes(extensions[at : at + 2]) != code:
            kept += extensions[at : at + size]
        at += size
    return kept
