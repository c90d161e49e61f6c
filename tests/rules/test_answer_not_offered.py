from scanner.model import Verdict
from scanner.observations.conformance import Conformance, Deviation
from scanner.rules.answer_not_offered import judge


def test_every_answer_within_the_offer_passes() -> None:
    assert judge(Conformance(answers=1), None).verdict is Verdict.PASS


def test_without_an_answer_nothing_is_known() -> None:
    assert judge(Conformance(answers=0), None).verdict is Verdict.UNKNOWN


def test_one_deviation_fails() -> None:
    wrong = Deviation(what="selected TLS_RSA_WITH_RC4_128_MD5", asked="TLSv1.2, 3 suites")
    found = judge(Conformance(deviations=(wrong,), answers=40), None)
    assert (found.verdict, found.cites) == (Verdict.FAIL, ("conformance",))
    assert found.message == "selected TLS_RSA_WITH_RC4_128_MD5, which was not offered"


def test_many_deviations_are_counted() -> None:
    wrong = tuple(Deviation(what=f"selected 0x{number:04X}", asked="?") for number in range(200))
    assert "selected 0x0003 and 196 more" in judge(Conformance(deviations=wrong, answers=1), None).message
