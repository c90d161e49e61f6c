"""Message submission (RFC 6409): SMTP with logins, which reaches TLS by STARTTLS."""

from dataclasses import replace

from scanner.protocols import smtp

PROTOCOL = replace(smtp.PROTOCOL, port=587, speaks=None)
