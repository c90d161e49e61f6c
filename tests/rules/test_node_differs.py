from typing import Any

import pytest
from msgspec.structs import replace

from scanner.model import Endpoint, Judgement, Verdict
from scanner.observations.cipher_suites import CipherSuites
from scanner.peers import Peers, Seen
from scanner.rules.node_differs import judge
from tests.rules.make import TIMED_OUT, certificate, chain, endpoint, facts, service, suites, versions

SOUND = {"tls_versions": versions("TLSv1.2", "TLSv1.3"), "certificate": certificate(), "cipher_suites": suites()}
OLD = SOUND | {"tls_versions": versions("TLSv1.0", "TLSv1.2", "TLSv1.3")}
FORGOTTEN = SOUND | {"certificate": certificate(chain(facts(sha256="f" * 64)))}
WEAK = SOUND | {"cipher_suites": suites("TLS_RSA_WITH_NULL_SHA256")}


def nodes(*found: dict[str, Any]) -> tuple[Seen, ...]:
    return tuple(Seen(endpoint(address=f"192.0.2.{n}"), one) for n, one in enumerate(found, 1))


def judged(number: int, *found: dict[str, Any], alike: bool = True, **more: Any) -> Judgement:
    """The node of this number among nodes with these observations."""
    peers = Peers(nodes(*found))
    where: Endpoint = peers.nodes[number - 1].endpoint
    declared = replace(service(), nodes_alike=alike, **more)
    return judge(where, declared, peers, None, None)


def test_alike() -> None:
    for number in (1, 2, 3):
        found = judged(number, SOUND, SOUND, SOUND)
        assert (found.verdict, found.message) == (Verdict.PASS, "as 2 of the other 2 of its URL")


@pytest.mark.parametrize(("odd", "what"), [(OLD, "versions"), (FORGOTTEN, "certificate"), (WEAK, "cipher suites")])
def test_the_one_that_differs_is_named_and_the_others_pass(odd: dict[str, Any], what: str) -> None:
    everything = (SOUND, odd, SOUND)
    assert [judged(n, *everything).verdict for n in (1, 2, 3)] == [Verdict.PASS, Verdict.FAIL, Verdict.PASS]
    assert judged(2, *everything).message == f"192.0.2.2 differs from the {what} of 192.0.2.1, 192.0.2.3"


def test_of_two_each_differs_from_the_other() -> None:
    assert judged(1, SOUND, OLD).message == "192.0.2.1 differs from the versions of 192.0.2.2"
    assert judged(2, SOUND, OLD).message == "192.0.2.2 differs from the versions of 192.0.2.1"


def test_several_things_that_differ_are_all_said() -> None:
    message = judged(2, SOUND, OLD | {"certificate": FORGOTTEN["certificate"]}, SOUND).message
    assert (
        message
        == "192.0.2.2 differs from the versions of 192.0.2.1, 192.0.2.3; from the certificate of 192.0.2.1, 192.0.2.3"
    )


def test_advised_where_it_is_not_declared() -> None:
    assert judged(2, SOUND, OLD, SOUND, alike=False).verdict is Verdict.WARN


def test_what_is_not_known_is_no_difference_and_no_pass() -> None:
    unclear = {
        "versions": SOUND | {"tls_versions": versions("TLSv1.2", unknown=("TLSv1.3",))},
        "certificate": {k: v for k, v in SOUND.items() if k != "certificate"},
        "cipher suites": SOUND | {"cipher_suites": CipherSuites(suites={}, reasons={"TLSv1.2": "reset"})},
    }
    for what, found in unclear.items():
        judgement = judged(2, SOUND, found, SOUND)
        assert judgement.verdict is Verdict.UNKNOWN
        assert judgement.message == f"could not be compared with the other nodes: {what}"
        assert judged(1, SOUND, found, SOUND).verdict is Verdict.PASS  # with the third
        assert judged(1, SOUND, found).verdict is Verdict.UNKNOWN
        assert judged(2, SOUND, found | {"tls_versions": OLD["tls_versions"]}, SOUND).verdict is Verdict.FAIL
    assert judged(1, {}, {}).verdict is Verdict.UNKNOWN


def test_not_judged() -> None:
    assert judged(1, SOUND).verdict is Verdict.NOT_APPLICABLE
    assert judged(1, SOUND, OLD, direction="outbound").verdict is Verdict.NOT_APPLICABLE


def test_a_kind_of_key_that_could_not_be_asked_for_is_no_difference() -> None:
    partly = SOUND | {"certificate": certificate(failures={"rsa": TIMED_OUT})}
    assert judged(2, SOUND, partly, SOUND).verdict is Verdict.UNKNOWN
    assert judged(1, SOUND, partly, SOUND).message == "as 1 of the other 2 of its URL"
