"""The commands of the evidence are run, and show what the answers say: `openssl s_client` is the second witness."""

import re
import shutil
import socket
import subprocess

import pytest

from scanner.model import Asks, Evidence
from scanner.observations.certificate import Certificate
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.downgrade import Downgrade
from scanner.observations.groups import Groups
from scanner.observations.signature_schemes import SignatureSchemes
from scanner.observations.tls_versions import TlsVersions
from scanner.probes import _commands
from scanner.wire.openssl_names import openssl_suite
from scanner.wire.sslv2 import Sslv2Flight, Sslv2Hello
from scanner.wire.tls_flight import Flight
from scanner.wire.tls_hello import CLASSICAL_GROUPS, SIGNATURE_SCHEMES, TLS13_GROUPS, TLS13_SCHEMES, Hello
from scanner.wire.tls_names import Version, cipher_suites, scheme_name
from scanner.wire.tls_questions import offering, version_hellos
from scanner.wire.tls_suites import every_suite, tls13_suites
from tests.hostile import HANDSHAKE_FAILURE, Peer, serving
from tests.missing import not_run
from tests.probes.asked import ask
from tests.probes.tls_servers import ECDSA, RSA, context, interview, run_in_shell, tls_server
from tests.servers.certificates import Pki

CODES = {name: code for code, name in cipher_suites().items()}
CIPHERS = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-SHA:AES128-SHA:NULL-SHA256:AECDH-AES128-SHA:@SECLEVEL=0"
NOTHING = "New, (NONE), Cipher is (NONE)"
GROUPS = {"secp256r1": "prime256v1", "x25519": "X25519", "x448": "X448"}
"""As s_client prints them; others as they are."""
SIGNATURES = {"rsa_pss": "RSA-PSS", "rsa_pkcs1": "RSA", "ecdsa": "ECDSA"}


def shown(line: Evidence) -> str:
    return run_in_shell(line.reproduce)


def temporary_key(group: str) -> str:
    if group.startswith("ffdhe"):
        return f"Server Temp Key: DH, {group.removeprefix('ffdhe')} bits"
    name = GROUPS.get(group, group)
    return f"Server Temp Key: {name}," if name.startswith("X") else f"Server Temp Key: ECDH, {name},"


async def test_suites_groups_and_schemes(pki: Pki) -> None:
    server = context(pki, RSA, ECDSA, oldest="TLSv1", ciphers=CIPHERS)
    with tls_server(server) as (port, _):
        asked = await ask(port, CipherSuites, Groups, SignatureSchemes, Certificate, Downgrade)
        suites = {line.about: shown(line) for line in asked.evidence(CipherSuites)}
        groups = {line.about: shown(line) for line in asked.evidence(Groups)}
        schemes = {line.about: shown(line) for line in asked.evidence(SignatureSchemes)}
        versions = {line.about: shown(line) for line in asked.evidence(TlsVersions) if "s_client" in line.reproduce}
        fallback = [shown(line) for line in asked.evidence(Downgrade) if line.about == "fallback SCSV"]
    accepted = [(version, name) for version, found in asked[CipherSuites].suites.items() for name in found]
    assert set(suites) == {f"{version} {name}" for version, name in accepted} | {
        f"{version} suites" for version in asked[CipherSuites].suites
    }
    for version, name in accepted:
        assert f", Cipher is {openssl_suite(CODES[name])}\n" in suites[f"{version} {name}"]
    for version, found in asked[Groups].groups.items():
        for group in found:
            assert temporary_key(group) in groups[f"{version} {group}"], group
    for version, found in asked[SignatureSchemes].schemes.items():
        for scheme in found:
            kind, digest = scheme.rpartition("_")[0], scheme.rpartition("_")[2].upper()
            printed = schemes[f"{version} {scheme}"]
            assert f"Peer signing digest: {digest}\n" in printed
            assert (
                f"Peer signature type: {next(SIGNATURES[one] for one in SIGNATURES if kind.startswith(one))}\n"
                in printed
            )
    for about, printed in (suites | groups | schemes).items():
        # of the groups of TLS 1.3 that are refused, OpenSSL 3.0 has not one
        if about.endswith((" suites", " groups", " schemes")) and about != "TLSv1.3 groups":
            assert NOTHING in printed, about
            assert "alert handshake failure" in printed, about
    for version, printed in versions.items():
        assert (NOTHING not in printed) is (asked[TlsVersions].versions[version] == "accepted")
    assert "alert inappropriate fallback" in fallback[0]


async def test_what_policies_forbid(pki: Pki) -> None:
    forbidden = ("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_NULL_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA")
    with tls_server(context(pki, newest="TLSv1_2", ciphers=CIPHERS)) as (port, _):
        asks = Asks(suites=forbidden, groups=("secp384r1", "sect163k1"))
        asked = await ask(port, CipherSuites, Groups, depth="quick", asks=asks)
        suites = {line.about: shown(line) for line in asked.evidence(CipherSuites)}
        groups = {line.about: shown(line) for line in asked.evidence(Groups)}
    assert "Cipher is AES128-SHA\n" in suites["TLSv1.2 TLS_RSA_WITH_AES_128_CBC_SHA"]
    assert NOTHING in suites["TLSv1.2 suites"]
    assert temporary_key("secp384r1") in groups["TLSv1.2 secp384r1"]
    assert NOTHING in groups["TLSv1.2 groups"]


# what s_client has


def openssl_takes(*options: str) -> bool:
    """Whether the options are known: nobody listens there, and s_client gets as far as that."""
    words = ["openssl", "s_client", "-connect", "127.0.0.1:1", *options]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return "onnection refused" in done.stderr


def test_suites_of_openssl_3() -> None:
    command = ["openssl", "ciphers", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().split(":")
    known = {code for code in every_suite(Version.TLSv1_2) if openssl_suite(code) in listed}
    usable = {code for code in known if not re.search("PSK|SRP", openssl_suite(code))}
    assert {code for code in every_suite(Version.TLSv1_2) if _commands.has_suite(code)} == usable
    assert [code for code in tls13_suites() if _commands.has_suite(code)] == [0x1301, 0x1302, 0x1303, 0x1304, 0x1305]


@pytest.mark.parametrize("codes", [CLASSICAL_GROUPS, TLS13_GROUPS, (0x11EC, 23), (29,)])
def test_groups_of_openssl_3(codes: tuple[int, ...]) -> None:
    assert openssl_takes(*_commands.group_options(codes))


@pytest.mark.parametrize("codes", [SIGNATURE_SCHEMES, TLS13_SCHEMES, (0x0904, 0x0804)])
def test_schemes_of_openssl_3(codes: tuple[int, ...]) -> None:
    assert openssl_takes(*_commands.scheme_options(codes))


def test_what_newer_ones_have_is_named_where_there_is_nothing_else() -> None:
    assert _commands.group_options((0x11EC,)) == ["-groups", "X25519MLKEM768"]
    assert _commands.scheme_options((0x0905,)) == ["-sigalgs", scheme_name(0x0905)]
    assert _commands.group_options((0x6399,)) == []  # a draft: then the bytes are sent


# the bytes of a question


def sent_by(command: str) -> bytes:
    """What a command sends: the bytes that its xxd would make."""
    found = re.search(r"echo ([0-9a-f]+) \| xxd -r -p", command)
    assert found, command
    return bytes.fromhex(found[1])


def answer(port: int, message: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(message)
        return line.recv(65536)


@pytest.mark.parametrize(
    "question",
    [
        Sslv2Hello(),
        version_hellos(Version.SSLv3)[0],
        offering(Version.TLSv1_2, (0x0005, 0x000A)),
        offering(Version.TLSv1_2),
        offering(Version.TLSv1_3),
    ],
)
async def test_the_bytes_of_a_question_are_answered_alike(pki: Pki, question: Hello | Sslv2Hello) -> None:
    with tls_server(context(pki)) as (port, _):
        asking = interview(port)
        command = asking.sending(question)
        received = answer(port, sent_by(command))
        flight: Flight | Sslv2Flight
        if isinstance(question, Sslv2Hello):
            expected, flight = str(await asking.ask_sslv2(question)), Sslv2Flight()
        else:
            expected, flight = str(await asking.ask(question)), Flight()
        flight.feed(received)
        assert str(flight) == expected
        declined = getattr(flight, "alert", None) is not None  # else nc waits for more
        if declined and shutil.which("nc") and shutil.which("xxd"):
            printed = run_in_shell(command)
            assert received[:3].hex() in printed.replace(" ", "")
        await asking.close()


async def test_weak_suites_are_asked_for_with_bytes(pki: Pki) -> None:
    asking = interview(443)
    for name in ("TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_PSK_WITH_AES_128_CBC_SHA"):
        command = _commands.of_suite(asking, Version.TLSv1_2, CODES[name])
        assert CODES[name].to_bytes(2) in sent_by(command)
    assert "s_client" in _commands.of_suite(asking, Version.TLSv1_2, CODES["TLS_RSA_WITH_AES_128_CBC_SHA"])
    rc4 = offering(Version.TLSv1_2, (0x0005,))
    assert sent_by(_commands.of_suites(asking, rc4, (0x0005,)))
    assert "AES128-SHA:@SECLEVEL=0" in _commands.of_suites(asking, rc4, (0x0005, 0x002F))
    everything = offering(Version.TLSv1_3)
    assert sent_by(_commands.without_suites(asking, everything, tls13_suites()[:5]))


@pytest.mark.parametrize(
    ("scheme", "words"),
    [
        ("imap", "printf 't1 STARTTLS\\r\\n'"),
        ("smtp", "printf 'STARTTLS\\r\\n'"),
        ("ftp", "printf 'AUTH TLS\\r\\n'"),
        ("nntp", "printf 'STARTTLS\\r\\n'"),
        ("irc", "printf 'STARTTLS\\r\\n'"),
        ("lmtp", "printf 'LHLO "),
        ("pop3", "printf 'STLS\\r\\n'"),
        ("sieve", "printf 'STARTTLS\\r\\n'"),
        ("ldap", "1.3.6.1.4.1.1466.20037"),
    ],
)
async def test_starttls_comes_first(scheme: str, words: str) -> None:
    command = interview(1000, scheme=scheme).sending(Sslv2Hello())
    assert words in command.partition("echo")[0]
    assert command.endswith("| nc -w 3 127.0.0.1 1000 | xxd")


async def test_old_versions_behind_starttls() -> None:
    if not (shutil.which("nc") and shutil.which("xxd")):
        not_run("nc or xxd is missing (apt-get install netcat-openbsd xxd)")

    def talk(peer: Peer) -> None:
        peer.send(b"* OK hello\r\n")
        peer.line()
        peer.send(b"t1 OK begin\r\n")
        peer.receive()
        peer.send(HANDSHAKE_FAILURE)

    with serving(talk) as (port, counters):
        command = interview(port, scheme="imap").sending(Sslv2Hello())
        assert "0228" in run_in_shell(command).replace(" ", "")
    assert counters.everything == b"t1 STARTTLS\r\n" + sent_by(command)
