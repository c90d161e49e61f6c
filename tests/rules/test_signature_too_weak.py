import pytest

from scanner.model import Verdict
from scanner.rules.signature_too_weak import judge
from tests.rules.make import TIMED_OUT, above, certificate, chain, facts, leaf, root


@pytest.mark.parametrize(
    "name",
    [
        "md2WithRSAEncryption",
        "md4WithRSAEncryption",
        "md5WithRSAEncryption",
        "sha1WithRSAEncryption",
        "SHA1withRSA",
        "ecdsa-with-SHA1",
        "ecdsa-with-sha-1",
        "dsaWithSHA1",
        "dsa-with-sha1",
        "rsassaPss-sha1",
        "rsassaPss with sha1",
        "shaWithRSAEncryption",
    ],
)
def test_broken_hash_fails(name: str) -> None:
    found = judge(leaf(signature=name))
    assert found.verdict is Verdict.FAIL
    assert name in found.message


@pytest.mark.parametrize(
    "name",
    [
        "sha224WithRSAEncryption",
        "sha256WithRSAEncryption",
        "sha384WithRSAEncryption",
        "sha512WithRSAEncryption",
        "ecdsa-with-SHA256",
        "ecdsa-with-SHA384",
        "ecdsa-with-SHA512",
        "dsa-with-sha256",
        "RSA-SHA3-256",
        "rsassaPss-sha256",
        "rsassaPss with sha256",
        "RSASSA-PSS with SHA-384",
        "ed25519",
        "Ed448",
    ],
)
def test_sound_hash_passes(name: str) -> None:
    assert judge(leaf(signature=name)).verdict is Verdict.PASS


@pytest.mark.parametrize("name", ["", "unknown", "rsassaPss", "1.2.3.4", "id-GostR3410-2001", "ml-dsa-65", "\x1b"])
def test_what_does_not_tell_its_hash_is_unknown(name: str) -> None:
    found = judge(leaf(signature=name, malformed="signature"))
    assert found.verdict is Verdict.UNKNOWN
    assert "\x1b" not in found.message


def test_intermediate_counts_and_served_root_does_not() -> None:
    weak = "sha1WithRSAEncryption"
    found = judge(certificate(chain(facts(), above(signature=weak))))
    assert found.verdict is Verdict.FAIL
    assert "'CN=Example CA 1" in found.message
    assert judge(certificate(chain(facts(), above(), root(signature=weak)))).verdict is Verdict.PASS


def test_chain_that_could_not_be_asked_is_unknown() -> None:
    assert judge(certificate(failures={"rsa": TIMED_OUT})).verdict is Verdict.UNKNOWN
