"""IMAP (RFC 9051) and SMTP submission (RFC 6409), with STARTTLS, as far as the login. No login ever succeeds."""

import ssl
from collections.abc import Callable

from scanner.demo.servers import Conversation, Talk


def imap(context: ssl.SSLContext, *, login_in_clear: bool = False, offers_again: bool = False) -> Talk:
    """IMAP with STARTTLS; `login_in_clear`: a password is looked at before TLS as well; `offers_again`: STARTTLS inside
    TLS."""

    def capabilities(client: Conversation) -> str:
        if client.encrypted:
            return "IMAP4rev1 STARTTLS AUTH=PLAIN" if offers_again else "IMAP4rev1 AUTH=PLAIN"
        return "IMAP4rev1 STARTTLS AUTH=PLAIN" if login_in_clear else "IMAP4rev1 STARTTLS LOGINDISABLED"

    def log_in(client: Conversation, tag: str, words: list[str]) -> None:
        if not (client.encrypted or login_in_clear):
            client.send(f"{tag} NO [PRIVACYREQUIRED] STARTTLS comes first\r\n")
            return
        if words[0].upper() == "AUTHENTICATE" and len(words) < 3:
            client.send("+ \r\n")
            client.receive_line()
        client.send(f"{tag} NO [AUTHENTICATIONFAILED] nobody can log in here\r\n")

    def talk(client: Conversation) -> None:
        client.send(f"* OK [CAPABILITY {capabilities(client)}] demo IMAP server ready\r\n")
        while True:
            tag, *words = client.receive_line().split() or [""]
            match words[0].upper() if words and tag.isalnum() and tag.isascii() else "":
                case "CAPABILITY":
                    client.send(f"* CAPABILITY {capabilities(client)}\r\n{tag} OK done\r\n")
                case "NOOP":
                    client.send(f"{tag} OK done\r\n")
                case "LOGOUT":
                    client.send(f"* BYE see you\r\n{tag} OK done\r\n")
                    return
                case "STARTTLS" if not client.encrypted:
                    client.send(f"{tag} OK begin\r\n")
                    client.start_tls(context)
                case "LOGIN" | "AUTHENTICATE":
                    log_in(client, tag, words)
                case _:
                    client.send("* BAD not understood\r\n")

    return talk


def smtp(context: ssl.SSLContext | None, *, auth_in_clear: bool = False, reads_ahead: bool = False) -> Talk:
    """SMTP; without `context` it has neither STARTTLS nor AUTH. `auth_in_clear`: a password is looked at before TLS;
    `reads_ahead`: what came together with STARTTLS is carried out inside TLS."""

    def may_log_in(client: Conversation) -> bool:
        return context is not None and (client.encrypted or auth_in_clear)

    def hello(client: Conversation) -> str:
        extensions = ["mail.demo.test", "8BITMIME"]
        if context is not None and not client.encrypted:
            extensions.append("STARTTLS")
        if may_log_in(client):
            extensions.append("AUTH PLAIN LOGIN")
        return "".join(f"250-{each}\r\n" for each in extensions[:-1]) + f"250 {extensions[-1]}"

    def authenticate(client: Conversation, words: list[str]) -> str:
        if context is None:
            return "502 5.5.1 not implemented"
        if not may_log_in(client):
            return "530 5.7.0 Must issue a STARTTLS command first"
        for _ in range({"LOGIN": 2, "PLAIN": 1}.get(words[1].upper() if len(words) > 1 else "", 0) - (len(words) > 2)):
            client.send("334 \r\n")
            client.receive_line()
        return "535 5.7.8 nobody can log in here"

    def mail(client: Conversation) -> str:
        if context is None:
            return "250 2.1.0 OK"
        if not (client.encrypted or auth_in_clear):
            return "530 5.7.0 Must issue a STARTTLS command first"
        return "530 5.7.0 Authentication required"

    def talk(client: Conversation) -> None:
        client.send("220 mail.demo.test ESMTP demo\r\n")
        simple: dict[str, Callable[[], str]] = {
            "EHLO": lambda: hello(client),
            "HELO": lambda: "250 mail.demo.test",
            "NOOP": lambda: "250 2.0.0 OK",
            "RSET": lambda: "250 2.0.0 OK",
            "MAIL": lambda: mail(client),
            "RCPT": lambda: "550 5.7.1 relaying denied",
        }
        while True:
            words = client.receive_line().split() or [""]
            match words[0].upper():
                case "QUIT":
                    client.send("221 2.0.0 see you\r\n")
                    return
                case "STARTTLS" if context is not None and not client.encrypted:
                    if reads_ahead:
                        client.read_ahead()
                    client.send("220 2.0.0 begin\r\n")
                    client.start_tls(context)
                case "AUTH":
                    client.send(authenticate(client, words) + "\r\n")
                case verb:
                    client.send(simple.get(verb, lambda: "500 5.5.1 not understood")() + "\r\n")

    return talk
