"""What a trust store says of a chain: made chains, `openssl verify` of the same ones, and x509-limbo."""

import gzip
import json
import subprocess
from base64 import b64decode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from time import process_time
from typing import Any

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from scanner import trust
from scanner.observations.certificate import Trust
from scanner.trust import MAX_SERVED, StoreError, evaluate, store_files
from tests.missing import not_run

LIMBO = Path(__file__).parents[1].parent / "shared" / "data" / "x509-limbo.jsonl.gz"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
CURRENT = (-100, 100)
EXPIRED = (-100, -10)
TO_COME = (10, 100)
ISSUER_URL = "http://ca.example/issuer.cer"
serials = count(1)


class Party:
    """A name with a key, and its certificate."""

    def __init__(
        self,
        name: str,
        issuer: "Party | None" = None,
        *,
        ca: bool = True,
        days: tuple[int, int] = CURRENT,
        url: bool = False,
        key: ec.EllipticCurvePrivateKey | None = None,
        path_length: int | None = None,
    ) -> None:
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        above = issuer or self
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(above.name)
            .public_key(self.key.public_key())
            .serial_number(next(serials))
            .not_valid_before(NOW + timedelta(days=days[0]))
            .not_valid_after(NOW + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length if ca else None), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.key.public_key()), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
        )
        if url:
            where = x509.UniformResourceIdentifier(ISSUER_URL)
            access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, where)
            builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
        self.certificate = builder.sign(above.key, hashes.SHA256())

    @cached_property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @cached_property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


ROOT = Party("root")
OTHER_ROOT = Party("other root")
OLD_ROOT = Party("old root", days=EXPIRED)
SAME_NAME = Party("root")  # the same name, but another key
MIDDLE = Party("middle", ROOT)
LOW = Party("low", MIDDLE)
NO_AUTHORITY = Party("no authority", ROOT, ca=False)
OLD_MIDDLE = Party("old middle", ROOT, days=EXPIRED)
COMING_MIDDLE = Party("coming middle", ROOT, days=TO_COME)
RENEWED = Party("old middle", ROOT, key=OLD_MIDDLE.key)
CROSS = Party("root", OTHER_ROOT, key=ROOT.key)
SHORT = Party("short", ROOT, path_length=0)
BELOW_SHORT = Party("below short", SHORT)
FROM_OLD_ROOT = Party("middle of old root", OLD_ROOT)

LEAF = Party("leaf", MIDDLE, ca=False)
LEAF_WITH_URL = Party("leaf with url", MIDDLE, ca=False, url=True)
LOW_LEAF = Party("low leaf", LOW, ca=False)
DIRECT = Party("direct", ROOT, ca=False)
ALONE = Party("alone", ca=False)
EXPIRED_LEAF = Party("expired", MIDDLE, ca=False, days=EXPIRED)
COMING_LEAF = Party("coming", MIDDLE, ca=False, days=TO_COME)
OF_NO_AUTHORITY = Party("of no authority", NO_AUTHORITY, ca=False)
OF_OLD = Party("of old", OLD_MIDDLE, ca=False)
OF_COMING = Party("of coming", COMING_MIDDLE, ca=False)
COMING_OF_OLD = Party("coming of old", OLD_MIDDLE, ca=False, days=TO_COME)
COMING_OF_COMING = Party("coming of coming", COMING_MIDDLE, ca=False, days=TO_COME)
EXPIRED_OF_OLD = Party("expired of old", OLD_MIDDLE, ca=False, days=(-100, -50))
TOO_DEEP = Party("too deep", BELOW_SHORT, ca=False)
FORGED = Party("forged", SAME_NAME, ca=False)
OF_OLD_ROOT = Party("of old root", FROM_OLD_ROOT, ca=False)

Case = tuple[list[Party], list[Party], bool, str, bool]
# One logical intermediate, cross-signed: what follows from OTHER_ROOT is of no use to a store that holds ROOT.
ASTRAY = Party("middle", OTHER_ROOT, key=MIDDLE.key)

CASES: dict[str, Case] = {
    # what is served, what the store holds, trusted, a word of why, incomplete
    "complete": ([LEAF, MIDDLE], [ROOT], True, "", False),
    "complete, two intermediates": ([LOW_LEAF, LOW, MIDDLE], [ROOT], True, "", False),
    "from the root itself": ([DIRECT], [ROOT], True, "", False),
    "root served too": ([LEAF, MIDDLE, ROOT], [ROOT], True, "", False),
    "misordered": ([LOW_LEAF, MIDDLE, LOW], [ROOT], True, "", False),
    "misordered, root first": ([LOW_LEAF, ROOT, MIDDLE, LOW], [ROOT], True, "", False),
    "superfluous": ([LEAF, OTHER_ROOT, LOW, MIDDLE, OLD_MIDDLE, ALONE], [ROOT], True, "", False),
    "the same twice": ([LEAF, LEAF, MIDDLE, MIDDLE], [ROOT], True, "", False),
    "among other anchors": ([LEAF, MIDDLE], [OTHER_ROOT, SAME_NAME, ROOT], True, "", False),
    "intermediate missing": ([LEAF], [ROOT], False, "'CN=middle' is neither served nor in the store", False),
    "intermediate missing, where it is": ([LEAF_WITH_URL], [ROOT], False, "'CN=middle' is neither", True),
    "second intermediate missing": ([LOW_LEAF, LOW], [ROOT], False, "'CN=middle' is neither", False),
    "first intermediate missing": ([LOW_LEAF, MIDDLE], [ROOT], False, "'CN=low' is neither", False),
    "nothing missing for a store with the intermediate": ([LEAF], [MIDDLE], True, "", False),
    "intermediate as an anchor": ([LEAF, MIDDLE], [MIDDLE], True, "", False),
    "lower intermediate as an anchor": ([LOW_LEAF, LOW, MIDDLE], [LOW], True, "", False),
    "leaf as an anchor": ([LEAF], [LEAF], True, "", False),
    "self-signed": ([ALONE], [ROOT], False, "self-signed: 'CN=alone' is not in the store", False),
    "self-signed, in the store": ([ALONE], [ALONE], True, "", False),
    "wrong root": ([LEAF, MIDDLE], [OTHER_ROOT], False, "'CN=root' is neither", False),
    "wrong root, own root served": ([LEAF, MIDDLE, ROOT], [OTHER_ROOT], False, "self-signed certificate", False),
    "root of the same name": ([DIRECT], [SAME_NAME], False, "'CN=root' is neither", False),
    "signed with another key": ([FORGED], [ROOT], False, "'CN=root' is neither", False),
    "cross-signed": ([LEAF, MIDDLE, CROSS], [OTHER_ROOT], True, "", False),
    "cross-signed, either root": ([LEAF, MIDDLE, CROSS], [ROOT], True, "", False),
    "cross-signed, one leads nowhere": ([LEAF, ASTRAY, MIDDLE], [ROOT], True, "", False),
    "cross-signed, the other leads nowhere": ([LEAF, MIDDLE, ASTRAY], [ROOT], True, "", False),
    "cross-signed, both lead nowhere": ([LEAF, MIDDLE, ASTRAY], [OLD_ROOT], False, "root' is neither", False),
    "leaf as an issuer": ([OF_NO_AUTHORITY, NO_AUTHORITY], [ROOT], False, "'CN=no authority'", False),
    "path too long": ([TOO_DEEP, BELOW_SHORT, SHORT], [ROOT], False, "path length", False),
    "expired leaf": ([EXPIRED_LEAF, MIDDLE], [ROOT], True, "", False),
    "leaf not yet valid": ([COMING_LEAF, MIDDLE], [ROOT], True, "", False),
    "expired intermediate": ([OF_OLD, OLD_MIDDLE], [ROOT], False, "'CN=old middle' is not valid at 2026-06-01", False),
    "intermediate not yet valid": ([OF_COMING, COMING_MIDDLE], [ROOT], False, "not valid at 2026-06-01", False),
    "intermediate expires before the leaf begins": (
        [COMING_OF_OLD, OLD_MIDDLE], [ROOT], False, "not valid at 2026-06-11", False
    ),
    "leaf and intermediate not yet valid": ([COMING_OF_COMING, COMING_MIDDLE], [ROOT], True, "", False),
    "leaf and intermediate expired": ([EXPIRED_OF_OLD, OLD_MIDDLE], [ROOT], True, "", False),
    "renewed intermediate behind the expired one": ([OF_OLD, OLD_MIDDLE, RENEWED], [ROOT], True, "", False),
    "renewed intermediate before the expired one": ([OF_OLD, RENEWED, OLD_MIDDLE], [ROOT], True, "", False),
    "expired and missing": ([OF_OLD, OLD_MIDDLE], [OTHER_ROOT], False, "'CN=root' is neither", False),
    "expired, superfluous": ([LEAF, OLD_MIDDLE, MIDDLE], [ROOT], True, "", False),
}  # fmt: skip

BEYOND_OPENSSL = {"cross-signed, one leads nowhere"}
"""`openssl verify` 3.0 follows one path alone; browsers find the other (RFC 4158 §2.2)."""


@pytest.fixture(autouse=True)
def forget_stores() -> Iterable[None]:
    """Stores are remembered by name for the length of a scan."""
    yield
    trust._store.cache_clear()


def stored(folder: Path, anchors: list[Party]) -> str:
    path = folder / "store.pem"
    path.write_bytes(b"".join(anchor.pem for anchor in anchors))
    return str(path)


def ders(chain: list[Party]) -> list[bytes]:
    return [party.der for party in chain]


@pytest.mark.parametrize("case", CASES)
def test_chain(case: str, tmp_path: Path) -> None:
    served, anchors, trusted, why, incomplete = CASES[case]
    said = evaluate(ders(served), stored(tmp_path, anchors), NOW)
    assert (said.trusted, said.incomplete) == (trusted, incomplete), said.why
    assert why in said.why
    assert bool(said.why) is not trusted


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("case", sorted(CASES.keys() - BEYOND_OPENSSL))
def test_openssl_verify_says_the_same(case: str, tmp_path: Path) -> None:
    served, anchors, *_ = CASES[case]
    leaf = served[0].certificate
    # OpenSSL takes the last second for too late, RFC 5280 §4.1.2.5 does not
    moment = min(max(NOW, leaf.not_valid_before_utc), leaf.not_valid_after_utc - timedelta(seconds=1))
    (tmp_path / "leaf.pem").write_bytes(served[0].pem)
    (tmp_path / "others.pem").write_bytes(b"".join(party.pem for party in served[1:]))
    command = ["openssl", "verify", "-partial_chain", "-attime", str(int(moment.timestamp()))]
    command += ["-CAfile", stored(tmp_path, anchors), "-no-CApath", "-no-CAstore"]
    command += ["-untrusted", "others.pem"] if served[1:] else []
    ran = subprocess.run([*command, "leaf.pem"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode == 0) is evaluate(ders(served), stored(tmp_path, anchors), NOW).trusted, ran.stderr


def test_dates_of_an_anchor_do_not_count(tmp_path: Path) -> None:
    """RFC 5280 §6.1.1 (d): an anchor is a name and a key. Here `openssl verify` would say that the root has expired."""
    said = evaluate(ders([OF_OLD_ROOT, FROM_OLD_ROOT]), stored(tmp_path, [OLD_ROOT]), NOW)
    assert said == Trust(trusted=True)


def test_moment_is_an_argument(tmp_path: Path) -> None:
    store = stored(tmp_path, [ROOT])
    chain = ders([OF_OLD, OLD_MIDDLE])
    assert evaluate(chain, store, NOW).trusted is False
    assert evaluate(chain, store, NOW - timedelta(days=50)).trusted is True  # the same store, an earlier time
    assert evaluate(chain, store, NOW).trusted is False


# stores


def test_folder_with_other_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.pem").write_bytes(ROOT.pem)
    (tmp_path / "b.pem").write_bytes(OTHER_ROOT.pem + LOW.pem)
    (tmp_path / "README").write_text("certificates of ours")
    (tmp_path / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    (tmp_path / "c.der").write_bytes(MIDDLE.der)
    (tmp_path / "empty").touch()
    (tmp_path / "gone").symlink_to("nowhere")
    assert evaluate(ders([LEAF, MIDDLE]), str(tmp_path), NOW).trusted is True
    assert evaluate(ders([LOW_LEAF]), str(tmp_path), NOW).trusted is True


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file or directory"),
        (b"", "holds no certificate"),
        (ROOT.der, "holds no certificate"),
        (b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n", "malformed"),
        (ROOT.pem + b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", "malformed"),
        (ROOT.pem[:200], "malformed"),
    ],
)
def test_store_that_cannot_be_read_says_nothing_of_the_chain(tmp_path: Path, content: bytes | None, why: str) -> None:
    path = tmp_path / "store.pem"
    if content is not None:
        path.write_bytes(content)
    said = evaluate(ders([LEAF, MIDDLE]), str(path), NOW)
    assert (said.trusted, said.incomplete) == (None, False)
    assert why in said.why
    assert str(path) in said.why


def test_store_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    store = stored(tmp_path, [ROOT])
    monkeypatch.setattr(Path, "read_bytes", denied)  # tests may run as root, who may read everything
    said = evaluate(ders([LEAF, MIDDLE]), store, NOW)
    assert said.trusted is None
    assert "Permission denied" in said.why


def test_name_too_long_for_a_file() -> None:
    said = evaluate(ders([LEAF]), "/" + "a" * 5000, NOW)
    assert said.trusted is None


def test_failure_of_a_store_is_not_remembered(tmp_path: Path) -> None:
    assert evaluate(ders([LEAF, MIDDLE]), str(tmp_path / "store.pem"), NOW).trusted is None
    assert evaluate(ders([LEAF, MIDDLE]), stored(tmp_path, [ROOT]), NOW).trusted is True


def test_environment_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, store = tmp_path / "ours.pem", tmp_path / "store"
    ours.write_bytes(ROOT.pem)
    store.mkdir()
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(variable, str(tmp_path if variable.endswith("DIR") else ours))
    assert evaluate(ders([LEAF, MIDDLE]), stored(store, [OTHER_ROOT]), NOW).trusted is False
    assert evaluate(ders([LEAF, MIDDLE]), "mozilla", NOW).trusted is False


def test_named_stores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert store_files("mozilla") == [Path(certifi.where())]
    assert evaluate(ders([LEAF, MIDDLE]), "mozilla", NOW).trusted is False  # read, and without our root
    bundles = ("/nonexistent/bundle.pem", stored(tmp_path, [ROOT]), certifi.where())
    monkeypatch.setattr(trust, "SYSTEM_BUNDLES", bundles)
    assert evaluate(ders([LEAF, MIDDLE]), "system", NOW).trusted is True
    trust._store.cache_clear()
    monkeypatch.setattr(trust, "SYSTEM_BUNDLES", ("/nonexistent/bundle.pem",))
    assert evaluate(ders([LEAF, MIDDLE]), "system", NOW).trusted is None
    with pytest.raises(StoreError, match="system"):
        store_files("system")


# hostile chains


@pytest.mark.parametrize("chain", [[], [b""], [b"x"], [LEAF.der[:-1]], [LEAF.der, b"x", MIDDLE.der]])
def test_malformed_certificate_in_the_chain(chain: list[bytes], tmp_path: Path) -> None:
    said = evaluate(chain, stored(tmp_path, [ROOT]), NOW)
    assert (said.trusted, said.incomplete) == (False, False)
    assert "malformed" in said.why
    assert said.why.isprintable()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\x0c\x06middle", b"\x07\x06middle"),  # a string type that nobody knows
        (b"\x0c\x06middle", b"\x0c\x06mi\x1b[2J"),
        (b"\x0c\x06middle", b"\x0c\x06mi\xff\xff\xff\xff"),
        (bytes.fromhex("0603551d13"), bytes.fromhex("0603551d23")),  # an extension twice
        (bytes.fromhex("06082b06010505070101"), bytes.fromhex("06082b06010505070177")),
        (b"\x86\x1chttp://", b"\x86\x7fhttp://"),  # a place that is longer than its list
        (b"\x86\x1chttp://", b"\xa3\x1chttp://"),  # an X.400 address
    ],
)
def test_broken_leaf_without_its_issuer(old: bytes, new: bytes, tmp_path: Path) -> None:
    assert old in LEAF_WITH_URL.der
    said = evaluate([LEAF_WITH_URL.der.replace(old, new)], stored(tmp_path, [ROOT]), NOW)
    assert said.trusted is False
    assert said.why.isprintable()


def test_serial_that_is_not_positive_is_no_warning(tmp_path: Path) -> None:
    serial = b"\x02\x01" + bytes([LEAF.certificate.serial_number])
    assert serial in LEAF.der
    der = LEAF.der.replace(serial, b"\x02\x01\x85", 1)
    said = evaluate([der, MIDDLE.der], stored(tmp_path, [ROOT]), NOW)  # warnings are errors here
    assert said.trusted is False  # the signature no longer fits


def test_names_in_the_reason_cannot_steer_a_terminal(tmp_path: Path) -> None:
    said = evaluate(ders([Party("a\x1b[2J\u202eb", ca=False)]), stored(tmp_path, [ROOT]), NOW)
    assert said.why.startswith("self-signed: 'CN=a\\x1b")
    assert said.why.isprintable()


def test_long_chain_is_cut(tmp_path: Path) -> None:
    others = [OTHER_ROOT.der] * (MAX_SERVED - 2)
    store = stored(tmp_path, [ROOT])
    assert evaluate([LEAF.der, *others, MIDDLE.der], store, NOW).trusted is True
    assert evaluate([LEAF.der, *others, OTHER_ROOT.der, MIDDLE.der], store, NOW).trusted is False
    assert evaluate([LEAF.der, MIDDLE.der, *others, b"never looked at"], store, NOW).trusted is True


def test_circle_ends(tmp_path: Path) -> None:
    one, other = Party("one"), Party("other")
    chain = [Party("leaf", one, ca=False), Party("one", other, key=one.key), Party("other", one, key=other.key)]
    assert evaluate(ders(chain), stored(tmp_path, [ROOT]), NOW).trusted is False


# x509-limbo

ACCEPTED_THOUGH_LIMBO_REJECTS = {
    # The path leads to the anchor. What limbo objects to is ...
    "the host's name, which a rule of its own judges": (
        "webpki::cn::", "webpki::san::", "rfc5280::san::", "rfc5280::ca-as-leaf-wrong-san"
    ),
    "the leaf's dates, which rules of their own judge": (
        "rfc5280::validity::expired-leaf", "rfc5280::validity::expired-1-", "rfc5280::validity::expired-5-",
        "rfc5280::validity::not-yet-valid-", "rfc5280::validity::notbefore-fractional",
    ),
    "a key, which a rule of its own judges": ("webpki::forbidden-",),
    "revocation, which is not asked for": ("crl::",),
    "a depth below the one allowed here": ("pathlen::max-chain-depth-",),
    "the anchor's certificate, of which only name and key count (RFC 5280 section 6.1.1 d)": (
        "rfc5280::validity::expired-root", "rfc5280::root-", "rfc5280::ski::root-", "webpki::aki::root-",
        "webpki::eku::root-has-eku", "rfc5280::aki::cross-signed-root-missing-aki",
    ),
    "the purpose of the leaf, which is not that of a path": (
        "rfc5280::eku::", "webpki::eku::ee-", "rfc5280::leaf-ku-keycertsign", "webpki::ca-as-leaf", "webpki::v1-cert",
        "webpki::ee-basicconstraints-ca",
    ),
    "the form of an extension or a serial, of which OpenSSL takes any": (
        "rfc5280::aki::leaf-missing-aki", "rfc5280::aki::intermediate-missing-aki", "rfc5280::ski::intermediate-",
        "rfc5280::serial::", "rfc5280::pc::ica-noncritical-pc", "rfc5280::ca-empty-subject", "webpki::malformed-aia",
        "rfc5280::nc::permitted-dns-match-noncritical", "rfc5280::nc::not-allowed-in-ee-",
        "webpki::nc::intermediate-permitted-excluded-subtrees-both-",
    ),
    "a name constraint that OpenSSL reads more generously": (
        "cve::cve-2025-61727", "rfc5280::nc::invalid-dnsname-leading-period", "rfc5280::nc::nc-permits-invalid-dns-san",
        "rfc5280::nc::nc-forbids-dnsname-wildcard-san",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def limbo() -> list[dict[str, Any]]:
    if not LIMBO.is_file():
        not_run("198 cases of x509-limbo, which are not beside this checkout")
    with gzip.open(LIMBO, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def of_limbo(case: dict[str, Any], folder: Path) -> Trust:
    store = folder / f"{hash(case['id'])}.pem"
    store.write_text("".join(case["roots"]))
    now = datetime.fromisoformat(case["time"]) if case["time"] else NOW
    return evaluate([b64decode("".join(pem.strip().splitlines()[1:-1])) for pem in case["chain"]], str(store), now)


def test_limbo(limbo: list[dict[str, Any]], tmp_path: Path) -> None:
    exempt = tuple(f"limbo/{one}" for group in ACCEPTED_THOUGH_LIMBO_REJECTS.values() for one in group)
    used, refused = set(), 0
    for case in limbo:
        said, name = of_limbo(case, tmp_path), case["id"]
        if case["expect"] == "accept":
            assert said.trusted is True, (name, said.why)
        elif said.trusted is True:
            assert name.startswith(exempt), name
            used.update(one for one in exempt if name.startswith(one))
        else:
            refused += 1
    assert used == set(exempt)  # no exemption outlives its reason
    assert refused >= 50


def test_limbo_ends_in_time(limbo: list[dict[str, Any]], tmp_path: Path) -> None:
    """Among them chains of many certificates of one name and key, at which other verifiers spend minutes."""
    began = process_time()
    for case in limbo:
        of_limbo(case, tmp_path)
    assert process_time() - began < 10
