"""Other people's clients of Remote Desktop: FreeRDP, and openssl by a relay that does the negotiation before TLS."""

import contextlib
import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator

from tests.servers.harness import Running, require_binary

SECONDS = 20
TLS_WANTED = bytes.fromhex("030000130ee000000000000100080003000000")
"""MS-RDPBCGR §4.1.1, for TLS or CredSSP."""


@contextlib.contextmanager
def beyond_negotiation(server: Running) -> Iterator[int]:
    """A port on which TLS comes first, for one connection, as behind the confirm of `server`."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection((server.address, server.ports["rdp"]), SECONDS) as ahead,
    ):
        listener.settimeout(SECONDS)
        ahead.sendall(TLS_WANTED)
        confirm = ahead.recv(19, socket.MSG_WAITALL)
        if confirm[11:12] != b"\2" or confirm[15] not in (1, 2):
            raise RuntimeError(f"no TLS but {confirm.hex()}")
        relay = threading.Thread(target=_relay, args=(listener, ahead), daemon=True)
        relay.start()
        try:
            yield listener.getsockname()[1]
        finally:
            with contextlib.suppress(OSError):
                ahead.shutdown(socket.SHUT_RDWR)
            relay.join(SECONDS)


def _relay(listener: socket.socket, ahead: socket.socket) -> None:
    client, _ = listener.accept()
    with client:
        back = threading.Thread(target=_pump, args=(ahead, client), daemon=True)
        back.start()
        _pump(client, ahead)
        back.join(SECONDS)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Until the source ends; then the sink learns of it."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def freerdp_connects(server: Running, security: str) -> bool:
    """Whether xfreerdp gets a session by `rdp` or `tls` security, up to where it would show the desktop."""
    with _display() as display, tempfile.TemporaryDirectory() as home:
        place = f"/v:{server.address}:{server.ports['rdp']}"
        done = subprocess.run(
            [require_binary("xfreerdp"), place, f"/sec:{security}", "/cert-ignore", "+auth-only", "/u:nobody", "/p:x"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            env={"DISPLAY": display, "HOME": home, "OPENSSL_CONF": "/dev/null", "PATH": os.defpath},
        )
    said = done.stdout + done.stderr
    if "Authentication only, exit status" not in said:
        raise RuntimeError(said)
    return "Authentication only, exit status 0" in said


@contextlib.contextmanager
def _display() -> Iterator[str]:
    """A screen that nobody sees, for a client that insists on one."""
    command = [require_binary("Xvfb"), "-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "640x480x16"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as screen:
        assert screen.stdout is not None
        try:
            yield f":{screen.stdout.readline().strip()}"
        finally:
            screen.terminate()
