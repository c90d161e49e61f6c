import pytest

from scanner.protocols._refusal import demands_tls


@pytest.mark.parametrize(
    "words",
    [
        b"Non-anonymous sessions must use encryption.",  # vsftpd
        b"SSL/TLS required on the control channel",  # ProFTPD
        b"Sorry, cleartext sessions are not accepted on this server.",  # Pure-FTPd
        b"Encryption or stronger authentication required",
        b"Use AUTH first",
        b"plain-text passwords are disabled",
        b"a Secure connection is required",
        b"must be encrypted",
    ],
)
def test_for_want_of_tls(words: bytes) -> None:
    assert demands_tls(words)
    assert demands_tls(words.upper())


@pytest.mark.parametrize(
    "words",
    [
        b"",
        b"Login incorrect.",
        b"Permission denied",
        b"Please specify the password.",
        b"the user titles has no account",  # a word within another
        b"insecurely configured",
        b"see https://secure.example.org/",
        b"tls-scanner.example (Throttled)",
        b"the Example Secure FTP server is full",
        b"ssl.example.org is banned",
        b"AUTH not understood",
        bytes(range(256)),
    ],
)
def test_for_another_reason(words: bytes) -> None:
    assert not demands_tls(words)
