import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire import ssh
from scanner.wire.errors import MalformedError
from scanner.wire.ssh import Identification, KexInit
from tests.ssh_server import OFFER

IDENTIFICATION = b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"
COOKIE = bytes(range(16))


@pytest.mark.parametrize(
    ("said", "version", "ssh1", "ssh2"),
    [
        (IDENTIFICATION, "2.0", False, True),
        (b"SSH-1.99-Cisco-1.25\n", "1.99", True, True),
        (b"SSH-1.5-OSU_1.4alpha3\n", "1.5", True, False),
        (b"SSH-3.0-later\r\n", "3.0", False, False),
    ],
)
def test_versions(said: bytes, version: str, ssh1: bool, ssh2: bool) -> None:
    decoded = ssh.decode_identification(said)
    assert decoded is not None
    one, consumed = decoded
    assert consumed == len(said)
    assert (one.version, one.speaks_ssh1, one.speaks_ssh2) == (version, ssh1, ssh2)
    assert one.line == said.rstrip(b"\r\n")


def test_text_before_it_is_passed_over() -> None:
    text = "Zutritt nur für Befugte\r\n\r\n".encode()
    said = text + IDENTIFICATION
    assert ssh.decode_identification(said + b"more") == (Identification(IDENTIFICATION[:-2]), len(said))
    for cut in range(len(said)):
        assert ssh.decode_identification(said[:cut]) is None


@pytest.mark.parametrize(
    "said",
    [
        b"\xff\xfe",
        b"\x16\x03\x01\0\x05",
        b"SSH-2.0\r\n",
        b"SSH-2.0-" + b"a" * 246 + b"\r\n",
        b"x\n" * 51,
        b"x" * 9000,
        b"SSH-2.0-" + b"a" * 300,
    ],
)
def test_what_is_no_identification(said: bytes) -> None:
    with pytest.raises(MalformedError):
        ssh.decode_identification(said)


def test_limits_are_inclusive() -> None:
    longest = b"SSH-2.0-" + b"a" * 245 + b"\r\n"
    assert ssh.decode_identification(longest) is not None
    assert all(ssh.decode_identification(longest[:cut]) is None for cut in range(len(longest)))
    assert ssh.decode_identification(b"x\n" * 50 + IDENTIFICATION) is not None


@pytest.mark.parametrize("size", range(1, 40))
def test_packets(size: int) -> None:
    payload = bytes(range(1, size + 1))
    packet = ssh.encode_packet(payload)
    assert len(packet) % 8 == 0
    assert len(packet) >= 16
    assert packet[4] >= 4
    assert ssh.decode_packet(packet + b"more") == (payload, len(packet))
    for cut in range(len(packet)):
        assert ssh.decode_packet(packet[:cut]) is None


@pytest.mark.parametrize(
    "head",
    [
        "0000000004",  # 4 bytes alone
        "0000000404",  # 8 bytes: the least is 16
        "0000000d04",  # no multiple of 8
        "000088bc04",  # 35,008 bytes
        "ffffffff04",
        "0000000c03",  # too little padding
        "0000000c0b",  # nothing but padding
        "5353482d32",  # an identification string
    ],
)
def test_what_is_no_packet(head: str) -> None:
    with pytest.raises(MalformedError):
        ssh.decode_packet(bytes.fromhex(head))


def test_the_longest_packet() -> None:
    head = (35_000 - 4).to_bytes(4) + b"\x04"
    decoded = ssh.decode_packet(head + bytes(34_995))
    assert decoded is not None
    assert decoded[1] == 35_000


def test_kexinit_is_read_as_it_is_written() -> None:
    assert ssh.decode_kexinit(ssh.encode_kexinit(OFFER, COOKIE)) == OFFER
    nothing = KexInit(**dict.fromkeys(KexInit.__dataclass_fields__, ()))
    assert ssh.decode_kexinit(ssh.encode_kexinit(nothing, COOKIE)) == nothing


def _with_names(names: bytes) -> bytes:
    return b"\x14" + COOKIE + ssh.string(names) + ssh.string(b"") * 9 + bytes(5)


@pytest.mark.parametrize("names", [b",", b"a,", b",a", b"a,,b", b"\xc3\xa4", b"a\0", b"a\x1b[2J", b"a," * 499 + b"a,a"])
def test_names_that_are_none(names: bytes) -> None:
    with pytest.raises(MalformedError):
        ssh.decode_kexinit(_with_names(names))


def test_most_names() -> None:
    assert len(ssh.decode_kexinit(_with_names(b"a," * 499 + b"a")).key_exchange) == 500


@pytest.mark.parametrize("broken", [b"\x15" + bytes(70), b"", _with_names(b"a")[:-1], _with_names(b"a") + b"\0"])
def test_what_is_no_kexinit(broken: bytes) -> None:
    with pytest.raises(MalformedError):
        ssh.decode_kexinit(broken)


def test_disconnect() -> None:
    said = ssh.encode_disconnect("bye\x1b")
    assert ssh.decode_disconnect(said) == "disconnected with reason 11 'bye\\x1b'"
    with pytest.raises(MalformedError):
        ssh.decode_disconnect(said[:6])


@pytest.mark.parametrize(
    ("number", "written"),
    # the examples of RFC 4251 §5
    [(0, ""), (0x9A378F9B2E332A7, "09a378f9b2e332a7"), (0x80, "0080"), (0x7F, "7f"), (0xFF, "00ff"), (1, "01")],
)
def test_mpint(number: int, written: str) -> None:
    assert ssh.mpint(number).hex() == written
    assert int.from_bytes(ssh.mpint(number), signed=True) == number


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    for decode in (ssh.decode_identification, ssh.decode_packet):
        try:
            decoded = decode(data)
        except MalformedError:
            continue
        assert decoded is None or 0 < decoded[1] <= len(data)


@given(st.binary(max_size=300))
def test_any_kexinit(data: bytes) -> None:
    try:
        offer = ssh.decode_kexinit(b"\x14" + data)
    except MalformedError:
        return
    assert ssh.decode_kexinit(ssh.encode_kexinit(offer, COOKIE)) == offer
