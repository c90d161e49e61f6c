from typing import Any

import pytest
from msgspec.structs import replace

from scanner.model import Judgement, Verdict
from scanner.observations.tls_versions import TlsVersions
from scanner.peers import Peers, Seen
from scanner.rules.tls_mixed import judge
from tests.rules.make import endpoint, said, service, versions

ON = {"tls_versions": versions("TLSv1.2"), "cleartext": said("tls")}
OFF = {"cleartext": said("http")}
REFUSED = {
    "tls_versions": TlsVersions(versions=dict.fromkeys(versions().versions, "refused")),
    "cleartext": said("http"),
}
DARK: dict[str, Any] = {}
UNCLEAR = {"cleartext": said("unknown")}


def judged(mine: dict[str, Any], *theirs: dict[str, Any]) -> Judgement:
    peers = Peers((), {"T": tuple(Seen(endpoint("https://t.example:443"), one) for one in theirs)})
    declared = replace(service(), all_or_none_tls=("T",))
    return judge(endpoint(), declared, peers, mine.get("tls_versions"), mine.get("cleartext"))


@pytest.mark.parametrize(
    ("mine", "theirs", "verdict"),
    [
        (ON, (ON,), Verdict.PASS),
        (OFF, (OFF,), Verdict.PASS),
        (OFF, (REFUSED,), Verdict.PASS),
        (ON, (OFF,), Verdict.FAIL),
        (OFF, (ON,), Verdict.FAIL),
        (ON, (ON, OFF), Verdict.FAIL),
        (ON, (REFUSED, DARK), Verdict.FAIL),
        (ON, (DARK,), Verdict.UNKNOWN),
        (ON, (UNCLEAR,), Verdict.UNKNOWN),
        (DARK, (ON,), Verdict.UNKNOWN),
        (ON, (), Verdict.UNKNOWN),  # not looked at at all
    ],
)
def test_all_or_none(mine: dict[str, Any], theirs: tuple[dict[str, Any], ...], verdict: Verdict) -> None:
    assert judged(mine, *theirs).verdict is verdict


@pytest.mark.parametrize(
    ("offered", "verdict"), [(True, Verdict.UNKNOWN), (None, Verdict.UNKNOWN), (False, Verdict.FAIL)]
)
def test_an_upgrade_that_could_not_be_asked_is_no_lack_of_tls(offered: bool | None, verdict: Verdict) -> None:
    imap = endpoint("imap://h.example:143")
    heard = said("imap", tls_offered=offered)
    peers = Peers((), {"T": (Seen(endpoint("https://t.example:443"), ON),)})
    assert judge(imap, replace(service(), all_or_none_tls=("T",)), peers, None, heard).verdict is verdict
    peers = Peers((), {"T": (Seen(imap, {"cleartext": heard}),)})
    declared = replace(service(), all_or_none_tls=("T",))
    assert judge(endpoint(), declared, peers, ON["tls_versions"], ON["cleartext"]).verdict is verdict


def test_says_which() -> None:
    message = judged(ON, OFF).message
    assert message == "TLS on https://www.example.com:443 of S-1, none on https://t.example:443 of T"


def test_not_declared_is_not_judged() -> None:
    assert judge(endpoint(), service(), Peers(), None, None).verdict is Verdict.NOT_APPLICABLE
