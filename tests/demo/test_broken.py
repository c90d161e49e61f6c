"""Servers whose first answer is spoilt: what OpenSSL's client says of it, and the bytes."""

import socket
import subprocess
from typing import Any

import pytest

from scanner.demo import broken

needs_openssl = pytest.mark.needs("openssl")


def s_client(running: Any, service: str, *options: str) -> str:
    host, port = running.address(service)
    command = ["openssl", "s_client", "-connect", f"{host}:{port}", "-servername", running.server_name(service)]
    done = subprocess.run(
        [*command, "-tls1_2", *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.stdout + done.stderr


def server_hello(running: Any, service: str, *, compressions: bytes, suites: str = "c030c02f00ff") -> bytes:
    """The body of the ServerHello that answers a hello of TLS 1.2."""
    offered = bytes.fromhex(suites)
    extensions = bytes.fromhex("000a00040002001d000d000400020804ff01000100")
    body = b"\3\3" + bytes(32) + b"\0" + len(offered).to_bytes(2) + offered
    body += bytes([len(compressions)]) + compressions + len(extensions).to_bytes(2) + extensions
    message = b"\1" + len(body).to_bytes(3) + body
    with socket.create_connection(running.address(service), timeout=5) as client:
        client.sendall(b"\x16\3\1" + len(message).to_bytes(2) + message)
        with client.makefile("rb") as reader:
            head = reader.read(5)
            record = reader.read(int.from_bytes(head[3:]))
    assert (head[0], record[0]) == (22, 2)
    return record[4 : 4 + int.from_bytes(record[1:4])]


def selected(hello: bytes) -> tuple[bytes, int]:
    """Suite and compression method."""
    at = 35 + hello[34]
    return hello[at : at + 2], hello[at + 2]


@needs_openssl
def test_a_client_notices_what_it_did_not_offer(running: Any) -> None:
    assert "Verify return code" in s_client(running, "web-answers-unasked", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384")
    said = s_client(running, "web-answers-unasked", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256")
    assert "wrong cipher returned" in said


@needs_openssl
def test_a_client_of_today_turns_away_from_unsafe_renegotiation(running: Any) -> None:
    assert "unsafe legacy renegotiation disabled" in s_client(running, "web-unsafe-renegotiation")


@needs_openssl
def test_without_an_offer_of_compression_all_is_well(running: Any) -> None:
    assert "Compression: NONE" in s_client(running, "web-compressing")


@needs_openssl
def test_extended_master_secret(running: Any) -> None:
    assert "Extended master secret: no" in s_client(running, "web-unbound-sessions")
    assert "Extended master secret: yes" in s_client(running, "web-good")


@needs_openssl
def test_weak_suites(running: Any) -> None:
    assert "Cipher is NULL-SHA256" in s_client(running, "web-unencrypted-suite", "-cipher", "NULL-SHA256:@SECLEVEL=0")
    assert "Cipher is (NONE)" in s_client(running, "web-good", "-cipher", "NULL-SHA256:@SECLEVEL=0")
    said = s_client(running, "web-weak-prime", "-cipher", "DHE:@SECLEVEL=0")
    assert "Server Temp Key: DH, 1024 bits" in said


def test_what_is_selected(running: Any) -> None:
    assert selected(server_hello(running, "web-compressing", compressions=b"\1\0")) == (b"\xc0\x30", 1)
    assert selected(server_hello(running, "web-compressing", compressions=b"\0")) == (b"\xc0\x30", 0)
    assert selected(server_hello(running, "web-good", compressions=b"\1\0")) == (b"\xc0\x30", 0)
    only_128 = {"compressions": b"\0", "suites": "c02f00ff"}
    assert selected(server_hello(running, "web-answers-unasked", **only_128))[0] == b"\xc0\x30"
    assert selected(server_hello(running, "web-good", **only_128))[0] == b"\xc0\x2f"
    assert b"\xff\x01\x00\x01\x00" in server_hello(running, "web-good", compressions=b"\0")
    assert b"\xff\x01\x00\x01\x00" not in server_hello(running, "web-unsafe-renegotiation", compressions=b"\0")


@pytest.mark.parametrize("alter", [broken.compressing, broken.without_renegotiation_info, broken.answering_unasked])
@pytest.mark.parametrize("hello", [b"", b"GET / HTTP/1.1\r\n", b"\1" * 200, bytes(44), b"\xff" * 50])
def test_an_alert_stays_an_alert_whatever_was_said(alter: Any, hello: bytes) -> None:
    for alert in (bytes.fromhex("15030300020228"), b"", b"\x16"):
        assert alter(hello, alert) == alert
