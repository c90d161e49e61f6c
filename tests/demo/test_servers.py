"""Servers outlive whatever clients do."""

import socket
import ssl
import struct
from contextlib import suppress
from typing import Any

import pytest

from scanner.demo.servers import MESSAGE_LIMIT

NAMES = [
    "web-good",
    "web-plaintext-admin",
    "web-redirecting",
    "imap-good",
    "submission-good",
    "ldap-good",
    "mysql-good",
]


def hello(running: Any, name: str) -> bytes:
    """First bytes of a fresh conversation."""
    with socket.create_connection(running.address(name), timeout=5) as client:
        if name.startswith("ldap"):
            client.sendall(bytes.fromhex("300c020101600702010304008000"))
        if name == "web-good":
            with running.trusting().wrap_socket(client, server_hostname="good.demo.test") as secured:
                secured.sendall(b"GET / HTTP/1.1\r\n\r\n")
                return bytes(secured.recv(64))
        if name.startswith("web"):
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        return client.recv(64)


@pytest.mark.parametrize("name", NAMES)
def test_clients_that_leave_reset_or_talk_nonsense(running: Any, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    address = running.address(name)
    for sent in (b"", b"\x00", b"\xff" * 64, b"\x16\x03\x01\x00\x05\x01\x00", b"GET / HTTP/1.1\r\n", b"\r\n\r\n \r\n"):
        for reset in (False, True):
            with suppress(ConnectionError), socket.create_connection(address, timeout=5) as client:
                client.sendall(sent)
                if reset:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with suppress(ConnectionError), socket.create_connection(address, timeout=5) as client:
        client.sendall(b"\x0a" * 10 + b"a" * (2 * MESSAGE_LIMIT))
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass
    assert hello(running, name)
    assert capfd.readouterr() == ("", "")


def test_a_silent_client_holds_up_nobody(running: Any) -> None:
    with socket.create_connection(running.address("web-good"), timeout=5):
        assert hello(running, "web-good").startswith(b"HTTP/1.1 200")


def test_a_refused_version_is_answered_with_its_alert(running: Any) -> None:
    # A ClientHello of TLS 1.0 with one suite: whatever OpenSSL this machine has, the bytes are the same.
    body = b"\x03\x01" + bytes(32) + b"\x00" + b"\x00\x04\xc0\x14\x00\xff" + b"\x01\x00"
    hello_message = b"\x01" + len(body).to_bytes(3, "big") + body
    record = b"\x16\x03\x01" + len(hello_message).to_bytes(2, "big") + hello_message
    with socket.create_connection(running.address("web-good"), timeout=5) as client:
        client.sendall(record)
        answer = client.recv(7)
        assert answer[0] == 21
        assert answer[5:] == b"\x02\x46"
        assert client.recv(1) == b""


def test_what_comes_with_the_starttls_command_is_not_taken_for_protected(running: Any) -> None:
    with socket.create_connection(running.address("imap-good"), timeout=5) as client:
        reader = client.makefile("rb")
        with reader:
            assert reader.readline().startswith(b"* OK")
            client.sendall(b"a STARTTLS\r\nb CAPABILITY\r\n")
            assert reader.readline().startswith(b"a OK")
            with pytest.raises((ssl.SSLError, ConnectionError)):
                running.trusting().wrap_socket(client, server_hostname="mail.demo.test").do_handshake()
