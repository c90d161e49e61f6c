"""What SQL Server answers to a PRELOGIN, and its TLS within TDS packets.

No SQL Server can be had here: the server is a fake, faithful to MS-TDS as far as tested; FreeTDS takes it for one.
"""

import ssl
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from scanner.model import FailureKind
from scanner.observations.tls_versions import TlsVersions
from scanner.probes.cleartext import probe
from scanner.wire.tds import Encryption, prelogin
from tests.hostile import Peer, Talk, hangs_up, serving
from tests.missing import not_run
from tests.probes.tls_servers import context, interview
from tests.protocols.talk import converse, converse_failure, upgrade
from tests.protocols.test_failures import attempts_of
from tests.servers.certificates import Pki
from tests.servers.harness import find_binary, require_binary
from tests.wire.test_tds import response

CLEAR, TLS = prelogin(Encryption.NOT_SUP), prelogin(Encryption.ON)
_SETTINGS = {"forced": (3, 1, 3, 1), "supported": (0, 1, 2, 1), "without": (2, 2, 2, 2)}
"""What a server answers to ENCRYPT_OFF, ON, NOT_SUP and REQ (MS-TDS §2.2.6.5); `forced`: Force Encryption is on."""


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


def packet_of(peer: Peer) -> bytes:
    """What the client's next packet holds; nothing at the end."""
    received = b""
    wanted = 8
    while len(received) < wanted:
        if not (data := peer.receive(wanted - len(received))) or (received + data)[0] != 0x12:
            return b""
        received += data
        wanted = 8 if len(received) < 8 else int.from_bytes(received[2:4])
    return received[8:]


def packets(data: bytes, size: int) -> bytes:
    """A server's answer in packets of so many bytes."""
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"\x12\x01" + (8 + len(one)).to_bytes(2) + b"\0\0\0\0" + one for one in pieces)


def server(setting: str, tls: ssl.SSLContext | None = None, size: int = 4088, said: list[bytes] | None = None) -> Talk:
    """Answers a PRELOGIN, and shakes hands within packets where that leads to TLS; closes where it fails.

    What is said within TLS is added to `said`.
    """

    def talk(peer: Peer) -> None:
        wish = packet_of(peer)
        places = [wish[at + 1 : at + 3] for at in range(0, len(wish), 5) if wish[at] == 1]
        if not places or wish[:1] != b"\0":  # no PRELOGIN
            return
        answer = _SETTINGS[setting][wish[int.from_bytes(places[0])]]
        peer.send(response(answer))
        if tls is None or answer == 2:
            hangs_up(peer)
            return
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = tls.wrap_bio(incoming, outgoing, server_side=True)
        with suppress(ssl.SSLError):
            while data := packet_of(peer):
                incoming.write(data)
                try:
                    session.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    continue
                finally:
                    peer.send(packets(outgoing.read(), size))
            if data := peer.receive():  # no packets around TLS any more
                incoming.write(data)
                (said if said is not None else []).append(session.read())

    return talk


@pytest.mark.parametrize(
    ("setting", "credentials", "how"),
    [
        ("forced", "refused", "ENCRYPT_NOT_SUP was answered with ENCRYPT_REQ"),
        ("supported", "accepted", "the login goes without TLS"),
        ("without", "accepted", "the login goes without TLS"),
    ],
)
@pytest.mark.parametrize("passive", [False, True])
async def test_credentials(setting: str, credentials: str, how: str, passive: bool) -> None:
    with serving(server(setting)) as (port, counters):
        said = await converse("mssql", port, passive=passive)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (said.speaks, said.credentials, said.tls_offered) == ("mssql", credentials, None)
    assert how in said.how
    assert counters.everything == CLEAR


@pytest.mark.parametrize(
    ("setting", "kind"), [("forced", None), ("supported", None), ("without", FailureKind.UPGRADE_REFUSED)]
)
async def test_upgrade(setting: str, kind: FailureKind | None) -> None:
    with serving(server(setting)) as (port, counters):
        refusal = await upgrade("mssql", port)
        assert await counters.reach(lambda seen: seen.ended == 1)
    assert (refusal.kind if refusal else None) is kind
    assert counters.everything == TLS


@pytest.mark.parametrize("value", [0, 9])
async def test_an_answer_to_something_else(value: int) -> None:
    def talk(peer: Peer) -> None:
        packet_of(peer)
        peer.send(response(value))
        hangs_up(peer)

    with serving(talk) as (port, _):
        refusal = await upgrade("mssql", port)
        assert refusal is not None
        assert refusal.kind is FailureKind.MALFORMED
        assert (await converse("mssql", port)).credentials == "unknown"


@pytest.mark.parametrize(("setting", "offered"), [("forced", True), ("without", False)])
async def test_whether_tls_is_offered_is_asked_apart(setting: str, offered: bool, pki: Pki) -> None:
    with serving(server(setting, context(pki, newest="TLSv1_2"))) as (port, _):
        asking = interview(port, scheme="mssql")
        seen = await probe(asking, TlsVersions(versions={}) if offered else None)
        await asking.close()
    assert seen.tls_offered is offered


@pytest.mark.parametrize("size", [4088, 37])
async def test_tls_in_packets(size: int, pki: Pki) -> None:
    """A whole scan, whatever the packets' size."""
    with serving(server("forced", context(pki, newest="TLSv1_2"), size)) as (port, counters):
        attempts = (await attempts_of({"mssql": f"mssql://127.0.0.1:{port}"}))["mssql"]
    assert {name: one.failure for name, one in attempts.items() if one.failure} == {}
    assert attempts["tls_versions"].observation.versions["TLSv1.2"] == "accepted"
    assert "accepted" not in {attempts["tls_versions"].observation.versions[one] for one in ("TLSv1.3", "TLSv1.1")}
    assert attempts["cipher_suites"].observation.suites["TLSv1.2"]
    assert attempts["certificate"].observation.chains[0].certificates
    assert attempts["resumption"].observation
    assert all(one[:8] in (CLEAR[:8], TLS[:8]) for one in counters.received if one)


async def test_garbage_in_packets_is_malformed() -> None:
    def talk(peer: Peer) -> None:
        packet_of(peer)
        peer.send(response(3))
        packet_of(peer)
        peer.send(b"\x15\x03\x01\0\x02\x02\x28")
        peer.drain()

    with serving(talk) as (port, _):
        attempts = (await attempts_of({"mssql": f"mssql://127.0.0.1:{port}"}))["mssql"]
    failure = attempts["tls_versions"].failure
    assert failure is not None
    assert failure.kind is FailureKind.MALFORMED
    assert attempts["cleartext"].observation.credentials == "refused"


async def test_another_protocol_is_malformed() -> None:
    with serving(lambda peer: peer.send(b"SSH-2.0-OpenSSH\r\n")) as (port, _):
        assert (await converse_failure("mssql", port)).kind is FailureKind.MALFORMED


def test_freetds_takes_the_fake_for_a_server(pki: Pki, tmp_path: Path) -> None:
    """And logs in (LOGIN7) once TLS is there."""
    if find_binary("tsql") is None:
        not_run("tsql is not installed (freetds-bin; `make servers` installs it)")
    said: list[bytes] = []
    with serving(server("forced", context(pki, newest="TLSv1_2"), said=said)) as (port, _):
        configuration = tmp_path / "freetds.conf"
        configuration.write_text(f"[fake]\nhost = 127.0.0.1\nport = {port}\ntds version = 7.4\nencryption = require\n")
        command = [require_binary("tsql"), "-S", "fake", "-U", "nobody", "-P", "x"]
        subprocess.run(command, env={"FREETDSCONF": str(configuration)}, timeout=20, check=False, capture_output=True)
    assert said
    assert said[0][0] == 0x10
