"""What the two rules about trust stores have in common: they judge the same answers and share them out."""

from collections.abc import Callable

from scanner.model import Judgement, Verdict
from scanner.observations.certificate import Trust
from tests.rules.make import TIMED_OUT, certificate, chain, service

TRUSTED = Trust(trusted=True)
INCOMPLETE = Trust(trusted=False, incomplete=True, why="issuer not found")
SELF_SIGNED = Trust(trusted=False, why="self-signed\x1b")
UNREAD = Trust(trusted=None, why="no such file")


def check(judge: Callable[..., Judgement], *, self_signed: Verdict, incomplete: Verdict) -> None:
    """Hold a rule to all that holds for both; the verdicts are its own, of the two kinds of chain without a path."""
    one_store(judge, self_signed=self_signed, incomplete=incomplete)
    only_declared_stores_count(judge, self_signed=self_signed, incomplete=incomplete)
    each_chain_is_judged(judge)
    assert judge(service(trust=()), certificate()).verdict is Verdict.NOT_APPLICABLE
    assert judge(service(), certificate(failures={"rsa": TIMED_OUT})).verdict is Verdict.UNKNOWN


def one_store(judge: Callable[..., Judgement], *, self_signed: Verdict, incomplete: Verdict) -> None:
    for trust, verdict in (
        (TRUSTED, Verdict.PASS),
        (SELF_SIGNED, self_signed),
        (INCOMPLETE, incomplete),
        (UNREAD, Verdict.UNKNOWN),
        (None, Verdict.UNKNOWN),
    ):
        found = judge(service(), certificate(chain(trust={} if trust is None else {"system": trust})))
        assert found.verdict is verdict, trust
        assert "system" in found.message
        assert "\x1b" not in found.message


def only_declared_stores_count(judge: Callable[..., Judgement], *, self_signed: Verdict, incomplete: Verdict) -> None:
    seen = certificate(chain(trust={"system": TRUSTED, "mozilla": SELF_SIGNED, "ca.pem": INCOMPLETE}))
    assert judge(service(trust=("system",)), seen).verdict is Verdict.PASS
    assert judge(service(trust=("mozilla",)), seen).verdict is self_signed
    assert judge(service(trust=("ca.pem",)), seen).verdict is incomplete
    assert judge(service(trust=("system", "mozilla", "ca.pem")), seen).verdict is Verdict.FAIL
    assert judge(service(trust=("system", "other.pem")), seen).verdict is Verdict.UNKNOWN


def each_chain_is_judged(judge: Callable[..., Judgement]) -> None:
    for trust in (SELF_SIGNED, INCOMPLETE):
        rsa = chain(key_type="rsa", trust={"system": trust})
        verdict = judge(service(), certificate(rsa)).verdict
        both = judge(service(), certificate(chain(), rsa))
        assert both.verdict is (Verdict.FAIL if verdict is Verdict.FAIL else Verdict.PASS)
        assert both.cites == (("rsa",) if verdict is Verdict.FAIL else ("ecdsa",))
