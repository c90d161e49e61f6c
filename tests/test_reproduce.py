"""Commands that a reader runs: quoted for a shell, whatever a name holds."""

import ast
import re
import shlex
import subprocess
from typing import Any

import pytest

from scanner.protocols import protocol
from scanner.reproduce import in_the_clear, injecting, inside, s_client, sending
from scanner.wire import postgresql, rdp
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import Version
from tests.rules.make import endpoint

QUESTION = Hello(Version.TLSv1_2, (0xC02F,))


def words(command: str) -> list[str]:
    assert command.endswith(" </dev/null")
    return shlex.split(command.removesuffix(" </dev/null"))


def test_it_connects_to_the_address_that_was_asked_and_names_the_name() -> None:
    one = endpoint("https://www.example.com:8443")
    assert words(s_client(one, protocol("https"), "-tls1_2")) == [
        *("openssl", "s_client", "-connect", "192.0.2.1:8443"),
        *("-servername", "www.example.com", "-tls1_2"),
    ]


@pytest.mark.parametrize(
    ("changes", "options", "expected"),
    [
        ({"server_name": None}, (), ["-noservername"]),
        ({}, ("-noservername",), ["-noservername"]),
        ({}, ("-servername", "other.invalid"), ["-servername", "other.invalid"]),
        ({"server_name": "a.example; rm -r /"}, (), ["-servername", "a.example; rm -r /"]),
    ],
)
def test_server_names(changes: dict[str, Any], options: tuple[str, ...], expected: list[str]) -> None:
    command = s_client(endpoint(**changes), protocol("https"), *options)
    assert words(command)[4:] == expected


def test_an_ipv6_address_has_brackets() -> None:
    assert words(s_client(endpoint(address="2001:db8::1"), protocol("https")))[3] == "[2001:db8::1]:443"


@pytest.mark.parametrize(
    ("url", "starttls"),
    [
        ("imap://h.example:143", "imap"),
        ("submission://h.example:587", "smtp"),
        ("ldap://h.example:389", "ldap"),
        ("pop3://h.example:110", "pop3"),
        ("sieve://h.example:4190", "sieve"),
        ("lmtp://h.example:24", "lmtp"),
    ],
)
def test_an_upgrade_is_part_of_it(url: str, starttls: str) -> None:
    one = endpoint(url)
    assert words(s_client(one, protocol(one.protocol), "-tls1_3"))[-3:] == ["-starttls", starttls, "-tls1_3"]


@pytest.mark.parametrize("scheme", ["xmpp", "xmpp-server"])
def test_a_stream_is_opened_to_the_name(scheme: str) -> None:
    one = endpoint(f"{scheme}://h.example:5222", server_name="a.example; rm -r /")
    assert words(s_client(one, protocol(scheme)))[-4:] == ["-starttls", scheme, "-xmpphost", "a.example; rm -r /"]


@pytest.mark.parametrize(
    "url",
    [
        "http://h.example:80",
        "imap://h.example:143",
        "sieve://h.example:4190",
        "ldap://h.example:389",
        "mysql://h.example:3306",
        "xmpp://h.example:5222",
        "mqtt://h.example:1883",
        "amqp://h.example:5672",
        "sip://h.example:5060",
        "postgresql://h.example:5432",
        "redis://h.example:6379",
        "rdp://h.example:3389",
        "mssql://h.example:1433",
        "mongodb://h.example:27017",
        "memcached://h.example:11211",
    ],
)
def test_a_conversation_in_the_clear_is_quoted(url: str) -> None:
    one = endpoint(url, address="2001:db8::1", server_name="$(reboot).example", host="$(reboot).example")
    command = in_the_clear(one, protocol(one.protocol))
    assert "2001:db8::1" in command
    assert "$(reboot)" not in command.replace("'$(reboot).example'", "").replace("'[$(reboot).example]'", "")


def test_what_openssl_cannot_ask_another_tool_shows() -> None:
    one = endpoint("rdp://h.example:3389", address="2001:db8::1")
    assert s_client(one, protocol("rdp"), "-tls1_2") == "sslyze --starttls rdp '[2001:db8::1]':3389"


def test_where_bytes_do_not_get_to_tls_the_other_tool_is_named() -> None:
    one = endpoint("mssql://h.example:1433", address="2001:db8::1")
    assert sending(one, protocol("mssql"), QUESTION) == s_client(one, protocol("mssql"))
    assert "-p 1433" in s_client(one, protocol("mssql"))


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("postgresql://h.example:5432", postgresql.SSL_REQUEST),
        ("rdp://h.example:3389", rdp.connection_request(rdp.Security.SSL | rdp.Security.HYBRID)),
    ],
)
def test_bytes_that_lead_to_tls(url: str, first: bytes) -> None:
    one = endpoint(url)
    command = sending(one, protocol(one.protocol), QUESTION)
    said = re.search(r"printf '[^']+'", command)
    assert said is not None
    assert subprocess.run(["sh", "-c", said[0]], check=True, capture_output=True).stdout == first


@pytest.mark.parametrize("url", ["imap://h.example:143", "smtp://h.example:25", "ldap://h.example:389"])
def test_a_command_behind_the_upgrade_is_quoted(url: str) -> None:
    one = endpoint(url, address="2001:db8::1")
    known = protocol(one.protocol).inside
    assert known is not None
    assert known.injected is not None
    command, option, script = shlex.split(injecting(one, known.injected))
    assert (command, option) == ("python3", "-c")
    assert repr(known.injected.first + known.injected.command) in script
    ast.parse(script)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("imap://h.example:143", "-starttls imap -quiet"),
        ("smtps://h.example:465", "EHLO tlsassay.invalid"),
        ("ldaps://h.example:636", "ldaps://'[2001:db8::1]':636"),
        ("https://h.example:443", ""),
    ],
)
def test_what_is_said_inside_tls(url: str, words: str) -> None:
    one = endpoint(url, address="2001:db8::1")
    said = inside(one, protocol(one.protocol))
    assert words in said
    assert bool(said) is bool(words)
