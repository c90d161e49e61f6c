"""Whose order of suites decides, against servers whose order is known."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import example, given
from hypothesis import strategies as st

from scanner.interview import Interview
from scanner.probes._order import ENOUGH, Order
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import Version, cipher_suites
from scanner.wire.tls_suites import every_suite, reversed_order

NAMES = (
    *("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    *("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
    *("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_256_CBC_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
)
CODES = {name: code for code, name in cipher_suites().items()}
SUITES = tuple(code for code in every_suite(Version.TLSv1_2) if code in {CODES[name] for name in NAMES})
"""In the order in which they are offered."""
CHACHA20 = {code for name, code in CODES.items() if "CHACHA20" in name}

orders = st.lists(st.sampled_from(SUITES), min_size=2, max_size=ENOUGH - 1, unique=True)
"""So few that the preference is asked for: of more, one that mirrors the offers one by one looks like a client's."""


class Server:
    """Selects as OpenSSL does: SSL_OP_CIPHER_SERVER_PREFERENCE, and SSL_OP_PRIORITIZE_CHACHA beside it."""

    def __init__(self, order: list[int], *, prefers: bool, chacha20: bool = False) -> None:
        self.order, self.prefers, self.chacha20, self.asked = order, prefers, chacha20, 0

    def select(self, offered: tuple[int, ...]) -> int | None:
        """The suite of the ServerHello; None where there is none in common."""
        common = [code for code in offered if code in self.order]
        if self.prefers:
            common.sort(key=self.order.index)
            if self.chacha20 and offered[0] in CHACHA20:
                common.sort(key=lambda code: code not in CHACHA20)
        return next(iter(common), None)

    async def offer(self, hello: Hello) -> Any:
        """In place of an interview."""
        self.asked += 1
        selected = self.select(hello.suites)
        return SimpleNamespace(accepted=selected and SimpleNamespace(suite=selected))


def settled(server: Server, first: tuple[int, ...] = SUITES) -> Order:
    """Enumerate by removal, in turns from either end, as the probe does; `first`: what its first offer held."""
    order = Order(cast(Interview, server), Version.TLSv1_2)
    left, offered = list(SUITES), first
    while (selected := server.select(offered)) is not None or set(offered) < set(left):
        if selected is not None:
            order.note(offered, selected)
            left.remove(selected)
        offered = reversed_order(tuple(left)) if len(order.found) % 2 else tuple(left)
        if not left:
            break
    asyncio.run(order.settle())
    return order


@given(orders)
def test_the_clients_order(accepted: list[int]) -> None:
    order = settled(Server(accepted, prefers=False))
    assert (order.preference, order.chacha20) == ("client", None)
    assert set(order.found) == set(accepted)


@given(orders, st.integers(1, len(SUITES)))
@example([0xCCA8, 0x000A], 7)  # ChaCha20 is usually offered before 3DES: to offer them so again showed nothing
def test_the_servers_order_is_found_as_it_is(accepted: list[int], held: int) -> None:
    server = Server(accepted, prefers=True)
    order = settled(server, SUITES[:held])
    assert order.preference == "server"
    assert order.found == accepted
    chosen = any(code in CHACHA20 for code in accepted) and accepted[0] not in CHACHA20
    assert order.chacha20 is (False if chosen else None)


@given(orders.filter(lambda one: len(one) > 2 and one[0] not in CHACHA20 and CHACHA20 & set(one)))
@example([0xC02F, 0xCCA8, 0x000A, 0xCCAA])  # an offer that begins with what is not accepted is none of ChaCha20 first
def test_chacha20_for_those_who_put_it_first(accepted: list[int]) -> None:
    order = settled(Server(accepted, prefers=True, chacha20=True))
    assert (order.preference, order.chacha20) == ("server", True)
    assert order.found == accepted


def test_one_suite_shows_no_preference_and_is_not_asked_for_again() -> None:
    server = Server([SUITES[0]], prefers=True)
    order = settled(server)
    assert (order.preference, order.found, server.asked) == ("unknown", [SUITES[0]], 0)
