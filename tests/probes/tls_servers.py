"""TLS servers of known configuration: the standard library's, blocking, so that a refusal's alert is really sent."""

import socket
import ssl
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from scanner.declared import CertificateExpectation, DeclaredEndpoint, Service
from scanner.interview import Interview
from scanner.net.limits import Gate, Limits
from scanner.protocols import protocol
from scanner.scan import endpoint_of
from scanner.wire.tls_names import Extension
from tests.hostile import Counters, Peer, Talk, serving
from tests.servers.certificates import SERVER_NAME, CertificateSpec, Pki

LIMITS = Limits(connect=5.0, connection=5.0, endpoint=20.0, rate=100_000, per_address_rate=100_000)
RSA, ECDSA = CertificateSpec(), CertificateSpec(key_type="ecdsa")


def context(
    pki: Pki,
    *specs: CertificateSpec,
    oldest: str = "TLSv1_2",
    newest: str = "TLSv1_3",
    ciphers: str = "DEFAULT:@SECLEVEL=0",
) -> ssl.SSLContext:
    """A server's, with these certificates (one RSA unless told)."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are the point
        made.minimum_version, made.maximum_version = ssl.TLSVersion[oldest], ssl.TLSVersion[newest]
    made.set_ciphers(ciphers)
    for spec in specs or (RSA,):
        issued = pki.issue(spec)
        made.load_cert_chain(issued.served, issued.key)
    return made


def serves(server: ssl.SSLContext, cipher: str) -> bool:
    """Whether OpenSSL's client and this server agree on a suite of TLS 1.2, over memory."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers(f"{cipher}:@SECLEVEL=0")
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError:
                return False
    return ends[0].cipher() is not None


def served_suites(server: ssl.SSLContext) -> list[str]:
    """What this server can serve of its suites of TLS 1.2, by OpenSSL's names and in its order."""
    listed = [one["name"] for one in server.get_ciphers() if one["protocol"] != "TLSv1.3"]
    return [name for name in listed if serves(server, name)]


def speaks_tls(server: ssl.SSLContext) -> Talk:
    """Shakes hands and listens; whoever is declined gets the alert, and then the end in good order."""

    def talk(peer: Peer) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = server.wrap_bio(incoming, outgoing, server_side=True)
        with suppress(ssl.SSLError):
            while True:
                try:
                    tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    pass
                finally:
                    peer.send(outgoing.read())
                if not (data := peer.receive()):
                    return
                incoming.write(data)
        peer.socket.shutdown(socket.SHUT_WR)
        peer.drain()

    return talk


def peeked(peer: Peer) -> tuple[set[int], dict[int, bytes]]:
    """Suites and extensions of the ClientHello that waits to be read (RFC 8446 §4.1.2); none of one of SSL 2.0."""
    hello = peer.socket.recv(16384, socket.MSG_PEEK)
    if hello[:1] != b"\x16":  # that of SSL 2.0 has no record around it
        return set(), {}
    at = 5 + 4 + 2 + 32
    at += 1 + hello[at]
    end = at + 2 + int.from_bytes(hello[at : at + 2])
    suites = {int.from_bytes(hello[one : one + 2]) for one in range(at + 2, end, 2)}
    at = end + 1 + hello[end] + 2
    extensions: dict[int, bytes] = {}
    while at + 4 <= len(hello):
        size = int.from_bytes(hello[at + 2 : at + 4])
        extensions[int.from_bytes(hello[at : at + 2])] = hello[at + 4 : at + 4 + size]
        at += 4 + size
    return suites, extensions


def offers_rsa(peer: Peer) -> bool:
    """Whether the waiting ClientHello takes a certificate with an RSA key."""
    suites, extensions = peeked(peer)
    listed = extensions.get(Extension.SIGNATURE_ALGORITHMS, b"")
    schemes = {listed[at : at + 2] for at in range(2, len(listed), 2)}
    if 0x1301 in suites:
        return b"\x08\x04" in schemes  # rsa_pss_rsae_sha256
    # TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256; rsa_pkcs1_sha256
    return 0xC02F in suites and (not schemes or b"\x04\x01" in schemes)


@contextmanager
def tls_server(server: ssl.SSLContext) -> Iterator[tuple[int, Counters]]:
    """Serve TLS on a port of loopback."""
    with serving(speaks_tls(server)) as listening:
        yield listening


def interview(
    port: int,
    *,
    scheme: str = "tls",
    name: str | None = SERVER_NAME,
    address: str = "127.0.0.1",
    limits: Limits = LIMITS,
    **more: Any,
) -> Interview:
    """An interview with whoever listens on this port of loopback."""
    declared = DeclaredEndpoint(url=f"{scheme}://127.0.0.1:{port}", server_name=name)
    service = Service(id="test", endpoints=(declared,), certificate=CertificateExpectation(trust=()))
    endpoint = endpoint_of(service, declared, address)
    return Interview(endpoint, service, protocol(scheme), gate=Gate(limits), limits=limits, **more)


def s_client(port: int, *options: str) -> str:
    """What OpenSSL's own client says; its output with its errors."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", SERVER_NAME, *options]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20,
        check=False,
    )  # fmt: skip
    return done.stdout


def run_in_shell(command: str) -> str:
    """Run a reproduction command as a reader would; its output with its errors."""
    done = subprocess.run(
        ["sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20, check=False
    )
    return done.stdout
