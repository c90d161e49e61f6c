"""Ask for the cipher suites of each accepted version by removal; at depth quick for those that policies forbid.

Theory of operation. A server names one suite in each answer: offer everything, take what it named out of the offer,
and offer again until it declines. The offers take turns between an order and its reverse (`reversed_order`), so that
the answers also show whose order decides, mostly without a question of its own: that a server's own order is the
zigzag which a client's order then gives has, for six suites, a chance of 1 in 720. Where it is the client's, no suite
depends on the other things a hello offers, so of a server with many suites the groups and signature schemes that were
seen are left out as well: their probes then find what they need among the answers. A refusal counts only of a hello
that offers all. What other probes want to know, and a sound server ignores, rides on some of the hellos (`_riders`).

A server may choke on a long hello instead of declining it: until it has accepted one, a refusal or silence is
confirmed with short ones.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache

from scanner.interview import Interview, Reply
from scanner.model import AskFailedError, FailureKind
from scanner.observations.cipher_suites import Asked, CipherSuites
from scanner.observations.tls_versions import TlsVersions
from scanner.probes import _commands, _heard
from scanner.probes._contradictions import contradiction
from scanner.probes._order import ENOUGH, Order
from scanner.wire.sslv2 import Sslv2Hello
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import SSLV2_CIPHERS, Version, suite_name
from scanner.wire.tls_questions import offering
from scanner.wire.tls_suites import every_suite, reversed_order
from scanner.wire.tls_tolerance import GREASE, of_the_future, with_grease

QUICK = True

MOST = 200
"""Suites of one version; OpenSSL 1.0.1 with all its options has 115. A server that accepts more accepts anything."""
SUSPICIOUS = 90
"""Suites of one version after which it is worth a question whether it accepts anything."""
_RESERVED = f"selected {suite_name(GREASE[0])}"
LONG = 128
"""Suites; some servers choke on as many (a hello of theirs would take 300 bytes)."""
MANY = 10
"""Suites after which leaving out what was seen is worth the refusals that have to be asked again."""
_COMMON_RSA = {0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0301, 0x0201}
_COMMON_ECDSA = {0x0403, 0x0503, 0x0603, 0x0303, 0x0203}
"""Schemes that OpenSSL signs with: while one is unheard, leaving out the heard ones may show it."""
_COMMON_13 = {0x1301, 0x1302, 0x1303}
_FAILED = "internal_error"
"""Alert of a server that failed over what it selected, rather than declined."""


async def probe(interview: Interview, versions: TlsVersions) -> CipherSuites:
    """Every suite of every accepted version. Raises AskFailedError when no version could be asked."""
    accepted = [version for version in Version if versions.versions.get(version.label) == "accepted"]
    if not accepted:
        raise AskFailedError(FailureKind.MALFORMED, "no version of TLS was accepted, so no suite could be asked for")
    found = await asyncio.gather(*(_of_version(interview, version) for version in accepted))
    by_version = {one.version.label: one for one in found}
    return CipherSuites(
        suites={label: one.names for label, one in by_version.items()},
        preference={label: one.order.preference for label, one in by_version.items() if one.asked == "all"},
        chacha20_prioritised={
            label: one.order.chacha20 for label, one in by_version.items() if one.order.chacha20 is not None
        },
        asked={label: one.asked for label, one in by_version.items()},
        reasons={label: one.reason for label, one in by_version.items() if one.reason},
    )


async def _of_version(interview: Interview, version: Version) -> "_Enumeration":
    one = _Enumeration(interview, version)
    try:
        if version is Version.SSLv2:
            await one.list_sslv2()
        elif interview.plan.quick:
            await one.ask_for_forbidden()
        else:
            await one.enumerate()
            one.reason = one.reason or contradiction(interview)
    except AskFailedError as error:
        one.reason = str(error)
    return one


class _Enumeration:
    """The suites of one version."""

    def __init__(self, interview: Interview, version: Version) -> None:
        self.interview = interview
        self.version = version
        self.order = Order(interview, version)
        self.asked: Asked = "all"
        self.reason = ""
        self._took_long_hello = False
        self._chokes = False
        """Whether a long hello had no answer."""
        self._lean = 2
        """What to leave out of what was seen: 2 groups and schemes, 1 schemes, 0 nothing."""

    @property
    def found(self) -> list[int]:
        """What was found so far."""
        return self.order.found

    @property
    def names(self) -> tuple[str, ...]:
        """IANA names of what was found."""
        if self.version is Version.SSLv2:
            return tuple(SSLV2_CIPHERS.get(code, f"0x{code:06X}") for code in self.found)
        return tuple(map(suite_name, self.found))

    async def list_sslv2(self) -> None:
        """An SSLv2 server lists them all in one answer."""
        question = Sslv2Hello()
        flight = await self.interview.ask_sslv2(question)
        self.order.found = list(flight.hello.ciphers) if flight.hello else []
        command = _commands.of_version(self.interview, question)
        for name in self.names:
            self.interview.cite(f"{self.version.label} {name}", str(question), str(flight), command)

    async def ask_for_forbidden(self) -> None:
        """Offer exactly what the policies forbid: the first refusal proves that no more of it is accepted."""
        self.asked = "planned"
        heard = _heard.of_version(self.interview, self.version)
        self._took_long_hello = any(len(hello.suites) >= LONG for hello, _ in heard)
        if offered := _offered(self.version, self.interview.plan.asks.suites):
            await self._remove_until_declined(offered)

    async def enumerate(self) -> None:
        """All of them, and whose order decides."""
        hello, flight = await _heard.acceptance(self.interview, self.version)
        self._note(hello, flight.hello.suite if flight.hello else 0, str(flight))
        await self._remove_until_declined(every_suite(self.version))
        await self.order.settle()

    async def _remove_until_declined(self, every: tuple[int, ...]) -> None:
        while True:
            await self._stop_at_anything()
            order = reversed_order(every) if len(self.found) % 2 else every
            found = set(self.found)
            remaining = tuple(code for code in order if code not in found)
            reply = await self._offer(remaining) if remaining else None
            if reply is None or reply.accepted is None:
                break
            if len(self.found) == MANY and self.version is Version.TLSv1_2:
                await self.order.find_preference()
        if reply is not None:
            self._cite_refusal(reply, remaining)
            if reply.closed and any(True for _ in self.interview.declined()):
                # mbedTLS closes where it selected a suite that it then cannot do, and hides those behind it
                self.reason = "closes at the suites that are left, while it declines other hellos by an alert"
            others = tuple(code for code in every if not _has_prime(code))
            if (reply.closed or _FAILED in reply.how) and set(others).intersection(remaining) and others != every:
                # Dovecot without ssl_dh selects finite-field Diffie-Hellman and fails, whatever else it could have had
                await self._remove_until_declined(others)

    async def _stop_at_anything(self) -> None:
        """Raises AskFailedError for a server that takes suites which do not exist: it would go on for ever."""
        accepts = _RESERVED in self.interview.deviations
        if not accepts and len(self.found) == SUSPICIOUS:
            accepts = (await self.interview.offer(self._full(GREASE))).accepted is not None
        if accepts:
            raise AskFailedError(FailureKind.FLOODED, f"{_RESERVED}, which does not exist: it accepts anything")

    async def _offer(self, remaining: tuple[int, ...]) -> Reply:
        """Offer what remains; accepted suites are noted."""
        hello = self._hello(remaining)
        riders = tuple(self._riders(hello))
        if len(remaining) >= LONG and not self._took_long_hello:
            # silence would cost this hello three connections, and each that follows as well: short ones show more
            self._chokes = self._chokes or await self.interview.try_once((*riders, hello)[0]) is None
            if self._chokes:
                return await self._offer_in_parts(remaining)
        for rider in riders:
            with suppress(AskFailedError):  # it says nothing about suites; the plain question is still to come
                reply = await self.interview.offer(rider)
                if self._is_ours(reply):
                    self._took_long_hello = self._took_long_hello or len(remaining) >= LONG
                    self._note(rider, reply.accepted.suite if reply.accepted else 0, reply.how)
                    return reply
        reply = await self.interview.offer(hello)
        if self._is_ours(reply):
            self._took_long_hello = self._took_long_hello or len(remaining) >= LONG
            self._note(hello, reply.accepted.suite if reply.accepted else 0, reply.how)
            return reply
        if hello != self._full(remaining):
            self._lean = self._lean - 1 if self.version is Version.TLSv1_2 else 0
            return await self._offer(remaining)
        if len(remaining) >= LONG and not self._took_long_hello:
            return await self._offer_in_parts(remaining)
        return Reply(None, reply.how, reply.closed)

    async def _offer_in_parts(self, remaining: tuple[int, ...]) -> Reply:
        reply = Reply(None, "")
        size = LONG - 3  # the renegotiation signal and a reserved value come on top
        for at in range(0, len(remaining), size):
            reply = await self._offer(remaining[at : at + size])
            if reply.accepted is not None:
                return reply
        return reply

    def _riders(self, hello: Hello) -> Iterator[Hello]:
        """The same offer with something on it that other probes want to know, and that a sound server ignores."""
        if self.version is not Version.TLSv1_2 or self.interview.plan.quick or len(hello.suites) < LONG:
            return  # a part of an offer is asked because the whole was declined
        if len(self.order.steps) == 1:
            yield with_grease(hello)
        elif len(self.order.steps) == 2:
            yield of_the_future(hello)
        elif (
            not ENOUGH - 1 <= len(self.order.steps) < MANY
        ):  # where a refusal is likely, which has to be asked for again
            names = _heard.unheard_alpn(self.interview) if _heard.alpn(self.interview) else ()
            if names:
                yield replace(hello, alpn=names)

    def _is_ours(self, reply: Reply) -> bool:
        return reply.accepted is not None and reply.accepted.version == self.version

    def _full(self, suites: tuple[int, ...]) -> Hello:
        return offering(self.version, suites)

    def _hello(self, suites: tuple[int, ...]) -> Hello:
        full = self._full(suites)
        if not self._lean or self.version < Version.TLSv1_2:
            return full
        if self.version is Version.TLSv1_3:  # where the suite never depends on the group
            common = _COMMON_13.intersection(suites)
            return replace(full, groups=_heard.unheard_groups(self.interview, self.version)) if common else full
        if self.order.preference != "client":
            return full
        schemes = _heard.unheard_schemes(self.interview, self.version)
        left = [common.intersection(schemes) for common in (_COMMON_RSA, _COMMON_ECDSA)]
        if not any(left):
            return full
        # without its own curve, an ECDSA key is of no use (RFC 8422 §5.1): groups are left out for RSA keys only
        groups = _heard.unheard_groups(self.interview, self.version) if self._lean > 1 and left[0] else full.groups
        return replace(full, schemes=schemes, groups=groups)

    def _note(self, hello: Hello, suite: int, how: str) -> None:
        self.order.note(hello.suites, suite)
        if len(self.found) > MOST:
            raise AskFailedError(
                FailureKind.FLOODED, f"accepted {MOST} suites of {self.version.label}: it accepts anything"
            )
        command = _commands.of_suite(self.interview, self.version, suite)
        self.interview.cite(f"{self.version.label} {suite_name(suite)}", str(hello), how, command)

    def _cite_refusal(self, reply: Reply, remaining: tuple[int, ...]) -> None:
        hello = self._full(remaining)
        if self.asked == "all":
            asked = f"{hello}: all but {', '.join(self.names) or 'none'}"
            command = _commands.without_suites(self.interview, hello, self.found)
        else:
            asked = f"{hello}: exactly those that the policies forbid"
            command = _commands.of_forbidden(self.interview, hello)
        self.interview.cite(f"{self.version.label} suites", asked, reply.how, command)


@cache
def _offered(version: Version, names: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(code for code in every_suite(version) if suite_name(code) in names)


def _has_prime(code: int) -> bool:
    name = suite_name(code)
    return "_DHE_" in name or "_DH_anon_" in name
