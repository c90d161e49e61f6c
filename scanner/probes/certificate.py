"""Get the certificates of every kind of key, in the clear up to TLS 1.2, in a whole handshake in TLS 1.3.

Theory of operation. What other questions have shown is taken as it is. Then one hello offers signatures of all the
kinds of key that are still missing: if it is declined, there is none of them; else the chain that it shows is one
more, and what is missing is offered again.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from scanner.interview import Interview
from scanner.model import AskFailedError, Failure, FailureKind
from scanner.observations.certificate import Certificate, Chain, Negotiated
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.signature_schemes import SignatureSchemes
from scanner.observations.tls_versions import TlsVersions
from scanner.probes import _commands, _tls13
from scanner.trust import evaluate
from scanner.wire.sslv2 import Sslv2Hello
from scanner.wire.tls13 import Handshake
from scanner.wire.tls_flight import Flight
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import Version, group_name, suite_name, version_name
from scanner.wire.tls_questions import offering
from scanner.wire.x509 import certificate_facts

QUICK = True

_TLS12_SCHEMES = {"rsa": (0x0401, 0x0501, 0x0601, 0x0301, 0x0201), "ecdsa": (0x0303, 0x0203)}
"""Those that TLS 1.2 has besides (RFC 5246 §7.4.1.4.1)."""
_AUTHENTICATION = {"rsa": ("_RSA_",), "ecdsa": ("_ECDSA_", "_ECDH_RSA_")}
"""Parts of a suite's name; TLS_ECDH_RSA_… has an elliptic curve key, and RSA is its issuer's (RFC 4492 §2.3)."""


async def probe(
    interview: Interview, versions: TlsVersions, _suites: CipherSuites | None, schemes: SignatureSchemes | None
) -> Certificate:
    """Every chain the server has for any kind of key. Raises AskFailedError when there is none."""
    accepted = [version for version in Version if versions.versions.get(version.label) == "accepted"]
    if not accepted:
        raise AskFailedError(
            FailureKind.MALFORMED, "no version of TLS was accepted, so no certificate could be asked for"
        )
    asking = _Asking(interview)
    asking.take_what_was_heard()
    failures: dict[str, Failure] = {}
    newest = accepted[-1]
    if newest is Version.SSLv2:
        await asking.ask_sslv2()
    elif not _all_schemes_are_known(schemes, newest):
        try:
            cheap = interview.plan.quick and not interview.plan.saves_connections
            if cheap and newest is Version.TLSv1_3 and Version.TLSv1_2 in accepted:
                await asking.ask_for_more(Version.TLSv1_2)  # without cryptography
            await asking.ask_for_the_rest(newest)
        except AskFailedError as error:
            failures = dict.fromkeys(asking.missing, error.failure)
    if not asking.chains:
        raise _no_chain(failures)
    return Certificate(server_name=interview.endpoint.server_name, chains=tuple(asking.chains), failures=failures)


def _all_schemes_are_known(schemes: SignatureSchemes | None, version: Version) -> bool:
    """Whether every signature scheme was asked for: then every certificate was seen."""
    return schemes is not None and version.label in schemes.schemes and version.label not in schemes.reasons


def _no_chain(failures: dict[str, Failure]) -> AskFailedError:
    for failure in failures.values():
        return AskFailedError(failure.kind, failure.detail)
    return AskFailedError(
        FailureKind.MALFORMED, "the server shows no certificate for any key type (anonymous or PSK suites only)"
    )


class _Asking:
    """Chains found so far."""

    def __init__(self, interview: Interview) -> None:
        self.interview = interview
        self.chains: list[Chain] = []
        self._leafs: set[bytes] = set()

    @property
    def missing(self) -> list[str]:
        """Kinds of key of which no chain was seen yet."""
        seen = {_tls13.kind_of(chain.key_type) for chain in self.chains}
        return [kind for kind in _tls13.SCHEMES if kind not in seen]

    def take_what_was_heard(self) -> None:
        """Chains in the answers to other questions; those whose key was proven are preferred."""
        for hello, handshake in self.interview.handshakes():
            self._take_handshake(hello, handshake)
        for question, flight in self.interview.heard():
            self._take_flight(question, flight)

    async def ask_sslv2(self) -> None:
        """Of a server that speaks nothing else."""
        hello = Sslv2Hello()
        flight = await self.interview.ask_sslv2(hello)
        if flight.hello is not None and flight.hello.certificate:
            negotiated = Negotiated(version=Version.SSLv2.label, suite="")
            self._take((flight.hello.certificate,), negotiated, _commands.asking(self.interview, hello))

    async def ask_for_the_rest(self, version: Version) -> None:
        """Ask until the server declines all that is missing. Raises AskFailedError."""
        while await self.ask_for_more(version):
            pass

    async def ask_for_more(self, version: Version) -> bool:
        """Ask for all that is missing; whether there was one more. Raises AskFailedError."""
        missing, before = self._worth_asking(version), len(self.chains)
        if missing and version is Version.TLSv1_3:
            question = _tls13.hello(self.interview, _tls13.of_kinds(missing))
            handshake = await _tls13.shake_hands(self.interview, question)
            if handshake is not None:
                self._take_handshake(question, handshake)
        elif missing:
            hello = _in_clear(version, tuple(missing))
            reply = await self.interview.offer(hello)
            if reply.flight is not None:
                self._take_flight(hello, reply.flight)
        return len(self.chains) > before

    def _worth_asking(self, version: Version) -> list[str]:
        """Kinds of key that `version` has: older ones only choose it by the suite."""
        if version >= Version.TLSv1_2:
            return self.missing
        return [kind for kind in self.missing if kind in _AUTHENTICATION]

    def _take_flight(self, question: Hello, flight: Flight) -> None:
        hello = flight.hello
        if hello is None or not flight.certificates:
            return
        version, suite = Version(hello.version), suite_name(hello.suite)
        negotiated = Negotiated(version=version.label, suite=suite, group=flight.group, alpn=hello.alpn)
        authenticated_by = "aECDSA" if "_ECDSA_" in suite else "aDSS" if "_DSS_" in suite else "aRSA"
        options = ["-showcerts", "-cipher", f"{authenticated_by}:{_commands.LEVEL}"]
        command = _commands.asking(self.interview, question, *options, version=version)
        self._take(flight.certificates, negotiated, command)

    def _take_handshake(self, question: Hello, handshake: Handshake) -> None:
        hello = handshake.hello
        if hello is None or not handshake.certificates:
            return
        group = group_name(hello.group) if hello.group is not None else None
        negotiated = Negotiated(
            version=version_name(hello.version), suite=suite_name(hello.suite), group=group, alpn=handshake.alpn
        )
        schemes = _commands.scheme_options([handshake.scheme or question.schemes[0]])
        command = _commands.asking(self.interview, question, "-showcerts", *schemes)
        self._take(handshake.certificates, negotiated, command, proven=handshake.proven)

    def _take(self, served: tuple[bytes, ...], negotiated: Negotiated, command: str, *, proven: bool = False) -> None:
        if served[0] in self._leafs:
            return
        self._leafs.add(served[0])
        facts = tuple(certificate_facts(der) for der in served)
        now = datetime.now(UTC)
        trust = {store: evaluate(served, store, now) for store in self.interview.service.certificate.trust}
        key_type, name = facts[0].key.type, self.interview.endpoint.server_name
        leaf = f"leaf '{facts[0].subject}' sha256 {facts[0].sha256}"
        answered = f"{negotiated.version}, {negotiated.suite}: {len(facts)} certificates, {leaf}"
        self.interview.cite(key_type, f"certificate for {f'SNI {name}' if name else 'no SNI'}", answered, command)
        self.chains.append(
            Chain(key_type=key_type, negotiated=negotiated, certificates=facts, trust=trust, proven=proven)
        )


@lru_cache(maxsize=64)
def _in_clear(version: Version, kinds: tuple[str, ...]) -> Hello:
    """A hello up to TLS 1.2 that only a server with one of these kinds of key can accept with a certificate."""
    parts = [part for kind in kinds for part in _AUTHENTICATION.get(kind, ())]
    signed_only = [kind for kind in kinds if kind not in _AUTHENTICATION]
    if signed_only and version is Version.TLSv1_2:  # their suites are those of RSA and of ECDSA (RFC 8422 §5.10)
        parts += [part for part in ("_ECDHE_RSA_", "_ECDHE_ECDSA_") if part not in parts]
    suites = tuple(_certified(version, parts, static="rsa" in kinds))
    schemes = [code for kind in kinds for code in (*_tls13.SCHEMES[kind], *_TLS12_SCHEMES.get(kind, ()))]
    return offering(version, suites, schemes=tuple(schemes) if version is Version.TLSv1_2 else None)


def _certified(version: Version, parts: list[str], *, static: bool) -> Iterator[int]:
    """Suites with a certificate; without RSA keys none whose key exchange is unsigned, for any key would do there."""
    for code in offering(version).suites:
        name = suite_name(code)
        if "EXPORT" in name or "_DH_RSA_" in name or "_anon_" in name:
            continue
        if any(part in name for part in parts) and (static or "DHE_" in name or "_ECDH_" in name):
            yield code
