"""What is looked at beside the declared endpoints, and what the scope keeps away from."""

import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from scanner.declared import DeclaredEndpoint, Inventory, Service
from scanner.judge import Judge
from scanner.model import AskFailedError, Attempt, FailureKind, Scope, Verdict
from scanner.net.resolve import Resolver
from scanner.plan import Plan
from scanner.policy import load_policy
from scanner.registry import identifiers
from scanner.scan import to_look_at
from scanner.undeclared import SWEPT, beside, in_scope
from tests.hostile import Peer, Talk, serving
from tests.probes.tls_servers import context, speaks_tls
from tests.servers.certificates import Pki
from tests.test_scan import Names, attempts_of


def service(*endpoints: str | DeclaredEndpoint, **more: Any) -> Service:
    declared = tuple(DeclaredEndpoint(url=one) if isinstance(one, str) else one for one in endpoints)
    return Service(id=more.pop("id", "S"), endpoints=declared, **more)


def looked_at(*services: Service, **more: Any) -> list[str]:
    return [found.endpoint.url for found in beside(Inventory(name="x", services=services, **more))]


@pytest.mark.parametrize(
    ("declared", "twins"),
    [
        ("https://a.example", ["http://a.example"]),
        ("https://a.example:443", ["http://a.example"]),
        ("https://[2001:db8::1]", ["http://[2001:db8::1]"]),
        ("imaps://a.example", ["imap://a.example"]),
        ("smtps://a.example", ["submission://a.example", "smtp://a.example"]),
        ("ldaps://a.example", ["ldap://a.example"]),
        ("ldaps://a.example:3269", ["ldap://a.example:3268"]),
        ("ldaps://a.example:7636", ["ldap://a.example:7389"]),
        ("https://a.example:8010", ["http://a.example:8009"]),
        ("https://a.example:8443", ["http://a.example:8080"]),
        ("https://a.example:4443", []),  # nobody knows its twin
        ("imap://a.example", []),
        ("http://a.example", []),
        ("tls://a.example:443", []),
    ],
)
def test_twins(declared: str, twins: list[str]) -> None:
    assert looked_at(service(declared)) == twins
    assert looked_at(service(declared), twins=False) == []
    assert looked_at(service(declared, direction="outbound")) == []


def test_what_is_declared_is_not_looked_at_twice() -> None:
    assert looked_at(service("https://a.example", "http://a.example:80")) == []
    assert looked_at(service("https://a.example"), service("http://a.example", id="T")) == []
    assert looked_at(service("https://a.example"), service("https://a.example", id="T")) == ["http://a.example"]


def test_a_pinned_node_has_a_twin_of_its_own() -> None:
    nodes = [DeclaredEndpoint(url="https://a.example", address=f"192.0.2.{n}", server_name="b.example") for n in (1, 2)]
    (first, second) = beside(Inventory(name="x", services=(service(*nodes),)))
    assert [first.endpoint.address, second.endpoint.address] == ["192.0.2.1", "192.0.2.2"]
    assert (first.endpoint.server_name, first.why) == ("b.example", "twin of https://a.example")


def test_a_sweep_asks_each_host_once_and_nobody_else_s() -> None:
    own, others = service("tls://a.example:1", "tls://a.example:2"), service("https://b.example", direction="outbound")
    assert looked_at(own, others, sweep=("telnet", "8081")) == ["tcp://a.example:23", "tcp://a.example:8081"]
    every = looked_at(own, sweep=("well-known", "telnet"))
    assert len(every) == len(SWEPT)
    for name, port in SWEPT.items():
        assert any(url in {f"tcp://a.example:{port}", f"{name}://a.example"} for url in every), name
    assert looked_at(service("tcp://a.example:23"), sweep=("telnet",)) == []
    assert {url.partition(":")[0] for url in every} <= set(identifiers("protocols"))


def test_a_scan_for_tls_alone_looks_at_nothing_else() -> None:
    inventory = Inventory(name="x", services=(service("https://a.example"),))
    assert [place.why for place in to_look_at(inventory)] == ["", "twin of https://a.example"]
    assert [place.why for place in to_look_at(inventory, Plan(probes=("tls_versions",)))] == [""]


@pytest.mark.parametrize(
    ("scope", "host", "address", "inside"),
    [
        ((), "a.example", "192.0.2.1", True),
        (("192.0.2.0/24",), "a.example", "192.0.2.255", True),
        (("192.0.2.0/24",), "a.example", "192.0.3.0", False),
        (("192.0.2.7/32", "2001:db8::/32"), "a.example", "2001:db8::7", True),
        (("fe80::/10",), "a.example", "fe80::1%2", True),
        (("a.example",), "A.example.", "198.51.100.1", True),
        (("*.example",), "a.example", "198.51.100.1", True),
        (("*.example",), "example", "198.51.100.1", False),
        (("*.example",), "a.example.test", "198.51.100.1", False),
    ],
)
def test_scope(scope: tuple[str, ...], host: str, address: str, inside: bool) -> None:
    assert in_scope(scope, host, address) is inside


# Ports that are twins and need no privilege, on addresses that nobody else uses.
TLS, PLAIN = 8443, 8080


def answers(*lines: str) -> Talk:
    def talk(peer: Peer) -> None:
        if peer.receive():
            peer.send("\r\n".join(("HTTP/1.1 " + lines[0], *lines[1:], "Content-Length: 0", "", "")).encode())

    return talk


@contextmanager
def web(tls: ssl.SSLContext, plain: Talk | None, host: str) -> Iterator[None]:
    with ExitStack() as started:
        started.enter_context(serving(speaks_tls(tls), host=host, port=TLS))
        if plain is not None:
            started.enter_context(serving(plain, host=host, port=PLAIN))
        yield


def findings(inventory: Inventory, attempts: list[Attempt[Any]]) -> dict[str, Verdict]:
    """URL → verdict on what was looked at beside the declared endpoints."""
    judge = Judge(inventory, [load_policy("site")], Scope(as_of="2026-11-25T00:00:00Z"))
    found: dict[str, Verdict] = {}
    for url in {one.endpoint.url for one in attempts if one.endpoint.undeclared}:
        mine = {one.probe: one for one in attempts if one.endpoint.url == url}
        assert set(mine) == {"reachability", "cleartext"}
        (finding,) = judge.findings(mine["reachability"].endpoint, mine)
        assert (finding.rule, bool(finding.evidence)) == ("undeclared-listener", True)
        found[url] = finding.verdict
    return found


@pytest.mark.parametrize(
    ("plain", "verdict"),
    [
        (answers("200 OK"), Verdict.FAIL),
        (answers("301 Moved", "Location: https://127.81.0.1:8443/"), Verdict.PASS),
        (answers("301 Moved", "Location: https://elsewhere.example/"), Verdict.FAIL),
        (Peer.drain, Verdict.FAIL),  # open, and nobody knows what it is
        (None, Verdict.PASS),
    ],
)
async def test_the_twin_of_a_real_server(pki: Pki, plain: Talk | None, verdict: Verdict) -> None:
    inventory = Inventory(name="x", services=(service(f"https://127.81.0.1:{TLS}"),))
    with web(context(pki), plain, "127.81.0.1"):
        attempts = await attempts_of(inventory)
    assert findings(inventory, attempts) == {f"http://127.81.0.1:{PLAIN}": verdict}


async def test_one_that_is_declared_by_another_name_is_declared(pki: Pki) -> None:
    names = Names(**{"a.example": ("127.81.0.2",), "b.example": ("127.81.0.2",)})
    both = (service(f"https://a.example:{TLS}"), service(f"http://b.example:{PLAIN}", id="T"))
    with web(context(pki), answers("200 OK"), "127.81.0.2"):
        attempts = await attempts_of(Inventory(name="x", services=both), resolver=names)
    assert not [one for one in attempts if one.endpoint.undeclared]


async def test_what_is_beside_a_host_is_looked_for_where_it_is_said_to_be(pki: Pki) -> None:
    """As by `--resolve www.example:8443:127.81.0.5`, of a name that is in no DNS."""
    names = Resolver({("nowhere.invalid", TLS): "127.81.0.5"})
    with web(context(pki), answers("200 OK"), "127.81.0.5"):
        inventory = Inventory(name="x", services=(service(f"https://nowhere.invalid:{TLS}"),))
        attempts = await attempts_of(inventory, resolver=names)
    names.close()
    assert findings(inventory, attempts) == {f"http://nowhere.invalid:{PLAIN}": Verdict.FAIL}


async def test_a_twin_that_could_not_be_looked_for_is_not_forgotten(pki: Pki) -> None:
    """The run's time ends while the name is asked for: unknown, and not left out."""

    class Slow(Names):
        async def addresses(self, host: str, port: int) -> tuple[str, ...]:
            if port == PLAIN:
                raise AskFailedError(FailureKind.DEADLINE, "the run's time is spent")
            return await super().addresses(host, port)

    with web(context(pki), answers("200 OK"), "127.81.0.6"):
        inventory = Inventory(name="x", services=(service(f"https://a.example:{TLS}"),))
        attempts = await attempts_of(inventory, resolver=Slow(**{"a.example": ("127.81.0.6",)}))
    assert findings(inventory, attempts) == {f"http://a.example:{PLAIN}": Verdict.UNKNOWN}


async def test_nothing_out_of_scope_is_connected_to() -> None:
    with serving(Peer.drain, host="127.81.0.3", port=TLS) as (_, counters):
        inventory = Inventory(name="x", services=(service(f"https://127.81.0.3:{TLS}"),), scope=("127.82.0.0/16",))
        attempts = await attempts_of(inventory)
    assert counters.accepted == 0
    assert {str(one.failure.kind) for one in attempts if one.failure} == {"out of scope"}
    assert not [one for one in attempts if one.observation or one.endpoint.undeclared]


@pytest.mark.parametrize(("zone", "asked"), [("inside", True), ("outside", False), (None, True)])
async def test_what_is_outbound_is_asked_from_where_it_is_used(zone: str | None, asked: bool) -> None:
    with serving(Peer.drain, host="127.81.0.4", port=TLS) as (_, counters):
        channel = service(f"tcp://127.81.0.4:{TLS}", direction="outbound", reachable_from=("inside",))
        inventory = Inventory(name="x", services=(channel,))
        attempts = await attempts_of(inventory, zone=zone)
    assert bool(counters.accepted) is asked
    judge = Judge(inventory, [load_policy("site")], Scope(as_of="2026-11-25T00:00:00Z", zone=zone))
    verdicts = {one.verdict for one in judge.findings(attempts[0].endpoint, {one.probe: one for one in attempts})}
    assert (verdicts == {Verdict.NOT_APPLICABLE}) is not asked
