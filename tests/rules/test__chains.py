"""`scanner.rules._chains`: what the certificate rules share."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import Judgement, Verdict
from scanner.observations.certificate import Certificate, Chain
from scanner.rules._chains import each_certificate, each_chain, each_leaf, instant, listed, quoted
from tests.rules.make import TIMED_OUT, above, certificate, chain, facts, root


def passing(_: object) -> Judgement:
    return Judgement(Verdict.PASS, "fine")


def test_one_chain_is_not_named() -> None:
    assert each_chain(certificate(), passing) == Judgement(Verdict.PASS, "fine", ("ecdsa",))


def test_several_chains_are_named_and_cited() -> None:
    both = certificate(chain(), chain(key_type="rsa"))
    assert each_chain(both, passing) == Judgement(Verdict.PASS, "ecdsa chain: fine; rsa chain: fine", ("ecdsa", "rsa"))


def test_own_cites_are_kept() -> None:
    found = each_chain(certificate(), lambda _: Judgement(Verdict.FAIL, "x", ("other",)))
    assert found.cites == ("other",)


def test_failure_outweighs_a_pass_and_not_a_fail() -> None:
    seen = certificate(failures={"rsa": TIMED_OUT})
    found = each_chain(seen, passing)
    assert found == Judgement(Verdict.UNKNOWN, "the rsa chain could not be asked: no answer in 5 s", ("rsa",))
    assert each_chain(seen, lambda _: Judgement(Verdict.FAIL, "x")).verdict is Verdict.FAIL
    assert each_chain(seen, lambda _: Judgement(Verdict.WARN, "x")).verdict is Verdict.UNKNOWN


def test_nothing_seen_is_unknown() -> None:
    assert each_chain(Certificate(server_name=None, chains=()), passing).verdict is Verdict.UNKNOWN
    empty = Chain(key_type="rsa", negotiated=chain().negotiated, certificates=(), trust={})
    for each in (each_chain, each_leaf, each_certificate):
        assert each(certificate(empty), passing).verdict is Verdict.UNKNOWN


def test_which_certificates_are_judged() -> None:
    seen = certificate(chain(facts(self_issued=True), above(), root()))
    judged: list[str] = []

    def note(one: object) -> Judgement:
        judged.append(one.sha256)
        return Judgement(Verdict.PASS, "")

    each_leaf(seen, note)
    assert judged == ["00"]
    judged.clear()
    each_certificate(seen, note)
    assert judged == ["00", "01"]


@pytest.mark.parametrize("text", ["", "x", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "\x00", "2026-01-01"])
def test_no_instant(text: str) -> None:
    assert instant(text) is None


def test_instant_is_in_whole_seconds() -> None:
    assert instant("2026-01-01T00:00:00.9Z") == datetime(2026, 1, 1, tzinfo=UTC)


@given(st.text())
def test_quoted_is_one_printable_line_of_bounded_length(text: str) -> None:
    assert quoted(text).isprintable()
    assert quoted("x" * 200) == f"'{'x' * 200}'"
    assert quoted("x" * 201) == f"'{'x' * 200}…'"
    assert len(quoted(text * 1000)) <= 10 * 201 + 2


@given(st.lists(st.text()))
def test_listed_never_grows_with_the_list(items: list[str]) -> None:
    assert listed(tuple(items)).isprintable()
    assert listed(()) == "none"
    assert listed(("a",) * 6) == "'a', 'a', 'a', 'a', 'a', 'a'"
    assert listed(("a",) * 7) == "'a', 'a', 'a', 'a', 'a', 'a' and 1 more"
