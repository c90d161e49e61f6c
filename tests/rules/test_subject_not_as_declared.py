import pytest

from scanner.model import Verdict
from scanner.rules.subject_not_as_declared import judge
from tests.rules.make import TIMED_OUT, certificate, leaf, service

SEEN = leaf(
    subject="CN=Mail,OU=Post \\+ Tel\\, Co,O=Example Ltd,C=DE",
    common_names=("Mail", "box.example.com"),
    names=("mail.example.com", "*.example.org", "2001:db8::1"),
)


@pytest.mark.parametrize(
    ("declared", "verdict"),
    [
        ("mail.example.com", Verdict.PASS),
        ("MAIL.example.com.", Verdict.PASS),
        ("box.example.com", Verdict.PASS),
        ("mail", Verdict.PASS),
        ("*.example.org", Verdict.PASS),
        ("2001:db8:0::1", Verdict.PASS),
        ("www.example.org", Verdict.FAIL),
        ("example.com", Verdict.FAIL),
        ("C=DE, O=Example Ltd", Verdict.PASS),
        ("OU=post \\+ tel\\2c co", Verdict.PASS),
        ("C=DE,O=Example Ltd,OU=Post \\+ Tel\\, Co,CN=Mail", Verdict.PASS),
        ("C=DE,O=Example Ltd,OU=Post \\+ Tel\\, Co,CN=Mail,L=Bonn", Verdict.FAIL),
        ("OU=Post", Verdict.FAIL),
        ("o=example  LTD", Verdict.PASS),
        ("organizationName=Example Ltd,commonName=mail", Verdict.PASS),
        ("2.5.4.10=Example Ltd", Verdict.PASS),
        ("O=Example", Verdict.FAIL),
        ("O=Example Ltd,C=AT", Verdict.FAIL),
        ("CN=Example Ltd", Verdict.FAIL),
        ("O=Example, Ltd", Verdict.UNKNOWN),
        ("O=Example\\", Verdict.UNKNOWN),
        ("=x", Verdict.UNKNOWN),
    ],
)
def test_verdict(declared: str, verdict: Verdict) -> None:
    assert judge(service(subject=declared), SEEN).verdict is verdict


def test_a_comma_within_a_value_makes_no_new_part() -> None:
    forged = leaf(subject="CN=x\\, O=Example Ltd")
    assert judge(service(subject="O=Example Ltd"), forged).verdict is Verdict.FAIL


@pytest.mark.parametrize("declared", [None, ""])
def test_nothing_declared(declared: str | None) -> None:
    assert judge(service(subject=declared), leaf()).verdict is Verdict.NOT_APPLICABLE


def test_subject_that_did_not_parse_is_unknown() -> None:
    broken = leaf(subject="", names=(), common_names=(), malformed="subject: bad")
    assert judge(service(subject="O=Example Ltd"), broken).verdict is Verdict.UNKNOWN
    assert judge(service(subject="mail.example.com"), broken).verdict is Verdict.UNKNOWN
    assert judge(service(subject="O=Example Ltd"), leaf(subject="garbage")).verdict is Verdict.UNKNOWN


def test_empty_subject_holds_no_part() -> None:
    assert judge(service(subject="O=Example Ltd"), leaf(subject="")).verdict is Verdict.FAIL


def test_message_shows_what_was_seen_in_quotes() -> None:
    found = judge(service(subject="mail.example.com"), leaf(subject="CN=\x1b[2J", names=("a\u202e",)))
    assert found.verdict is Verdict.FAIL
    assert "\\x1b[2J" in found.message
    assert "\u202e" not in found.message


def test_chain_that_could_not_be_asked_is_unknown() -> None:
    seen = certificate(failures={"rsa": TIMED_OUT})
    assert judge(service(subject="www.example.com"), seen).verdict is Verdict.UNKNOWN
