"""What follows a handshake with a server of our own, and resumptions that are unusual."""

import pytest

from scanner.wire.errors import MalformedError
from scanner.wire.tls13 import Handshake
from scanner.wire.tls13_keys import SUITES, KeySchedule, Protection
from scanner.wire.tls13_messages import Ticket, encode_message
from scanner.wire.tls13_psk import offer_psk
from scanner.wire.tls13_stream import MAX_WAITING
from scanner.wire.tls_flight import MAX_MESSAGES
from scanner.wire.tls_names import Alert, ContentType, HandshakeType
from scanner.wire.tls_record import AlertMessage, encode_alert
from tests.wire import rfc8448
from tests.wire.tls13_peers import (
    CCS,
    EXTENSIONS,
    HELLO,
    SHARE,
    TRACE,
    OwnServer,
    der,
    fed,
    flight,
    in_record,
    own,
    traced,
)


def settled() -> tuple[OwnServer, Handshake]:
    server, handshake = own()
    handshake.feed(flight(server))
    handshake.finish()
    server.start_application()
    return server, handshake


def test_finish_is_once() -> None:
    _, handshake = settled()
    with pytest.raises(ValueError, match="no server's Finished"):
        handshake.finish()


def test_keys_are_updated() -> None:
    server, handshake = settled()
    secret = server.schedule.derive("s ap traffic", server.known.hash(server.transcript))
    handshake.feed(server.sealed(encode_message(HandshakeType.KEY_UPDATE, b"\0")))
    server.writing = type(server.writing)(server.known, server.known.expand(secret, "traffic upd", b"", 32))
    handshake.feed(server.sealed(b"more", ContentType.APPLICATION_DATA))
    assert handshake.application_bytes == 4


TICKET_BODY = bytes(8) + b"\1n" + b"\0\1t" + b"\0\0"


@pytest.mark.parametrize(
    "said",
    [
        encode_message(HandshakeType.KEY_UPDATE, b"\0\0"),
        encode_message(HandshakeType.KEY_UPDATE, b"\0") + encode_message(HandshakeType.NEW_SESSION_TICKET, TICKET_BODY),
        encode_message(HandshakeType.NEW_SESSION_TICKET, TICKET_BODY + b"x"),
        encode_message(HandshakeType.NEW_SESSION_TICKET, TICKET_BODY[:-2] + b"\0\5\0\x2a\0\1x"),
        encode_message(HandshakeType.FINISHED, bytes(32)),
    ],
)
def test_what_no_server_says_afterwards_is_malformed(said: bytes) -> None:
    server, handshake = settled()
    with pytest.raises(MalformedError):
        handshake.feed(server.sealed(said))


def test_tickets_without_end_are_cut_off() -> None:
    server, handshake = settled()
    ticket = encode_message(HandshakeType.NEW_SESSION_TICKET, TICKET_BODY)
    read = MAX_MESSAGES - 5  # the flight had five messages
    handshake.feed(server.sealed(ticket * read))
    assert len(handshake.tickets) == read
    with pytest.raises(MalformedError, match=f"more than {MAX_MESSAGES} messages"):
        handshake.feed(server.sealed(ticket))


def test_what_nobody_waits_for_is_not_kept_for_ever() -> None:
    handshake = fed(traced(TRACE), bytes(MAX_WAITING), b"x")
    with pytest.raises(MalformedError, match="nothing was to follow"):
        handshake.feed(b"x")


def test_what_follows_an_alert_is_not_read() -> None:
    alert = encode_alert(AlertMessage(2, Alert.HANDSHAKE_FAILURE))
    handshake = fed(traced(alert), b"\0" * MAX_WAITING, b"\0" * MAX_WAITING, b"\0")
    assert handshake.alert == AlertMessage(2, Alert.HANDSHAKE_FAILURE)
    assert fed(traced(rfc8448.SERVER_HELLO_RECORD), alert, TRACE).hello is not None


def resuming(suite: int, ticket: Ticket, *, early: bool = False) -> tuple[OwnServer, Handshake]:
    offer = offer_psk(HELLO, ticket, 0, early_data=early)
    server = OwnServer(offer, SHARE, suite=suite, extensions={41: b"\0\0"}, psk=ticket.psk)
    return server, Handshake(offer, [SHARE], psk=ticket)


TICKET = Ticket(10, 0, b"", b"ticket", 100, 0x1301, bytes(32))


def test_early_data_that_is_accepted_is_ended() -> None:
    server, handshake = resuming(0x1301, TICKET, early=True)
    said = server.say(HandshakeType.ENCRYPTED_EXTENSIONS, b"\0\4\0\x2a\0\0") + server.finished()
    handshake.feed(in_record(server.server_hello) + server.sealed(said))
    assert (handshake.resumed, handshake.finished, handshake.extensions) == (True, True, {42: b""})
    early = KeySchedule(server.known, TICKET.psk).derive("c e traffic", server.known.hash(server.hello))
    end = Protection(server.known, early).seal(ContentType.HANDSHAKE, server.say(HandshakeType.END_OF_EARLY_DATA))
    verify_data = server.known.verify_data(server.client_secret, server.known.hash(server.transcript))
    writing = Protection(server.known, server.client_secret)
    finished = writing.seal(ContentType.HANDSHAKE, encode_message(HandshakeType.FINISHED, verify_data))
    assert handshake.finish() == CCS + end + finished


def test_a_resumption_has_no_certificate() -> None:
    server, handshake = resuming(0x1303, TICKET)  # another suite of the same hash
    handshake.feed(in_record(server.server_hello) + server.sealed(EXTENSIONS))
    with pytest.raises(MalformedError, match="message 11, not FINISHED"):
        handshake.feed(server.sealed(server.certificate(der("p256"))))


def test_a_resumption_with_another_hash_is_malformed() -> None:
    server, handshake = resuming(0x1302, TICKET)
    with pytest.raises(MalformedError, match="not offered"):
        handshake.feed(in_record(server.server_hello))


@pytest.mark.parametrize("code", sorted(SUITES))
def test_own_server_with_every_suite(code: int) -> None:
    server = OwnServer(HELLO, SHARE, suite=code)
    assert fed(Handshake(HELLO, [SHARE]), flight(server)).proven
