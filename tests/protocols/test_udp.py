"""Plain UDP: reachability alone, of which silence says nothing."""

import pytest

from scanner.declared import Inventory
from scanner.judge import Judge
from scanner.model import FailureKind, ReachTls, Scope, Verdict
from scanner.net.limits import Limits
from scanner.policy import load_policy
from scanner.protocols import protocol
from scanner.scan import scan
from tests.hostile import answering
from tests.protocols.test_failures import attempts_of, inventory

SHORT = Limits(connect=0.2, connection=0.5, endpoint=5.0)


def test_has_no_port_of_its_own() -> None:
    assert protocol("udp").port is None
    assert (protocol("udp").reach_tls, protocol("udp").transport) == (ReachTls.NEVER, "udp")


async def test_says_nothing_but_that_it_is_there() -> None:
    with answering(lambda _: (b"hello",)) as (port, counters):
        attempts = (await attempts_of({"udp": f"udp://127.0.0.1:{port}"}))["udp"]
    assert counters.received == [b""]
    assert attempts["reachability"].observation.state == "open"
    assert attempts["reachability"].evidence[0].reproduce == f"nmap -sU -Pn -p {port} 127.0.0.1"
    assert attempts["cleartext"].observation.speaks == "unknown"


@pytest.mark.parametrize("scheme", ["udp", "kerberos"])
async def test_silence_passes_nothing(scheme: str) -> None:
    """No rule takes silence for a closed port: neither that it is unreachable, nor that its boundary holds."""
    with answering(lambda _: ()) as (port, _):
        declared: Inventory = inventory({"S": f"{scheme}://127.0.0.1:{port}"})
        attempts = {one.probe: one async for one in scan(declared, limits=SHORT)}
    failure = attempts["reachability"].failure
    assert failure is not None
    assert failure.kind is FailureKind.TIMED_OUT
    for zone in (None, "internal", "internet"):
        judge = Judge(declared, [load_policy("site")], Scope(as_of="2026-06-01T00:00:00Z", zone=zone))
        endpoint = attempts["reachability"].endpoint
        found = {one.rule: one for one in judge.findings(endpoint, attempts)}
        for rule in ("service-unreachable", "boundary-crossed", "plaintext-port-open", "credentials-before-tls"):
            assert found[rule].verdict is Verdict.UNKNOWN, rule
        assert "open|filtered" in found["boundary-crossed"].message
        assert {one.verdict for one in found.values()} == {Verdict.UNKNOWN, Verdict.NOT_APPLICABLE}
