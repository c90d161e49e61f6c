"""The servers that every scanner is measured on: one nginx on port 443 of every loopback address, and what it serves.

It runs in a network namespace of the bench's own, where nothing else listens, so port 443 is free.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from scanner.demo.certificates import Authority, Key

NAME = "bench.test"
"""The host name of the certificates."""
PORT = 443
SERVER_ORDER, CLIENT_ORDER, LEGACY, LEGACY_SERVER_ORDER = "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"
"""Addresses: the typical host with `ssl_prefer_server_ciphers` on, and off; the legacy host with it off, and on."""
CERTIFICATES = "root.pem"
"""The root certificate's file, in the servers' folder."""

# Mozilla's intermediate configuration without its DHE suites, which need a dhparam file that few set up.
SUITES = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
# COMPLEMENTOFALL are the suites without encryption. OpenSSL 3 signs no TLS 1.0 or 1.1 handshake (SHA-1) above level 0.
EVERY_SUITE = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
LEGACY_VERSIONS = {"TLSv1.0": "-tls1", "TLSv1.1": "-tls1_1", "TLSv1.2": "-tls1_2"}
"""What the legacy host speaks, and the option of `openssl` that asks for it alone."""

NGINX = """{user} daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
uwsgi_temp_path {folder}; scgi_temp_path {folder};
ssl_certificate {folder}/rsa.pem; ssl_certificate_key {folder}/rsa.pem;
ssl_certificate {folder}/ecdsa.pem; ssl_certificate_key {folder}/ecdsa.pem;
server {{ listen 443 ssl http2 backlog=4096 default_server; {typical} ssl_prefer_server_ciphers on; return 204; }}
server {{ listen {client_order}:443 ssl http2; {typical} ssl_prefer_server_ciphers off; return 204; }}
server {{ listen {legacy}:443 ssl; {every} return 204; }}
server {{ listen {legacy_server_order}:443 ssl; {every} ssl_prefer_server_ciphers on; return 204; }}
}}
"""


@contextlib.contextmanager
def running(folder: Path) -> Iterator[None]:
    """The servers, their files in `folder`. Exits with a message if they cannot be started."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        sys.exit("bench: nginx is not installed")
    _certificates(folder)
    # In a user namespace of one user there is no other to change to.
    user = "user root;" if Path("/proc/self/uid_map").read_text().split()[-1] == "1" else ""
    typical = f"ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers {SUITES};"
    config = folder / "nginx.conf"
    every = f"ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers {EVERY_SUITE}; ssl_dhparam {folder}/dh.pem;"
    hosts = {"client_order": CLIENT_ORDER, "legacy": LEGACY, "legacy_server_order": LEGACY_SERVER_ORDER}
    config.write_text(NGINX.format(user=user, folder=folder, typical=typical, every=every, **hosts))
    log = folder / "error.log"
    server = subprocess.Popen([program, "-c", str(config), "-e", str(log)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(500):
            with contextlib.suppress(OSError), socket.create_connection((SERVER_ORDER, PORT), 1):
                break
            time.sleep(0.01)
        else:
            sys.exit(f"bench: nginx does not start: {log.read_text() if log.exists() else 'no log'}")
        yield
    finally:
        server.terminate()
        server.wait()


def _certificates(folder: Path) -> None:
    """RSA 2048 and P-256 from one authority, and the group of RFC 7919 that the legacy host uses for DHE."""
    authority = Authority(datetime.now(UTC))
    (folder / CERTIFICATES).write_bytes(authority.root.public_bytes(Encoding.PEM))
    keys: dict[str, Key] = {"rsa": authority.rsa_key, "ecdsa": authority.ecdsa_key}
    for name, key in keys.items():
        path = folder / f"{name}.pem"
        path.touch(mode=0o600)
        path.write_bytes(authority.issue(NAME, key).pem)
    group = ("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048")
    subprocess.run(["openssl", *group, "-out", str(folder / "dh.pem")], check=True, capture_output=True)


def addresses(count: int) -> list[str]:
    """So many loopback addresses where the typical host answers; each is a host of its own to a scanner."""
    return [f"127.{1 + i // 62500}.{i // 250 % 250}.{1 + i % 250}" for i in range(count)]


def served(address: str, version: str) -> list[str]:
    """OpenSSL's names of the suites that `openssl s_client` negotiates, each asked for alone."""
    option = LEGACY_VERSIONS[version]
    listed = subprocess.run(
        ["openssl", "ciphers", "-s", option, EVERY_SUITE], check=True, capture_output=True, text=True
    ).stdout
    return [suite for suite in listed.strip().split(":") if _negotiates(address, option, suite)]


def _negotiates(address: str, option: str, suite: str) -> bool:
    words = ["openssl", "s_client", option, "-cipher", f"{suite}:@SECLEVEL=0", "-connect", f"{address}:{PORT}"]
    shown = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return f"Cipher is {suite}" in shown.stdout
