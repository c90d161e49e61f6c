import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.ssh import mpint, string
from scanner.wire.ssh_keys import KINDS, decode_host_key, kind_of, proves
from tests.missing import not_run
from tests.ssh_server import private_key, public_blob, signature

ALGORITHMS = [name for names in KINDS.values() for name in names]
BITS = {
    "ed25519": 256, "ed448": 456, "ecdsa-nistp256": 256, "ecdsa-nistp384": 384, "ecdsa-nistp521": 521, "rsa": 1024,
    "dsa": 1024,
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_and_sizes(kind: str) -> None:
    key = decode_host_key(public_blob(kind))
    assert (key.kind, key.bits) == (kind, BITS[kind])
    assert key.line.startswith(KINDS[kind][-1] + " AAAA")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "ed448"])
def test_as_others_write_and_print_it(kind: str, tmp_path: Path) -> None:
    """cryptography writes the same line; ssh-keygen prints the same size and fingerprint."""
    key = decode_host_key(public_blob(kind))
    public = private_key(kind).public_key()
    if kind != "dsa":  # which cryptography warns of
        assert key.line.encode() == public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    if shutil.which("ssh-keygen") is None:
        not_run("ssh-keygen is not installed (openssh-client)")
    path = tmp_path / "key.pub"
    path.write_text(key.line)
    printed = subprocess.run(["ssh-keygen", "-l", "-f", str(path)], capture_output=True, text=True, check=True).stdout
    assert printed.startswith(f"{key.bits} {key.fingerprint} ")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_signatures(algorithm: str) -> None:
    kind = kind_of(algorithm)
    assert kind is not None
    key, made = decode_host_key(public_blob(kind)), signature(algorithm, b"content")
    assert proves(key, algorithm, made, b"content") is True
    assert proves(key, algorithm, made, b"other content") is False
    assert proves(key, algorithm, made[:-1], b"content") is False
    assert proves(key, algorithm, made + b"\0", b"content") is False
    assert proves(key, algorithm, made[:-1] + bytes([made[-1] ^ 1]), b"content") is False
    assert proves(key, "ssh-other", made, b"content") is False
    for other in KINDS:
        if other != kind:
            assert proves(decode_host_key(public_blob(other)), algorithm, made, b"content") is False


def test_a_signature_of_another_hash_than_was_agreed_on_proves_nothing() -> None:
    key = decode_host_key(public_blob("rsa"))
    assert proves(key, "rsa-sha2-512", signature("ssh-rsa", b"content"), b"content") is False


def test_a_signature_without_its_leading_zeros() -> None:
    key = decode_host_key(public_blob("rsa"))
    for number in range(20_000):  # one in 256 begins with a zero
        content = number.to_bytes(4)
        made = signature("rsa-sha2-256", content)
        value = made[4 + 12 + 4 :]
        if value[0] == 0:
            short = string(b"rsa-sha2-256") + string(value[1:])
            assert proves(key, "rsa-sha2-256", short, content) is True
            return
    raise AssertionError


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        string(b"ssh-other") + string(b"key"),
        string(b"ssh-\xff"),
        string(b"ssh-ed25519") + string(bytes(31)),
        string(b"ssh-ed25519-cert-v01@openssh.com") + string(bytes(32)),
        string(b"ecdsa-sha2-nistp256") + string(b"nistp384") + string(b"\x04" + bytes(96)),
        string(b"ecdsa-sha2-nistp256") + string(b"nistp256") + string(b"\x04" + bytes(64)),
        string(b"ssh-rsa") + string(b"\x03") + string(b""),
        string(b"ssh-rsa") + string(b"\x03") + string(b"\x80" + bytes(127)),
        string(b"ssh-rsa") + string(b"\x03") + string(mpint(1 << 16_384)),
        string(b"ssh-rsa") + string(b"\x04") + string(mpint(1 << 1023 | 1)),
        b"".join(map(string, (b"ssh-dss", mpint(1 << 700 | 1), mpint(1 << 159 | 1), b"\x02", b"\x03"))),
        public_blob("ed25519") + b"\0",
    ],
)
def test_what_is_no_host_key(blob: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_host_key(blob)


def test_kind_of() -> None:
    assert kind_of("rsa-sha2-256") == "rsa"
    assert kind_of("ssh-ed25519-cert-v01@openssh.com") is None


@given(st.sampled_from(ALGORITHMS), st.binary(max_size=200))
def test_any_key_and_signature(algorithm: str, data: bytes) -> None:
    kind = kind_of(algorithm)
    assert kind is not None
    with suppress(MalformedError):
        decode_host_key(string(KINDS[kind][-1].encode()) + data)
    assert proves(decode_host_key(public_blob(kind)), algorithm, data, b"content") is False
    made = string(algorithm.encode()) + string(data)
    assert proves(decode_host_key(public_blob(kind)), algorithm, made, b"content") is False
