"""What is fuzzed: for each codec a function of any bytes, which returns, or raises where a promise is broken.

Every codec promises a value, None (more bytes are needed) or MalformedError; some promise more, which is asserted here:
a message that was read is written and read again alike, and it does not matter how a flight is cut into segments. The
corpus of a target is in `corpus/<name>/`: flights recorded from real servers, and what the fuzzer found with them.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial

from scanner.wire import (
    amqp,
    ber,
    bson,
    ftp,
    hazelcast,
    imap,
    irc,
    jrmp,
    kerberos,
    ldap,
    lines,
    memcached,
    mongodb,
    mqtt,
    mysql,
    mysql_server,
    nntp,
    openwire,
    pop3,
    postgresql,
    rdp,
    redis,
    sieve,
    sip,
    smtp,
    ssh,
    ssh_exchange,
    ssh_keys,
    tds,
    xmpp,
)
from scanner.wire.errors import MalformedError
from scanner.wire.sslv2 import Sslv2Flight, encode_sslv2_server_hello
from scanner.wire.stapled import count_scts, decode_staple
from scanner.wire.tls13 import Handshake
from scanner.wire.tls13_keys import SUITES, Protection
from scanner.wire.tls13_messages import (
    decode_certificate_request,
    decode_certificate_verify,
    decode_certificates,
    decode_encrypted_extensions,
    decode_ticket,
)
from scanner.wire.tls13_proof import proves
from scanner.wire.tls13_psk import offer_psk
from scanner.wire.tls_flight import (
    Flight,
    decode_certificate,
    decode_server_hello,
    encode_certificate,
    encode_server_hello,
)
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_key_exchange import decode_certificate_request as decode_old_request
from scanner.wire.tls_key_exchange import decode_certificate_status, decode_key_exchange
from scanner.wire.tls_names import ContentType, Version
from scanner.wire.tls_offered import not_offered, not_offered_in_handshake
from scanner.wire.tls_session import find_ticket
from scanner.wire.x509 import certificate_facts
from tests.wire import rfc8448
from tests.wire.test_tls13_psk import TICKET
from tests.wire.tls13_peers import RFC_SHARE

Target = Callable[[bytes], object]
SUITE = SUITES[0x1301]
"""Of RFC 8448."""
SMALL = 512
"""Bytes: what is shorter is also fed byte by byte."""
QUESTION = Hello(Version.TLSv1_2, (0xC02F,), (29,), (0x0804,), ("h2",))


def outcome(target: Target, data: bytes) -> object:
    """What it returns, or MalformedError."""
    try:
        return target(data)
    except MalformedError:
        return MalformedError


def fed(reader: Flight | Sslv2Flight | Handshake, data: bytes, size: int) -> bool:
    """Feed it in segments of so many bytes; whether they were malformed."""
    try:
        for at in range(0, len(data), size):
            if reader.done:
                break
            reader.feed(data[at : at + size])
    except MalformedError:
        return True
    return False


def flight(data: bytes) -> None:
    """All that a server says up to TLS 1.2, whole and in segments."""
    seen = []
    for size in (len(data) or 1, 1) if len(data) <= SMALL else (len(data), 61):
        one = Flight()
        broken = fed(one, data, size)
        assert one.done or one.accepted is None
        assert not broken or one.accepted is None
        seen.append((broken, one.done, one.hello, one.certificates, one.alert, one.key_exchange, one.staple))
        assert str(one).isprintable()
        not_offered(QUESTION, one)
        assert one.group is None or one.group_code is not None
    assert seen[0] == seen[1]


def sslv2(data: bytes) -> None:
    """The answer to an SSL 2.0 CLIENT-HELLO."""
    seen = []
    for size in (len(data) or 1, 1):
        one = Sslv2Flight()
        broken = fed(one, data, size)
        assert one.done is (one.hello is not None or one.alert is not None or one.error is not None)
        assert not (broken and one.done)
        seen.append((broken, one.hello, one.alert, one.error))
        str(one)
    assert seen[0] == seen[1]
    if one.hello:
        again = Sslv2Flight()
        again.feed(encode_sslv2_server_hello(one.hello))
        assert again.hello == one.hello


def server_hello(data: bytes) -> None:
    """The body of a ServerHello: read, written, read."""
    hello = decode_server_hello(data)
    assert decode_server_hello(encode_server_hello(hello)) == hello
    str((str(hello), hello.alpn, hello.group, hello.retry))


def key_exchange(data: bytes) -> None:
    """Two bytes suite, two bytes version, then the body of a ServerKeyExchange."""
    found = decode_key_exchange(data[4:], int.from_bytes(data[:2]), int.from_bytes(data[2:4]))
    assert (found.prime is None) is (found.generator is None)


def old_messages(data: bytes) -> None:
    """One byte which, then the body of another message up to TLS 1.2."""
    body = data[1:]
    match data[0] if data else 0:
        case 0:
            chain = decode_certificate(body)
            assert encode_certificate(chain) == body
        case 1:
            decode_old_request(body, Version.TLSv1_2)
        case 2:
            decode_old_request(body, Version.TLSv1_0)
        case 3:
            decode_certificate_status(body)
        case 4:
            count_scts(body)
        case _:
            offer_psk(body, TICKET, 7)


def session(data: bytes) -> None:
    """All that a server sent up to its ChangeCipherSpec."""
    found = find_ticket(data)
    assert found is None or 0 <= found[1] < 1 << 32


def new_messages(data: bytes) -> None:
    """One byte which, then the body of a message of TLS 1.3."""
    body = data[1:]
    match data[0] if data else 0:
        case 0:
            decode_encrypted_extensions(body)
        case 1:
            decode_certificate_request(body)
        case 2:
            certificates, extensions = decode_certificates(body)
            assert len(certificates) == len(extensions)
        case 3:
            decode_certificate_verify(body)
        case _:
            decode_ticket(body, 0x1301, SUITE, bytes(32))


def tls13_clear(data: bytes) -> None:
    """Records to the hello of RFC 8448 §3, as they go over the wire."""
    seen = []
    for size in (len(data) or 1, 1) if len(data) <= SMALL else (len(data), 61):
        one = Handshake(rfc8448.CLIENT_HELLO, [RFC_SHARE])
        seen.append((fed(one, data, size), one.done, one.hello, one.alert, one.certificates))
    assert seen[0] == seen[1]


def sealed(secret: str, data: bytes) -> bytes:
    """Encrypted records: of each, one byte has its type and one or two its length."""
    writing = Protection(SUITE, bytes.fromhex(secret))
    written, at = b"", 0
    while at < len(data):
        kind = (ContentType.HANDSHAKE, ContentType.ALERT, ContentType.APPLICATION_DATA)[data[at] % 3]
        width = 2 if data[at] & 0x80 else 1
        size = int.from_bytes(data[at + 1 : at + 1 + width])
        at += 1 + width
        written += writing.seal(kind, data[at : at + min(size, 1 << 14)])
        at += size
    return written


def tls13_sealed(data: bytes) -> None:
    """What follows the ServerHello of RFC 8448 §3, before it is encrypted."""
    one = Handshake(rfc8448.CLIENT_HELLO, [RFC_SHARE])
    one.feed(rfc8448.SERVER_HELLO_RECORD)
    one.feed(sealed(rfc8448.SERVER_HANDSHAKE_TRAFFIC, data))
    assert not one.finished or data.endswith(rfc8448.FLIGHT[-36:])
    not_offered_in_handshake(QUESTION, one)


@cache
def _listening() -> bytes:
    return rfc8448.SERVER_HELLO_RECORD + rfc8448.FLIGHT_RECORD


def tls13_after(data: bytes) -> None:
    """What follows the Finished messages of RFC 8448 §3, before it is encrypted."""
    one = Handshake(rfc8448.CLIENT_HELLO, [RFC_SHARE])
    one.feed(_listening())
    assert one.finished
    one.finish()
    one.feed(sealed(rfc8448.SERVER_APPLICATION_TRAFFIC, data))
    for ticket in one.tickets:
        offer_psk(rfc8448.CLIENT_HELLO, ticket, 0)


def certificate(data: bytes) -> None:
    """DER: never malformed, always facts."""
    facts = certificate_facts.__wrapped__(data)
    assert facts.malformed or facts.serial
    proves(data, 0x0804, bytes(256), bytes(32))


def staple(data: bytes) -> None:
    """DER of an OCSP response: never malformed, always a status."""
    assert decode_staple(data).status


def whole(decode: Callable[[bytes], tuple[object, int] | None], data: bytes) -> None:
    """One message out of a stream: it is the same whatever follows it, and is not there before its last byte."""
    read = decode(data)
    if read is None:
        return
    value, consumed = read
    assert 0 < consumed <= len(data)
    assert decode(data[:consumed]) == read
    assert decode(data + b"more") == (value, consumed)
    assert decode(data[: consumed - 1]) is None


def mail(data: bytes) -> None:
    """One byte which, then lines of a mail server."""
    body = data[1:]
    match data[0] if data else 0:
        case 0:
            whole(imap.decode_greeting, body)
        case 1:
            whole(lambda buffer: imap.decode_response(buffer, b"a1"), body)
            imap.capabilities((body,))
            imap.response_code(body)
        case 2:
            whole(lines.decode_line, body)
        case 4:
            whole(pop3.decode_response, body)
            whole(pop3.decode_listing, body)
        case 5:
            whole(sieve.decode_strings, body)
            whole(sieve.decode_response, body)
        case _:
            whole(smtp.decode_reply, body)


def files_news_chat(data: bytes) -> None:
    """One byte which, then lines of an FTP, NNTP or IRC server."""
    body = data[1:]
    match data[0] if data else 0:
        case 0:
            whole(ftp.decode_reply, body)
            if (reply := ftp.decode_reply(body)) is not None:
                ftp.features(reply[0])
        case 1:
            whole(nntp.decode_response, body)
            whole(partial(nntp.decode_response, block=101), body)
            if (response := nntp.decode_response(body, 101)) is not None:
                nntp.capabilities(response[0])
        case _:
            whole(irc.decode_message, body)
            if (message := irc.decode_message(body)) is not None:
                irc.listed(message[0])


def database(data: bytes) -> None:
    """One byte which, then packets of a database's."""
    body = data[1:]
    match data[0] if data else 0:
        case 0:
            whole(mysql.decode_greeting, body)
        case 1:
            whole(mysql.decode_reply, body)
        case 0x50:
            whole(postgresql.decode_ssl_answer, body)
        case 0x51:
            whole(postgresql.decode_reply, body)
        case 0x52:
            whole(redis.decode_reply, body)
        case 0x53:
            whole(memcached.decode_answer, body)
        case 0x54:
            whole(tds.decode_prelogin, body)
        case 0x55:
            tds.Packets().feed(body)
        case 0x56:
            whole(mongodb.decode_answer, body)
        case 0x57:
            bson.read_document(body)
        case _:
            whole(mysql_server.decode_response, body)


def secure_shell(data: bytes) -> None:
    """One byte which, then what SSH says before it encrypts."""
    body = data[1:]
    match data[0] if data else 0:
        case 0:
            whole(ssh.decode_identification, body)
        case 1:
            whole(ssh.decode_packet, body)
        case 2:
            offer = ssh.decode_kexinit(body)
            assert ssh.decode_kexinit(ssh.encode_kexinit(offer, bytes(16))) == offer
        case 3:
            assert ssh.decode_disconnect(body).isprintable()
        case 4:
            reply = ssh_exchange.decode_reply(body)
            key = ssh_keys.decode_host_key(reply.host_key)
            algorithm = ssh_keys.KINDS[key.kind][-1]
            ssh_keys.proves(key, algorithm, reply.signature, b"")
        case _:
            key = ssh_keys.decode_host_key(body)
            assert key.line.isascii()


def desktop(data: bytes) -> None:
    """RDP's connection confirm."""
    whole(rdp.decode_confirm, data)


def java(data: bytes) -> None:
    """One byte which, then what a registry of Java RMI answers."""
    body = data[1:]
    if data[:1] == b"\0":
        whole(jrmp.decode_ack, body)
        return
    decoded = jrmp.decode_return(body)
    if decoded is None:
        return
    answer, consumed = decoded
    assert jrmp.decode_return(body[: consumed - 1]) is None
    assert jrmp.told_by(answer.value)
    for read in (jrmp.names_of, jrmp.stub_of):
        with suppress(MalformedError):
            read(answer.value)


def broker(data: bytes) -> None:
    """One byte which, then commands of OpenWire, or what Hazelcast says first."""
    body = data[1:]
    match data[0] if data else 0:
        case 0:
            whole(openwire.decode_wire_format, body)
        case 1:
            whole(openwire.decode_frame, body)
            if decoded := openwire.decode_frame(body):
                openwire.reply(decoded[0])
        case 2:
            whole(hazelcast.decode_greeting, body)
        case _:
            whole(hazelcast.decode_answer, body)


def directory(data: bytes) -> None:
    """An LDAP message."""
    whole(ldap.decode, data)


XMPP = xmpp.Header("1.0", b"<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' version='1.0'>")


def messaging(data: bytes) -> None:
    """One byte which, then what a messaging server says."""
    body = data[1:]
    match data[0] if data else 0:
        case 0:
            whole(xmpp.decode_header, body)
        case 2:
            whole(mqtt.decode_connack, body)
        case 3:
            whole(amqp.decode_answer, body)
        case 4:
            whole(amqp.decode_sasl, body)
        case 5:
            whole(sip.decode_response, body)
        case _:
            whole(lambda buffer: xmpp.decode_element(buffer, XMPP), body)


def tickets(data: bytes) -> None:
    """One byte which, then what a Kerberos KDC says: a datagram, or a stream."""
    if data[:1] == b"\1":
        whole(kerberos.decode_framed, data[1:])
    elif read := kerberos.decode_datagram(data[1:]):
        assert read == (kerberos.decode_answer(data[1:]), len(data) - 1)
        assert str(read[0]).isprintable()


def elements(data: bytes) -> None:
    """BER, which is read completely or not at all."""
    found = ber.elements(data)
    assert sum(len(element.content) for element in found) <= len(data)


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (
        *(flight, sslv2, server_hello, key_exchange, old_messages, session),
        *(new_messages, tls13_clear, tls13_sealed, tls13_after),
        *(
            certificate,
            staple,
            mail,
            database,
            secure_shell,
            directory,
            elements,
            files_news_chat,
            desktop,
            messaging,
            tickets,
        ),
        *(certificate, staple, mail, database, secure_shell, directory, elements, files_news_chat, desktop, messaging),
        java,
        broker,
    )
}
