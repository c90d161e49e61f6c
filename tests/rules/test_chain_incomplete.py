from scanner.model import Verdict
from scanner.rules.chain_incomplete import judge
from tests.rules.stores import check


def test_its_share_of_what_stores_say() -> None:
    check(judge, self_signed=Verdict.NOT_APPLICABLE, incomplete=Verdict.FAIL)
