"""Whose order of suites decides, and what the server's is, from the answers to offers in different orders."""

from itertools import takewhile
from typing import Literal

from scanner.interview import Interview, Reply
from scanner.observations.cipher_suites import Preference
from scanner.wire.tls_names import Version, cipher_suites
from scanner.wire.tls_questions import offering

ENOUGH = 6
"""Suites whose zigzag is proof enough: a server's own order would have to mirror the offers, one by one."""


class Order:
    """The suites found so far of one version, in the order that the answers show."""

    def __init__(self, interview: Interview, version: Version) -> None:
        self.found: list[int] = []
        self.steps: list[tuple[tuple[int, ...], int]] = []
        """What was offered, and what was selected of it."""
        self.preference: Preference = "unknown"
        self.chacha20: bool | None = None
        """Whether ChaCha20 comes first for clients that put it first, although the server's order decides."""
        self._interview = interview
        self._version = version

    def note(self, offered: tuple[int, ...], selected: int) -> None:
        """One more answer."""
        self.found.append(selected)
        self.steps.append((offered, selected))

    async def settle(self) -> None:
        """With all suites found: whose order decides, and which it is. Raises AskFailedError."""
        if self.preference == "unknown":
            await self.find_preference()
        if self.preference == "server":
            await self._place_the_first()
            await self._find_chacha20()

    async def _offer(self, suites: tuple[int, ...]) -> Reply:
        return await self._interview.offer(offering(self._version, suites))

    def _first_of(self, offered: tuple[int, ...]) -> int | None:
        """The first offered suite of those that are accepted."""
        return next((code for code in offered if code in self.found), None)

    def _looks_like_client_order(self) -> bool:
        return all(self._first_of(offered) == picked for offered, picked in self.steps)

    async def find_preference(self) -> None:
        if len(self.found) < 2:
            return
        decided: Literal["server", "client"] = "client"
        if not self._looks_like_client_order():
            decided = "server"
        elif len(self.found) < ENOUGH:
            first, second = self._two_alike()
            others = [code for code in self.found if code not in (first, second)]
            orders = [(second, first, *others)]
            if all(second not in offered for offered, picked in self.steps if picked == first):
                orders.append((first, second, *others))  # so far the two were never offered together
            for order in orders:
                reply = await self._offer(order)
                if reply.accepted is None or reply.accepted.suite != order[0]:
                    decided = "server"
        self.preference = decided

    def _two_alike(self) -> list[int]:
        """Two suites in the order in which they were found, of which not one alone is ChaCha20, if there are such: that
        one may come first for clients that put it first, and then the server looks as if it had no order."""
        chacha20 = [code for code in self.found if _is_chacha20(code)]
        others = [code for code in self.found if code not in chacha20]
        return next(kind[:2] for kind in (others, chacha20, self.found) if len(kind) > 1)

    async def _place_the_first(self) -> None:
        """The first was selected of an offer that was not complete: the server may prefer what that one lacked."""
        offered, first = self.steps[0]
        others = [code for code in self.found if code != first]
        before = list(takewhile(lambda code: code not in offered, others))
        at = 0
        while at < len(before):
            reply = await self._offer((first, *before[at:]))
            if reply.accepted is None or reply.accepted.suite == first:
                break
            at += 1
        self.found = [*others[:at], first, *others[at:]]

    async def _find_chacha20(self) -> None:
        """Whether a client that puts ChaCha20 first gets it, although it is not the server's first choice."""
        if _is_chacha20(self.found[0]) or not any(map(_is_chacha20, self.found)):
            return
        for offered, picked in self.steps[1:]:
            first = self._first_of(offered)
            # OpenSSL looks at what the client has first, whether or not it is accepted
            if _is_chacha20(offered[0]) and first is not None and _is_chacha20(first) and not _is_chacha20(picked):
                self.chacha20 = False
                return
        reply = await self._offer(tuple(sorted(self.found, key=_is_chacha20, reverse=True)))
        self.chacha20 = reply.accepted is not None and _is_chacha20(reply.accepted.suite)
        if self.chacha20:
            await self._place_chacha20()

    async def _place_chacha20(self) -> None:
        """Where the server has ChaCha20 for clients that do not put it first, as some offers did."""
        others = [code for code in self.found if not _is_chacha20(code)]
        places = {code: place for place, code in enumerate(others, 1)}
        for code in filter(_is_chacha20, self.found):
            before, behind, middle = 0, len(others), len(others) - 1  # most have it last
            while before < behind:
                reply = await self._offer((others[middle], code))
                earlier = reply.accepted is not None and reply.accepted.suite == code
                before, behind = (before, middle) if earlier else (middle + 1, behind)
                middle = (before + behind) // 2
            places[code] = before
        # stable: of equal places, a suite comes before the ChaCha20 behind it
        self.found = sorted([*others, *filter(_is_chacha20, self.found)], key=lambda code: places[code])


def _is_chacha20(code: int) -> bool:
    return "CHACHA20" in cipher_suites().get(code, "")
