"""IMAP and SMTP of the estate, by the standard library's clients."""

import imaplib
import smtplib
import ssl
from typing import Any

import pytest

PASSWORD = "not-a-password"


@pytest.mark.parametrize("service", ["imap-good", "imap-login-in-clear"])
def test_imap_before_tls(running: Any, service: str) -> None:
    planted = "credentials-before-tls" in running.planted[service]
    with imaplib.IMAP4(*running.address(service), timeout=5) as client:
        assert "STARTTLS" in client.capabilities
        assert ("LOGINDISABLED" in client.capabilities) != planted
        with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED" if planted else "PRIVACYREQUIRED"):
            client.login("nobody", PASSWORD)


@pytest.mark.parametrize("service", ["imap-good", "imap-login-in-clear"])
def test_imap_after_starttls(running: Any, service: str) -> None:
    context = running.trusting()
    context.check_hostname = False  # imaplib checks the name it connected to
    with imaplib.IMAP4(*running.address(service), timeout=5) as client:
        client.starttls(context)
        assert "STARTTLS" not in client.capabilities
        assert "AUTH=PLAIN" in client.capabilities
        with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
            client.authenticate("PLAIN", lambda _: b"\0nobody\0" + PASSWORD.encode())


@pytest.mark.parametrize(
    ("service", "starttls", "code"),
    [("submission-good", True, None), ("submission-auth-in-clear", True, 535), ("smtp-no-starttls", False, None)],
)
def test_smtp_before_tls(running: Any, service: str, starttls: bool, code: int | None) -> None:
    with smtplib.SMTP(*running.address(service), timeout=5) as client:
        client.ehlo()
        assert client.has_extn("starttls") == starttls
        assert client.has_extn("auth") == (code is not None)
        if code is None:
            assert client.docmd("AUTH PLAIN AGEAYg==")[0] == (530 if starttls else 502)
        else:
            with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
                client.login("nobody", PASSWORD)
            assert refused.value.smtp_code == code
        assert client.docmd("MAIL FROM:<a@demo.test>")[0] == (530 if starttls else 250)


@pytest.mark.parametrize("service", ["submission-good", "submission-auth-in-clear"])
def test_smtp_after_starttls(running: Any, service: str) -> None:
    context = running.trusting()
    context.check_hostname = False  # smtplib checks the name it connected to
    with smtplib.SMTP(*running.address(service), timeout=5) as client:
        client.starttls(context=context)
        client.ehlo()
        assert not client.has_extn("starttls")
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("nobody", PASSWORD)


def test_smtp_without_starttls_refuses_it(running: Any) -> None:
    with smtplib.SMTP(*running.address("smtp-no-starttls"), timeout=5) as client:
        assert client.docmd("STARTTLS")[0] == 500


def test_imap_offers_starttls_again(running: Any) -> None:
    context = running.trusting()
    context.check_hostname = False
    with imaplib.IMAP4(*running.address("imap-starttls-again"), timeout=5) as client:
        assert "LOGINDISABLED" in client.capabilities
        client.starttls(context)
        assert "STARTTLS" in client.capabilities


@pytest.mark.parametrize(("service", "answered"), [("submission-reads-ahead", True), ("submission-good", False)])
def test_a_command_behind_starttls(running: Any, service: str, answered: bool) -> None:
    """The standard library's client, made to send NOOP in one segment with STARTTLS."""
    context = running.trusting()
    with smtplib.SMTP(*running.address(service), timeout=5) as client:
        client.ehlo()
        client.send(b"STARTTLS\r\nNOOP\r\n")
        assert client.getreply()[0] == 220
        sock = client.sock
        if not answered:  # the server reads no further than STARTTLS: NOOP is no ClientHello
            with pytest.raises((ssl.SSLError, OSError)):
                context.wrap_socket(sock, server_hostname="mail.demo.test")
            client.close()
            return
        client.sock, client.file = context.wrap_socket(sock, server_hostname="mail.demo.test"), None
        assert client.getreply() == (250, b"2.0.0 OK")  # to nothing that was said inside
