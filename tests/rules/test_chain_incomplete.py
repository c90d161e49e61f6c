import pytest

from scanner.model import Verdict
from scanner.observations.certificate import Trust
from scanner.rules.chain_incomplete import judge
from tests.rules.make import TIMED_OUT, certificate, chain, service

TRUSTED = Trust(trusted=True)
INCOMPLETE = Trust(trusted=False, incomplete=True, why="issuer not found")
SELF_SIGNED = Trust(trusted=False, why="self-signed\x1b")
UNREAD = Trust(trusted=None, why="no such file")


@pytest.mark.parametrize(
    ("trust", "verdict"),
    [
        (TRUSTED, Verdict.PASS),
        (SELF_SIGNED, Verdict.NOT_APPLICABLE),
        (INCOMPLETE, Verdict.FAIL),
        (UNREAD, Verdict.UNKNOWN),
        (None, Verdict.UNKNOWN),
    ],
)
def test_one_store(trust: Trust | None, verdict: Verdict) -> None:
    seen = certificate(chain(trust={} if trust is None else {"system": trust}))
    found = judge(service(), seen)
    assert found.verdict is verdict
    assert "system" in found.message
    assert "\x1b" not in found.message


def test_no_store_declared() -> None:
    assert judge(service(trust=()), certificate()).verdict is Verdict.NOT_APPLICABLE


def test_only_declared_stores_count() -> None:
    seen = certificate(chain(trust={"system": TRUSTED, "mozilla": SELF_SIGNED, "ca.pem": INCOMPLETE}))
    assert judge(service(trust=("system",)), seen).verdict is Verdict.PASS
    assert judge(service(trust=("mozilla",)), seen).verdict is Verdict.NOT_APPLICABLE
    assert judge(service(trust=("ca.pem",)), seen).verdict is Verdict.FAIL
    assert judge(service(trust=("system", "mozilla", "ca.pem")), seen).verdict is Verdict.FAIL
    assert judge(service(trust=("system", "other.pem")), seen).verdict is Verdict.UNKNOWN


def test_each_chain_is_judged() -> None:
    for trust in (SELF_SIGNED, INCOMPLETE):
        rsa = chain(key_type="rsa", trust={"system": trust})
        verdict = judge(service(), certificate(rsa)).verdict
        both = judge(service(), certificate(chain(), rsa))
        assert both.verdict is (Verdict.FAIL if verdict is Verdict.FAIL else Verdict.PASS)
        assert both.cites == (("rsa",) if verdict is Verdict.FAIL else ("ecdsa",))


def test_chain_that_could_not_be_asked_is_unknown() -> None:
    assert judge(service(), certificate(failures={"rsa": TIMED_OUT})).verdict is Verdict.UNKNOWN
