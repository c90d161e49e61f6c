"""Tickets up to TLS 1.2: those of a real OpenSSL, which resumes with them, and those of any bytes."""

import ssl
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.tls_flight import Flight
from scanner.wire.tls_hello import encode_hello
from scanner.wire.tls_names import ContentType, Extension, HandshakeType, Version
from scanner.wire.tls_questions import offering
from scanner.wire.tls_record import AlertMessage, Record, encode_alert, encode_record
from scanner.wire.tls_session import Session, find_ticket
from tests.wire.test_tls_flight import FLIGHT12, fed, message, records
from tests.wire.tls13_peers import certificate, signing_key, vector

CCS = encode_record(Record(ContentType.CHANGE_CIPHER_SPEC, 0x0303, b"\1"))
tickets = st.tuples(st.binary(max_size=400), st.integers(0, (1 << 32) - 1))


def ticket_message(ticket: bytes, lifetime: int) -> bytes:
    return message(HandshakeType.NEW_SESSION_TICKET, lifetime.to_bytes(4) + vector(ticket, 2))


@given(tickets, st.sampled_from([b"", FLIGHT12]), st.integers(20, 900))
def test_ticket_round_trip(ticket: tuple[bytes, int], before: bytes, size: int) -> None:
    encrypted = encode_record(Record(ContentType.HANDSHAKE, 0x0303, b"?" * 40))
    said = records(before + ticket_message(*ticket), size=size) + CCS + encrypted
    assert find_ticket(said) == ticket
    assert find_ticket(records(before) + CCS + records(ticket_message(*ticket))) is None  # that is ciphertext


@given(tickets, st.data())
def test_ticket_cut_short_or_prolonged_is_malformed(ticket: tuple[bytes, int], data: st.DataObject) -> None:
    body = ticket_message(*ticket)[4:]
    for broken in (body + b"x", body[: data.draw(st.integers(0, len(body) - 1))]):
        with pytest.raises(MalformedError):
            find_ticket(records(message(HandshakeType.NEW_SESSION_TICKET, broken)) + CCS)


@given(st.one_of(st.binary(max_size=80), st.binary(min_size=1, max_size=80).map(records)))
def test_any_bytes_have_a_ticket_or_none_or_are_malformed(said: bytes) -> None:
    try:
        found = find_ticket(said)
    except MalformedError:
        return
    assert found is None or len(found[0]) < len(said)


def test_warnings_are_passed_over() -> None:
    warning = encode_alert(AlertMessage(1, 112))
    assert find_ticket(warning + records(ticket_message(b"t", 7)) + CCS) == (b"t", 7)


# OpenSSL


class Server:
    """OpenSSL's, with sessions and tickets; heard over memory."""

    def __init__(self, folder: Path, version: ssl.TLSVersion) -> None:
        key = signing_key("p256").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "key").write_bytes(key + certificate("p256").public_bytes(Encoding.PEM))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "key")
        self.context.maximum_version = version
        self.client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.client.check_hostname = False
        self.client.verify_mode = ssl.CERT_NONE
        self.connections: list[ssl.SSLObject] = []
        """OpenSSL forgets the session of one that is freed without a goodbye."""

    def handshake(self) -> tuple[bytes, ssl.SSLSession]:
        """All that it says to OpenSSL's client, and what that makes of it."""
        said, to_server, to_client = b"", ssl.MemoryBIO(), ssl.MemoryBIO()
        server_out, client_out = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = self.context.wrap_bio(to_server, server_out, server_side=True)
        client = self.client.wrap_bio(to_client, client_out)
        self.connections += [server, client]
        for _ in range(4):
            for side in (client, server):
                with suppress(ssl.SSLWantReadError):
                    side.do_handshake()
                to_server.write(client_out.read())
                heard = server_out.read()
                to_client.write(heard)
                said += heard
        session = client.session
        assert session is not None
        return said, session

    def answer(self, hello: bytes) -> Flight:
        """What it says to this hello."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        incoming.write(hello)
        with suppress(ssl.SSLWantReadError):
            self.context.wrap_bio(incoming, outgoing, server_side=True).do_handshake()
        return fed(outgoing.read())


def test_openssl_resumes_with_the_ticket_that_was_found(tmp_path: Path) -> None:
    server = Server(tmp_path, ssl.TLSVersion.TLSv1_2)
    said, known = server.handshake()
    flight, found = fed(said), find_ticket(said)
    assert flight.accepted is not None
    assert found is not None
    session = Session(flight.accepted.version, flight.accepted.suite, flight.accepted.session_id, *found)
    assert known.has_ticket
    assert session.lifetime == known.ticket_lifetime_hint > 0
    hello = replace(offering(Version.TLSv1_2), session_id=bytes(32))
    hello = replace(hello, extensions=(*hello.extensions, (Extension.SESSION_TICKET, session.ticket)))
    again = server.answer(encode_hello(hello, bytes(64)))
    assert (again.done, again.resumed, again.certificates) == (True, True, ())
    assert again.accepted is not None
    assert (again.accepted.session_id, again.accepted.suite) == (bytes(32), session.suite)
    changed = session.ticket[:-1] + bytes([session.ticket[-1] ^ 1])
    hello = replace(hello, extensions=((Extension.SESSION_TICKET, changed),))
    assert server.answer(encode_hello(hello, bytes(64))).resumed is False


def test_openssl_without_tickets_resumes_by_id(tmp_path: Path) -> None:
    server = Server(tmp_path, ssl.TLSVersion.TLSv1_2)
    server.context.options |= ssl.OP_NO_TICKET
    said, known = server.handshake()
    first = fed(said).accepted
    assert find_ticket(said) is None
    assert first is not None
    assert (known.has_ticket, known.id) == (False, first.session_id)
    hello = replace(offering(Version.TLSv1_2), session_id=first.session_id)
    again = server.answer(encode_hello(hello, bytes(64)))
    assert again.resumed
    assert again.accepted is not None
    assert again.accepted.session_id == first.session_id
