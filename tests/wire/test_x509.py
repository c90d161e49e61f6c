"""Facts of certificates: what `openssl x509` says of the same ones, and certificates made to break a reader."""

import random
import re
import subprocess
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from scanner.observations.certificate import CertificateFacts, PublicKey
from scanner.wire.errors import MalformedError
from scanner.wire.x509 import certificate_facts, load, pem

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())
KEYS = {
    "rsa": (RSA, hashes.SHA256(), PublicKey(type="rsa", bits=2048)),
    "rsa-sha384": (RSA, hashes.SHA384(), PublicKey(type="rsa", bits=2048)),
    "p256": (P256, hashes.SHA256(), PublicKey(type="ecdsa", bits=256, curve="secp256r1")),
    "p384": (
        ec.generate_private_key(ec.SECP384R1()), hashes.SHA384(), PublicKey(type="ecdsa", bits=384, curve="secp384r1")
    ),
    "ed25519": (ed25519.Ed25519PrivateKey.generate(), None, PublicKey(type="ed25519", bits=256)),
    "ed448": (ed448.Ed448PrivateKey.generate(), None, PublicKey(type="ed448", bits=456)),
    "dsa": (dsa.generate_private_key(2048), hashes.SHA256(), PublicKey(type="dsa", bits=2048)),
}  # fmt: skip

openssl_needed = pytest.mark.needs("openssl")


def named(*values: str) -> x509.Name:
    kinds = (x509.NameOID.ORGANIZATION_NAME, x509.NameOID.COMMON_NAME)
    return x509.Name(
        [x509.NameAttribute(kind, value) for kind, value in zip(kinds[-len(values) :], values, strict=True)]
    )


def made(
    key: str = "p256",
    subject: x509.Name | None = None,
    names: tuple[x509.GeneralName, ...] = (x509.DNSName("a.example"),),
    ca: bool | None = None,
    pss: bool = False,
) -> bytes:
    private, digest, _ = KEYS[key]
    subject = named("Example, Inc.", "a.example") if subject is None else subject
    builder = x509.CertificateBuilder(
        named("Example CA"), subject, private.public_key(), 0x4D2A, NOW, NOW + timedelta(days=90)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    kind = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size) if pss else None
    return builder.sign(private, digest, rsa_padding=kind).public_bytes(Encoding.DER)


BASE = made()


def patched(old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new)
    assert old in BASE
    return BASE.replace(old, new)


# the same as openssl's


def openssl(der: bytes, *options: str) -> str:
    ran = subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-noout", *options], input=der, capture_output=True, check=True
    )
    return ran.stdout.decode()


def pin_by_openssl(der: bytes) -> str:
    spki = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "DER"],
        input=openssl(der, "-pubkey").encode(), capture_output=True, check=True,
    ).stdout  # fmt: skip
    return b64encode(sha256(spki).digest()).decode()


@openssl_needed
@pytest.mark.parametrize("key", KEYS)
def test_facts_are_those_of_openssl(key: str) -> None:
    names = (x509.DNSName("a.example"), x509.DNSName("*.b.example"), x509.IPAddress(ip_address("192.0.2.1")))
    der = made(key, names=names)
    facts = certificate_facts(der)
    said = openssl(
        der, "-subject", "-issuer", "-serial", "-startdate", "-enddate", "-fingerprint", "-sha256",
        "-nameopt", "RFC2253", "-dateopt", "iso_8601", "-ext", "subjectAltName",
    )  # fmt: skip
    fields = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    assert facts.malformed == ""
    assert f"subject={facts.subject}" in said
    assert f"issuer={facts.issuer}" in said
    assert facts.serial == fields["serial"] == "4D2A"
    assert facts.not_before == fields["notBefore"].replace(" ", "T")
    assert facts.not_after == fields["notAfter"].replace(" ", "T")
    assert facts.sha256 == fields["sha256 Fingerprint"].replace(":", "").lower()
    assert ", ".join(f"{'IP Address' if n[0].isdigit() else 'DNS'}:{n}" for n in facts.names) in said
    assert facts.spki_sha256 == pin_by_openssl(der)
    text = openssl(der, "-text")
    signature = re.findall(r"Signature Algorithm: (\S+)", text)[-1]
    assert facts.signature.lower().replace("_", "-") == signature.lower().replace("_", "-")
    assert facts.key == KEYS[key][2]
    bits = re.search(r"Public-Key: \((\d+) bit\)", text)
    if bits:
        assert facts.key.bits == int(bits[1])


@openssl_needed
def test_rsassa_pss_names_its_hash() -> None:
    der = made("rsa", pss=True)
    assert "Signature Algorithm: rsassaPss" in openssl(der, "-text")
    assert certificate_facts(der).signature == "rsassaPss with sha256"


@openssl_needed
def test_pin_of_a_pss_key_is_over_the_bytes_as_served(tmp_path: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048", "-nodes"]
    command += ["-subj", "/CN=a", "-outform", "DER", "-out", "a.der", "-keyout", "a.key"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    der = (tmp_path / "a.der").read_bytes()
    facts = certificate_facts(der)
    # taken from `openssl x509 -pubkey`, which keeps id-RSASSA-PSS where cryptography's key would say rsaEncryption
    assert (facts.key.type, facts.key.bits, facts.spki_sha256) == ("rsa-pss", 2048, pin_by_openssl(der))


def test_everything_of_one_certificate() -> None:
    assert certificate_facts(BASE) == CertificateFacts(
        subject=r"CN=a.example,O=Example\, Inc.",
        common_names=("a.example",),
        names=("a.example",),
        issuer="CN=Example CA",
        serial="4D2A",
        not_before="2026-01-02T03:04:05Z",
        not_after="2026-04-02T03:04:05Z",
        key=PublicKey(type="ecdsa", bits=256, curve="secp256r1"),
        signature="ecdsa-with-SHA256",
        sha256=sha256(BASE).hexdigest(),
        spki_sha256=b64encode(
            sha256(P256.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
        ).decode(),
        pem=load(BASE).public_bytes(Encoding.PEM).decode(),
    )


@pytest.mark.parametrize(("ca", "is_ca"), [(None, False), (False, False), (True, True)])
def test_authority_says_so(ca: bool | None, is_ca: bool) -> None:
    assert certificate_facts(made(ca=ca)).is_ca is is_ca


def test_self_issued() -> None:
    assert certificate_facts(made(subject=named("Example CA"))).self_issued
    assert not certificate_facts(BASE).self_issued


def test_no_subject_and_no_names() -> None:
    facts = certificate_facts(made(subject=x509.Name([]), names=()))
    assert (facts.subject, facts.common_names, facts.names, facts.self_issued) == ("", (), (), False)
    assert facts.malformed == ""


def test_names_of_other_kinds_are_left_out() -> None:
    others = (x509.RFC822Name("a@a.example"), x509.UniformResourceIdentifier("https://a.example"))
    facts = certificate_facts(
        made(names=(*others, x509.DNSName("a.example"), x509.IPAddress(ip_address("2001:db8::1"))))
    )
    assert facts.names == ("a.example", "2001:db8::1")


# hostile

SAN = BASE.index(b"\x82\x09a.example")


@pytest.mark.parametrize(
    ("der", "said"),
    [
        (b"", "ShortData"),
        (b"\0", "certificate: "),
        (b"-----BEGIN CERTIFICATE-----", "certificate: "),
        (BASE[:-1], "ShortData"),
        (BASE[: len(BASE) // 2], "ShortData"),
        (BASE + b"\0", "ExtraData"),
        (patched(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07"), "7 is not a valid X509 version"),
        (patched(b"260102030405Z", b"260102030465Z"), "validity"),
        (patched(b"260102030405Z", b"2601020304\x1b[m"), "validity"),
    ],
)
def test_what_is_no_certificate_keeps_its_bytes_and_digest(der: bytes, said: str) -> None:
    facts = certificate_facts(der)
    assert said in facts.malformed
    assert facts.malformed.isprintable()
    assert facts == CertificateFacts(
        subject="", sha256=sha256(der).hexdigest(), pem=pem(der), malformed=facts.malformed
    )
    with pytest.raises(MalformedError):
        load(der)


def test_broken_names_leave_the_rest() -> None:
    facts = certificate_facts(BASE[: SAN + 1] + b"\x40" + BASE[SAN + 2 :])  # a name longer than its list
    assert facts.names == ()
    assert "subjectAltName: " in facts.malformed
    whole = certificate_facts(BASE)
    assert (facts.subject, facts.serial, facts.key, facts.not_after) == (
        whole.subject, whole.serial, whole.key, whole.not_after
    )  # fmt: skip


def test_extension_twice_leaves_the_rest() -> None:
    two = made(ca=False)
    der = two.replace(bytes.fromhex("0603551d13"), bytes.fromhex("0603551d11"))  # basicConstraints as a second SAN
    facts = certificate_facts(der)
    assert "Duplicate 2.5.29.17" in facts.malformed
    assert (facts.names, facts.subject) == ((), certificate_facts(two).subject)


@pytest.mark.parametrize("character", ["\0", "\x1b", "\r", "\n", "\u202e", "\u2028", "\x9b"])
def test_names_cannot_steer_a_terminal(character: str) -> None:
    facts = certificate_facts(made(subject=named(f"a{character}b")))
    assert character not in facts.subject + "".join(facts.common_names)
    assert facts.subject.isprintable()
    assert facts.common_names[0].isprintable()
    assert facts.common_names != ("ab",)  # shown escaped, not left out
    if character.isascii():
        facts = certificate_facts(patched(b"\x82\x09a.example", b"\x82\x09a." + character.encode() + b"xample"))
        assert facts.names[0].isprintable()
        assert facts.names[0].startswith("a.\\")


def test_name_outside_ascii_is_malformed() -> None:
    facts = certificate_facts(patched(b"\x82\x09a.example", b"\x82\x09a.\xffxample"))
    assert facts.names == ()
    assert "subjectAltName: " in facts.malformed


def test_name_of_an_unknown_string_type() -> None:
    facts = certificate_facts(patched(b"\x0c\x09a.example", b"\x07\x09a.example"))
    assert (facts.subject, facts.issuer) == ("", "CN=Example CA")
    assert "subject: " in facts.malformed


@pytest.mark.parametrize(("serial", "said"), [(b"\x85\x2a", "-7AD6"), (b"\x00\x00", ""), (b"\xff\xff", "")])
def test_serial_that_is_not_positive_is_no_warning(serial: bytes, said: str) -> None:
    facts = certificate_facts(patched(b"\x02\x02\x4d\x2a", b"\x02\x02" + serial))  # warnings are errors here
    if said:
        assert facts.serial == said
        assert facts.malformed == ""
    else:
        assert facts.malformed  # not DER


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("06072a8648ce3d0201", "06072a8648ce3d0277", "Unknown key type"),
        ("06082a8648ce3d030107", "06082a8648ce3d030177", "not supported"),
    ],
)
def test_unknown_key_keeps_its_pin(old: str, new: str, said: str) -> None:
    der = patched(bytes.fromhex(old), bytes.fromhex(new))
    facts = certificate_facts(der)
    assert facts.key == PublicKey(type="unknown", bits=0)
    assert said in facts.malformed
    spki = P256.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    spki = spki.replace(bytes.fromhex(old), bytes.fromhex(new))
    assert facts.spki_sha256 == b64encode(sha256(spki).digest()).decode()


def test_point_off_the_curve() -> None:
    point = P256.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    facts = certificate_facts(patched(point, b"\x04" + b"\xff" * 64))
    assert facts.key.type == "unknown"
    assert "subjectPublicKeyInfo: " in facts.malformed


def test_unknown_signature_is_shown_by_its_number() -> None:
    facts = certificate_facts(patched(bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d040377")))
    assert (facts.signature, facts.malformed) == ("1.2.840.10045.4.3.119", "")


def test_long_names_are_cut() -> None:
    facts = certificate_facts(made(subject=x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a" * 64)] * 100)))
    assert len(facts.subject) <= 1024
    assert facts.subject.endswith("…")


@given(st.binary(max_size=400))
def test_any_bytes_give_facts(der: bytes) -> None:
    assert certificate_facts(der).malformed


@pytest.mark.parametrize("seed", range(8))
def test_no_mutation_raises_or_warns(seed: int) -> None:
    source = random.Random(seed)
    tags = bytes([0, 1, 2, 3, 4, 5, 6, 0x0C, 0x13, 0x14, 0x30, 0x31, 0x80, 0xA0, 0xFF])
    whole = {0: made("rsa", ca=True), 1: made("ed25519")}.get(seed, BASE)
    for _ in range(1500):
        der = bytearray(whole)
        for _ in range(source.randint(1, 3)):
            der[source.randrange(len(der))] = source.choice([*tags, source.randrange(256)])
        facts = certificate_facts(bytes(der))
        shown = (facts.subject, facts.issuer, facts.serial, facts.signature, facts.malformed, *facts.names)
        assert all(text.isprintable() for text in shown)
