"""What stands above the details: standings, groups, and reasons to read a verdict with care."""

from msgspec.structs import replace

from scanner.model import FailureKind, Verdict
from scanner.observations.reachability import Reachability
from scanner.render._overview import cautions, overview, standing, together, unanswered
from tests.render.example import report
from tests.render.parts import endpoint, failed, ok


def test_a_waiver_in_force_covers_what_needs_one_and_a_lapsed_one_nothing() -> None:
    waived = next(one for one in report().findings if one.waived)
    assert waived.waiver is not None
    lapsed = replace(waived, waiver=replace(waived.waiver, lapsed=True))
    assert standing(waived) == "waived"
    assert standing(lapsed) == "fail"
    assert standing(replace(waived, verdict=Verdict.PASS)) == "pass"


def test_only_unknowns_of_one_endpoint_with_one_reason_are_put_together() -> None:
    first = next(one for one in report().findings if one.verdict == Verdict.UNKNOWN)
    second, elsewhere = replace(first, rule="other"), replace(first, address="192.0.2.99")
    failing = replace(first, verdict=Verdict.FAIL)
    groups = together([first, failing, second, elsewhere, failing, replace(first, message="another reason")])
    assert [len(group) for group in groups] == [2, 1, 1, 1, 1]
    assert groups[0] == [first, second]


def test_silence_is_no_answer_and_a_refusal_is_one() -> None:
    where = ("S", "https://h.example.com", "192.0.2.1")
    gone = failed(FailureKind.FILTERED, "")
    assert unanswered(endpoint(*where, "filtered", reachability=gone, tls_versions=gone))
    assert unanswered(endpoint(*where, "filtered", reachability=ok(Reachability(state="filtered")), tls_versions=gone))
    assert unanswered(endpoint(*where, "unknown"))
    assert not unanswered(endpoint(*where, "closed", reachability=ok(Reachability(state="closed")), tls_versions=gone))


def test_silent_endpoints_are_a_caution() -> None:
    silent = replace(report(), summary=replace(report().summary, endpoints_not_assessed=2))
    assert any(one.startswith("2 endpoints could not be assessed") for one in cautions(silent, overview(silent)))


def test_a_complete_active_run_has_no_caution() -> None:
    answered = [one for one in report().endpoints if one.service == "WEB-01"]
    services = tuple(one for one in report().services if one.id == "WEB-01")
    findings = [one for one in report().findings if one.service == "WEB-01"]
    whole = replace(report(), endpoints=answered, findings=findings, services=services)
    whole = replace(whole, run=replace(whole.run, complete=True, passive=False))
    whole = replace(whole, summary=replace(whole.summary, endpoints_not_assessed=0))
    assert cautions(whole, overview(whole)) == []


def test_what_was_looked_at_undeclared_is_counted_and_what_is_open_of_it_listed() -> None:
    looked = [
        endpoint("S", f"http://{state}.example", "192.0.2.1", state, reachability=ok(Reachability(state=state)))
        for state in ("open", "closed", "filtered")
    ]
    beside = [replace(one, undeclared="twin of https://a.example") for one in looked]
    seen = overview(replace(report(), endpoints=beside, findings=[]))
    assert seen.beside == 3
    assert [one.url for one in seen.listeners] == ["http://open.example"]
    assert not seen.silent  # nobody is missing who was not declared
    assert overview(replace(report(), endpoints=looked, findings=[])).beside == 0


def test_the_matrix_leaves_out_what_applies_to_nothing() -> None:
    everything = list(report().findings)
    moot = [
        replace(one, verdict=Verdict.NOT_APPLICABLE, waiver=None) if one.rule == "key-too-small" else one
        for one in everything
    ]
    seen, without = overview(report()), overview(replace(report(), findings=moot))
    assert list(seen.rules) == list(without.rules)
    assert set(without.applied) == set(seen.applied) - {"key-too-small"}
    assert overview(replace(report(), endpoints=[], findings=[])).applied == []
