"""A group is listened to; `tests/net/test_dial_filtered.py` has one that is heard, in a network of its own."""

from scanner.model import FailureKind, ReachTls
from scanner.net.limits import Limits
from scanner.protocols import protocol
from tests.protocols.test_failures import attempts_of
from tests.servers.harness import free_ports

SHORT = Limits(connect=0.2, connection=0.5, endpoint=5.0)


def test_has_no_port_of_its_own() -> None:
    assert protocol("multicast").port is None
    assert (protocol("multicast").reach_tls, protocol("multicast").transport) == (ReachTls.NEVER, "multicast")


async def test_a_silent_group_is_unknown() -> None:
    (port,) = free_ports("127.0.0.1", 1)
    urls = {"group": f"multicast://224.2.2.3:{port}", "host": f"multicast://127.0.0.1:{port}"}
    found = await attempts_of(urls, SHORT)
    for attempt in found["group"].values():
        assert attempt.failure is not None
        # where no route leads to the group, it cannot be joined
        assert attempt.failure.kind in {FailureKind.TIMED_OUT, FailureKind.UNREACHABLE}
    (evidence,) = found["group"]["reachability"].evidence
    assert "ip-add-membership=224.2.2.3:0.0.0.0" in evidence.reproduce
    failure = found["host"]["reachability"].failure
    assert failure is not None
    assert failure.detail == "127.0.0.1 is no multicast group"
