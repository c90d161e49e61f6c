"""Ask for key exchange groups by removal: by HelloRetryRequest in TLS 1.3, by ServerKeyExchange in TLS 1.2.

Theory of operation. A TLS 1.3 hello without a key share makes the server name the group it wants, without any
cryptography on either side (RFC 8446 §4.1.4). In TLS 1.2 the curve stands in the ServerKeyExchange of an ECDHE suite.
Suites that were enumerated before have shown some groups already.

A server whose certificate has an ECDSA key needs the key's own curve among the groups of a TLS 1.2 hello (RFC 8422
§5.1), so this curve cannot be left out. If the server then selects it, the others are refused only if the server is
known to follow the client's order; otherwise they cannot be isolated, and are open.
"""

import asyncio
from dataclasses import replace

from scanner.interview import Interview, Reply
from scanner.model import AskFailedError, FailureKind
from scanner.observations.cipher_suites import Asked, CipherSuites
from scanner.observations.groups import DhParameters, Groups
from scanner.observations.tls_versions import TlsVersions
from scanner.probes import _commands, _heard, _tls13
from scanner.probes._contradictions import contradiction
from scanner.wire.dh_primes import digest, prime_name
from scanner.wire.tls_hello import CLASSICAL_GROUPS, TLS13_GROUPS, Hello
from scanner.wire.tls_names import Version, cipher_suites, group_name, suite_name
from scanner.wire.tls_questions import offering
from scanner.wire.tls_suites import every_suite
from scanner.wire.x509 import certificate_facts

QUICK = True

_COMMON = {23, 24, 25, 29, 30}
"""Groups that OpenSSL has by default: while one of them is unheard, schemes that were heard are left out as well."""


async def probe(interview: Interview, versions: TlsVersions, suites: CipherSuites | None) -> Groups:
    """Groups of TLS 1.3 and of the newest older version, and Diffie-Hellman primes. Raises AskFailedError when none
    could be asked."""
    accepted = [version for version in Version if versions.versions.get(version.label) == "accepted"]
    older = [version for version in accepted if Version.SSLv3 < version < Version.TLSv1_3][-1:]
    asked = [*older, *(version for version in accepted if version is Version.TLSv1_3)]
    if not accepted:
        raise AskFailedError(FailureKind.MALFORMED, "no version of TLS was accepted, so no group could be asked for")
    found = await asyncio.gather(*(_of_version(interview, version, suites) for version in asked))
    by_version = {one.version.label: one for one in found}
    reasons = {label: one.reason for label, one in by_version.items() if one.reason}
    if older and not _asked_already(interview, older[-1], suites):
        try:
            await _ask_for_finite_field(interview, older[-1])
        except AskFailedError as error:
            reasons.setdefault(older[-1].label, f"Diffie-Hellman: {error}")
    primes, export_bits = _finite_fields(interview)
    return Groups(
        groups={label: tuple(map(group_name, one.found)) for label, one in by_version.items()},
        dh=primes,
        dh_bits=min((one.bits for one in primes), default=None),
        rsa_export_bits=export_bits,
        asked={label: one.asked for label, one in by_version.items()},
        open={label: tuple(map(group_name, one.open)) for label, one in by_version.items() if one.open},
        reasons=reasons,
    )


async def _of_version(interview: Interview, version: Version, suites: CipherSuites | None) -> "_Enumeration":
    one = _Enumeration(interview, version, _elliptic(version, suites))
    try:
        if interview.plan.quick:
            await one.ask_for_forbidden()
        else:
            await one.enumerate()
            one.reason = one.reason or contradiction(interview)
    except AskFailedError as error:
        one.reason = str(error)
    return one


def _elliptic(version: Version, suites: CipherSuites | None) -> tuple[int, ...] | None:
    """The suites whose group is to be asked for: those known to be accepted, else all that have one."""
    if version is Version.TLSv1_3:
        return None
    accepted = suites.complete(version.label) if suites else None
    return tuple(
        code
        for code in every_suite(version)
        if ("_ECDHE_" in (name := suite_name(code)) or "_ECDH_anon" in name) and (accepted is None or name in accepted)
    )


class _Enumeration:
    """The groups of one version."""

    def __init__(self, interview: Interview, version: Version, suites: tuple[int, ...] | None) -> None:
        self.interview = interview
        self.version = version
        self.found: list[int] = []
        self.open: tuple[int, ...] = ()
        self.asked: Asked = "all"
        self.reason = ""
        self._suites = suites
        self._every = TLS13_GROUPS if version is Version.TLSv1_3 else CLASSICAL_GROUPS

    async def ask_for_forbidden(self) -> None:
        """Offer exactly what the policies forbid: the first refusal proves that no more of it is accepted."""
        self.asked = "planned"
        forbidden = self.interview.plan.asks.groups
        left = tuple(code for code in self._every if group_name(code) in forbidden)
        if self._suites == ():
            return
        for kept in self._beside(left):
            while left and (selected := await self._offer(left, kept, lean=False)) in left:
                left = tuple(code for code in left if code != selected)

    def _beside(self, left: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        """What to offer with forbidden groups: the curve of the server's key where that is its only one, else nothing.

        Where the key's curve is selected, no client gets the others. In TLS 1.3 every other kind of key was asked for.
        """
        curves = tuple(code for code in self._key_curves() if code not in left)
        if not curves or "rsa" not in _tls13.unheard_kinds(self.interview):
            return ((),)
        no_other_key = next(_heard.of_version(self.interview, Version.TLSv1_3), None) is not None
        return (curves,) if no_other_key else ((), curves)

    async def enumerate(self) -> None:
        """All of them."""
        await _heard.acceptance(self.interview, self.version)
        for code in _heard.groups(self.interview, self.version):
            self._note(code, "heard in answer to another question")
        if self._suites == ():
            return  # no suite with a curve is accepted
        lean = self.version is Version.TLSv1_2
        needed = True
        while remaining := tuple(code for code in self._every if code not in self.found):
            shorter = lean and bool(_COMMON.intersection(remaining))
            kept = tuple(code for code in self._key_curves() if needed and code in self.found)
            selected = await self._offer(remaining, kept, lean=shorter)
            if selected in remaining:
                continue
            if selected is not None:  # one of those that cannot be left out
                if await self._follows_the_client(selected):
                    return
                if await self._offer(remaining, lean=False) is None:
                    self._leave_open(remaining, selected)
                    return
                needed = False
            elif shorter:
                lean = False
            else:
                return

    async def _offer(self, remaining: tuple[int, ...], kept: tuple[int, ...] = (), *, lean: bool) -> int | None:
        """Offer what remains, and after it what is kept: the group selected, or None when that is declined."""
        hello = offering(self.version, self._suites, (*remaining, *kept))
        if lean:
            hello = replace(hello, schemes=_heard.unheard_schemes(self.interview, self.version))
        reply = await self.interview.offer(hello)
        group = self._selected(reply)
        if group in kept:
            self._cite_refusal(hello, f"{reply.how}, {group_name(group)}")
        elif group is not None:
            self._note(group, reply.how, hello)
        elif not lean:
            self._cite_refusal(hello, reply.how)
        return group

    def _selected(self, reply: Reply) -> int | None:
        ours = reply.flight is not None and reply.accepted is not None and reply.accepted.version == self.version
        return reply.flight.group_code if ours and reply.flight else None

    def _leave_open(self, remaining: tuple[int, ...], kept: int) -> None:
        self.open = remaining
        self.reason = f"{group_name(kept)}, the curve of the server's key, cannot be left out, and is preferred"

    def _key_curves(self) -> tuple[int, ...]:
        """Curves without which no suite is to be had: those of the server's keys, if it has no other keys."""
        if self.version is Version.TLSv1_3:
            return ()
        heard = [flight for _, flight in _heard.of_version(self.interview, self.version) if flight.certificates]
        curves = {certificate_facts(flight.certificates[0]).key.curve for flight in heard}
        return () if None in curves else tuple(code for code in self._every if group_name(code) in curves)

    async def _follows_the_client(self, kept: int) -> bool:
        """Whether the server takes the key's curve only where it is named first: then it has no other of that offer."""
        answers = [(h.groups, f.group_code) for h, f in _heard.of_version(self.interview, self.version)]
        preferred = {selected for groups, selected in answers if kept in groups} - {kept, None}
        if any(preferred.intersection(groups) for groups, selected in answers if selected == kept):
            return True  # each was taken instead of the other
        other = next((code for code in self.found if code != kept), None)
        return other is not None and await self._offer((kept, other), lean=False) == kept

    def _note(self, code: int, how: str, hello: Hello | None = None) -> None:
        if code in self.found:
            return
        self.found.append(code)
        asked = str(hello or f"{self.version.label}, among others {group_name(code)}")
        question = hello or offering(self.version, self._suites, (code,))
        self.interview.cite(f"{self.version.label} {group_name(code)}", asked, how, self._command(question, (code,)))

    def _cite_refusal(self, hello: Hello, how: str) -> None:
        asked = f"{hello}: {', '.join(map(group_name, hello.groups))}"
        self.interview.cite(f"{self.version.label} groups", asked, how, self._command(hello, hello.groups))

    def _command(self, hello: Hello, codes: tuple[int, ...]) -> str:
        options = _commands.group_options(codes)
        if not options:
            return self.interview.sending(hello)
        suites = [] if self.version is Version.TLSv1_3 else ["-cipher", f"ECDHE:AECDH:{_commands.LEVEL}"]
        return _commands.asking(self.interview, hello, *suites, *options)


def _finite_fields(interview: Interview) -> tuple[tuple[DhParameters, ...], int | None]:
    """Diffie-Hellman primes and temporary RSA keys, as heard."""
    exchanges = [flight.key_exchange for _, flight in interview.heard()]
    primes = dict.fromkeys(one.prime for one in exchanges if one.prime)
    export = [one.rsa_bits for one in exchanges if one.rsa_bits]
    return tuple(_parameters(prime) for prime in primes if prime), min(export, default=None)


def _asked_already(interview: Interview, version: Version, suites: CipherSuites | None) -> bool:
    """Whether all suites with finite-field Diffie-Hellman were offered before, so that what is accepted was heard."""
    if suites is None or version.label not in suites.asked or version.label in suites.reasons:
        return False
    return suites.asked[version.label] == "all" or set(_FINITE_FIELD) <= set(interview.plan.asks.suites)


_FINITE_FIELD = tuple(name for name in cipher_suites().values() if "_DHE_" in name or "_DH_anon" in name)


async def _ask_for_finite_field(interview: Interview, version: Version) -> None:
    dhe = tuple(code for code in every_suite(version) if suite_name(code) in _FINITE_FIELD)
    reply = await interview.offer(offering(version, dhe))
    command = _commands.asking(interview, offering(version, dhe), "-cipher", f"DHE:ADH:{_commands.LEVEL}")
    interview.cite(
        "Diffie-Hellman", f"{version.label}, suites with finite-field Diffie-Hellman alone", reply.how, command
    )


def _parameters(prime: int) -> DhParameters:
    return DhParameters(bits=prime.bit_length(), prime=prime_name(prime), sha256=digest(prime))
