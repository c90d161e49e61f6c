"""One handshake of somebody else's client: nassl's OpenSSL 1.0.2, or `openssl s_client` (3.0)."""

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from nassl._nassl import OpenSSLError
from nassl.legacy_ssl_client import LegacySslClient
from nassl.ssl_client import OpenSslVerifyEnum, OpenSslVersionEnum

from tests.servers.clients import SECONDS
from tests.servers.clients import VERSIONS as S_CLIENT
from tests.servers.harness import Running
from tests.servers.stacks.suites import EVERYTHING

_NASSL = {
    "SSLv2": OpenSslVersionEnum.SSLV2,
    "SSLv3": OpenSslVersionEnum.SSLV3,
    "TLSv1.0": OpenSslVersionEnum.TLSV1,
    "TLSv1.1": OpenSslVersionEnum.TLSV1_1,
    "TLSv1.2": OpenSslVersionEnum.TLSV1_2,
}
_OWN_FAULT = re.compile(r"no ciphers available|no cipher match|Connection refused|errno=111|usage|Call to SSL_CONF_cmd")


@contextmanager
def _handshake(server: Running, version: str, ciphers: str) -> Iterator[LegacySslClient | None]:
    """A session of OpenSSL 1.0.2 with one of these suites, or None."""
    with socket.create_connection((server.address, server.ports["tls"]), SECONDS) as connection:
        client = LegacySslClient(
            ssl_version=_NASSL[version], underlying_socket=connection, ssl_verify=OpenSslVerifyEnum.NONE
        )
        if version != "SSLv2":  # it has no extensions
            client.set_tlsext_host_name(server.server_name)
        client.set_cipher_list(ciphers)
        try:
            client.do_handshake()
        except OpenSSLError as error:
            if _OWN_FAULT.search(str(error)):
                raise RuntimeError(f"{version} {ciphers}: {error}") from error
        except OSError:  # the connection was closed or reset
            pass
        yield client if client.is_handshake_completed() else None


def nassl(server: Running, version: str, ciphers: str) -> str | None:
    """OpenSSL's name of the suite that OpenSSL 1.0.2 and the server agree on, of these; None: they do not."""
    with _handshake(server, version, ciphers) as session:
        return session.get_current_cipher_name() if session else None


def nassl_chain(server: Running, version: str, ciphers: str) -> list[str]:
    """PEM of the certificates that OpenSSL 1.0.2 is shown with these suites."""
    with _handshake(server, version, ciphers) as session:
        return session.get_received_chain() if session else []


def s_client_output(server: Running, version: str, *options: str) -> str:
    """All that `openssl s_client` prints."""
    command = ["openssl", "s_client", "-connect", f"{server.address}:{server.ports['tls']}"]
    command += ["-servername", server.server_name, S_CLIENT[version], *options]
    if version != "TLSv1.3" and "-cipher" not in options:
        command += ["-cipher", f"{EVERYTHING}:@SECLEVEL=0"]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=SECONDS,
        check=False, env={"OPENSSL_CONF": "/dev/null", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    said = done.stdout + done.stderr
    if _OWN_FAULT.search(said):
        raise RuntimeError(f"{' '.join(command)}\n{said}")
    return said


def s_client(server: Running, version: str, *options: str) -> dict[str, str] | None:
    """What `openssl s_client -brief` says of its session, by label; None: there is none."""
    said = s_client_output(server, version, "-brief", *options)
    if "CONNECTION ESTABLISHED" not in said:
        return None
    session = dict(re.findall(r"^([A-Z][\w ]+): (.+)$", said, re.MULTILINE))
    if session["Protocol version"] != version.removesuffix(".0"):
        raise RuntimeError(f"{version}: {said}")
    return session
