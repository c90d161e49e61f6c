"""Commands with public tools that put the same question to an endpoint again."""

import shlex
from functools import lru_cache

from scanner.model import Endpoint
from scanner.protocols import Injected, Protocol
from scanner.wire.sslv2 import Sslv2Hello, encode_sslv2_hello
from scanner.wire.tls_hello import Hello, encode_hello


def s_client(endpoint: Endpoint, protocol: Protocol, *options: str) -> str:
    """An `openssl s_client` command that asks this endpoint the same; `-noservername` among the options wins.

    Where that does not speak the protocol: one of another tool, which shows the whole.
    """
    if protocol.without_s_client:
        return _filled(protocol.without_s_client, endpoint)
    address = f"[{endpoint.address}]" if ":" in endpoint.address else endpoint.address
    words = f"openssl s_client -connect {shlex.quote(address)}:{endpoint.port}"
    if "-noservername" not in options and "-servername" not in options:
        name = endpoint.server_name
        words += f" -servername {shlex.quote(name)}" if name else " -noservername"
    words += f" -starttls {protocol.starttls}" if protocol.starttls else ""
    if protocol.starttls.startswith("xmpp"):
        words += f" -xmpphost {shlex.quote(endpoint.identity)}"  # else that of -connect, an address
    return f"{words}{_quoted(options)} </dev/null"


@lru_cache(maxsize=1024)
def _quoted(options: tuple[str, ...]) -> str:
    """The same few options are asked of every endpoint."""
    return "".join(f" {shlex.quote(option)}" for option in options)


_UPGRADE = {
    "imap": r"printf 't1 STARTTLS\r\n'",
    "ftp": r"printf 'AUTH TLS\r\n'",
    "irc": r"printf 'STARTTLS\r\n'",
    "nntp": r"printf 'STARTTLS\r\n'",
    "smtp": r"printf 'EHLO tlsassay.invalid\r\n'; sleep 1; printf 'STARTTLS\r\n'",
    "lmtp": r"printf 'LHLO tlsassay.invalid\r\n'; sleep 1; printf 'STARTTLS\r\n'",
    "pop3": r"printf 'STLS\r\n'",
    "sieve": r"printf 'STARTTLS\r\n'",
    # RFC 4511 §4.14: ExtendedRequest 1.3.6.1.4.1.1466.20037
    "ldap": r"printf '\060\035\002\001\001\167\030\200\0261.3.6.1.4.1.1466.20037'",
    "rdp": r"printf '\003\000\000\023\016\340\000\000\000\000\000\001\000\010\000\003\000\000\000'",  # TLS or CredSSP
    "postgres": r"printf '\000\000\000\010\004\322\026\057'",  # SSLRequest
}
"""What leads to TLS, for a shell to say."""


def sending(endpoint: Endpoint, protocol: Protocol, question: Hello | Sslv2Hello) -> str:
    """A command that sends the bytes of a hello, with zeros for what is random, and shows the answer in hexadecimal.

    Where it takes more than bytes to get to TLS: as `s_client`.
    """
    if protocol.without_s_client and endpoint.protocol not in _UPGRADE:
        return _filled(protocol.without_s_client, endpoint)
    if isinstance(question, Sslv2Hello):
        message = encode_sslv2_hello(question, bytes(16))
    else:
        message = encode_hello(question, bytes(64), endpoint.server_name)
    said = f"echo {message.hex()} | xxd -r -p"
    if protocol.upgrade is not None:
        upgrade = _UPGRADE.get(protocol.starttls or endpoint.protocol, ":")
        said = f"({upgrade}; sleep 1; {said}; sleep 1)"
    return f"{said} | nc -w 3 {shlex.quote(endpoint.address)} {endpoint.port} | xxd"


def in_the_clear(endpoint: Endpoint, protocol: Protocol) -> str:
    """A command that shows the conversation in the clear."""
    return _filled(protocol.reproduce, endpoint)


def inside(endpoint: Endpoint, protocol: Protocol) -> str:
    """A command that shows what is offered inside TLS."""
    if protocol.inside is None:
        return ""
    client = s_client(endpoint, protocol).removesuffix(" </dev/null")
    return _filled(protocol.inside.reproduce, endpoint, s_client=client)


def injecting(endpoint: Endpoint, injected: Injected) -> str:
    """A command that sends a command behind the upgrade, and shows what is answered before TLS and inside."""
    said = ", ".join(map(repr, (*injected.before, injected.first + injected.command)))
    steps = (
        "import socket, ssl, time",
        f"s = socket.create_connection(({endpoint.address!r}, {endpoint.port}), 5)",
        f"[(time.sleep(1), s.sendall(said)) for said in [{said}]]",
        "time.sleep(1)",
        'print("before TLS:", s.recv(65536))',
        'print("inside TLS:", ssl._create_unverified_context().wrap_socket(s).recv(65536))',
    )
    return f"python3 -c {shlex.quote('; '.join(steps))}"


def _filled(command: str, endpoint: Endpoint, **commands: str) -> str:
    """The command with its places filled in; those that are `commands` themselves as they are."""
    url_host = f"[{endpoint.identity}]" if ":" in endpoint.identity else endpoint.identity
    numeric = f"[{endpoint.address}]" if ":" in endpoint.address else endpoint.address
    words = {"host": url_host, "address": endpoint.address, "numeric": numeric, "port": str(endpoint.port)}
    return command.format(**{key: shlex.quote(word) for key, word in words.items()}, **commands)
