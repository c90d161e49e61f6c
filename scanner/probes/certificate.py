"""Get the certificates of both kinds of key, in the clear up to TLS 1.2, else in an authenticated handshake."""

from datetime import UTC, datetime

from scanner.interview import Interview
from scanner.model import AskFailedError, Failure, FailureKind
from scanner.observations.certificate import Certificate, Chain, Negotiated
from scanner.observations.tls_versions import TlsVersions
from scanner.trust import evaluate
from scanner.wire.tls_flight import Flight
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import Alert, Version, suite_name, version_name
from scanner.wire.tls_questions import key_hello, version_hellos
from scanner.wire.x509 import certificate_facts

KEY_TYPES = ("rsa", "ecdsa")

_NOT_THIS_KEY = {
    Alert.HANDSHAKE_FAILURE,
    Alert.INSUFFICIENT_SECURITY,
    Alert.ILLEGAL_PARAMETER,
    Alert.NO_CERTIFICATE,
    Alert.UNSUPPORTED_CERTIFICATE,
    Alert.ACCESS_DENIED,  # rustls, when it has no certificate of the kind
}
"""Alerts that decline the key type offered; others (unrecognized_name, internal_error …) say nothing about keys."""

_S_CLIENT = {
    Version.SSLv3: "-ssl3",
    Version.TLSv1_0: "-tls1",
    Version.TLSv1_1: "-tls1_1",
    Version.TLSv1_2: "-tls1_2",
}


async def probe(interview: Interview, versions: TlsVersions) -> Certificate:
    """Every chain the server has for RSA and for ECDSA (or EdDSA) keys. Raises AskFailedError when there is none."""
    accepted = [version for version in Version if versions.versions.get(version.label) == "accepted"]
    in_clear = [version for version in accepted if version < Version.TLSv1_3]
    chains: list[Chain] = []
    failures: dict[str, Failure] = {}
    if in_clear:
        chains += await _already_seen(interview, in_clear[-1])
    elif not accepted:
        raise AskFailedError(
            FailureKind.MALFORMED, "no version of TLS was accepted, so no certificate could be asked for"
        )
    for key_type in KEY_TYPES:
        if any(_family(chain.key_type) == key_type for chain in chains):
            continue
        try:
            chain = await (
                _in_clear(interview, in_clear[-1], key_type) if in_clear else _encrypted(interview, key_type)
            )
        except AskFailedError as error:
            failures[key_type] = error.failure
            continue
        if chain is not None and chain.certificates[0].sha256 not in {seen.certificates[0].sha256 for seen in chains}:
            chains.append(chain)
    if not chains:
        raise _no_chain(failures)
    return Certificate(server_name=interview.endpoint.server_name, chains=tuple(chains), failures=failures)


def _no_chain(failures: dict[str, Failure]) -> AskFailedError:
    for failure in failures.values():
        return AskFailedError(failure.kind, failure.detail)
    return AskFailedError(
        FailureKind.MALFORMED, "the server shows no certificate for any key type (anonymous or PSK suites only)"
    )


def _family(key_type: str) -> str:
    """The key type that has to be asked for to be shown this one."""
    return "ecdsa" if key_type in {"ed25519", "ed448"} else key_type


async def _already_seen(interview: Interview, version: Version) -> list[Chain]:
    """The chain that came with the answer about `version`; the interview remembers it."""
    flight = await interview.ask(await _accepted(interview, version))
    return [_chain(interview, flight)] if flight.certificates else []


async def _accepted(interview: Interview, version: Version) -> Hello:
    """The hello with which `version` was accepted; the interview remembers the answers."""
    hellos = version_hellos(version, interview.protocol.alpn)
    for hello in hellos:
        accepted = (await interview.ask(hello)).accepted
        if accepted and accepted.version == version:
            return hello
    return hellos[0]


async def _in_clear(interview: Interview, version: Version, key_type: str) -> Chain | None:
    hello = key_hello(version, key_type)
    try:
        flight = await interview.ask(hello)
    except AskFailedError:
        if await interview.hangs_up_on((hello, hello), await _accepted(interview, version)):
            return None
        raise
    if flight.alert is not None and flight.alert.description not in _NOT_THIS_KEY:
        raise AskFailedError(FailureKind.MALFORMED, f"answered with {flight.alert}, which is not about keys")
    if flight.accepted is None or not flight.certificates:
        return None
    if flight.accepted.version not in _S_CLIENT:
        named = version_name(flight.accepted.version)
        raise AskFailedError(FailureKind.MALFORMED, f"the server negotiated {named}, which was not offered")
    return _chain(interview, flight)


async def _encrypted(interview: Interview, key_type: str) -> Chain | None:
    shown = await interview.shake_hands(key_type)
    if shown is None or not shown.chain:
        return None
    negotiated = Negotiated(version=shown.version, suite=shown.suite, group=shown.group, alpn=shown.alpn)
    schemes = "RSA-PSS+SHA256:rsa_pss_pss_sha256" if key_type == "rsa" else "ECDSA+SHA256:ECDSA+SHA384:ed25519"
    return _assemble(interview, shown.chain, negotiated, ["-tls1_3", "-sigalgs", schemes], proven=True)


def _chain(interview: Interview, flight: Flight) -> Chain:
    hello = flight.hello
    assert hello is not None  # noqa: S101 - an accepted flight has one
    version = Version(hello.version)
    negotiated = Negotiated(
        version=version_name(version), suite=suite_name(hello.suite), group=flight.group, alpn=hello.alpn
    )
    authenticated_by = "aECDSA" if "_ECDSA_" in negotiated.suite else "aRSA"
    options = [_S_CLIENT[version], "-cipher", f"{authenticated_by}:@SECLEVEL=0"]
    return _assemble(interview, flight.certificates, negotiated, options)


def _assemble(
    interview: Interview, served: tuple[bytes, ...], negotiated: Negotiated, options: list[str], *, proven: bool = False
) -> Chain:
    facts = tuple(certificate_facts(der) for der in served)
    now = datetime.now(UTC)
    trust = {store: evaluate(served, store, now) for store in interview.service.certificate.trust}
    key_type = facts[0].key.type
    asked = f"certificate for {'SNI ' + interview.endpoint.server_name if interview.endpoint.server_name else 'no SNI'}"
    leaf = f"leaf '{facts[0].subject}' sha256 {facts[0].sha256}"
    answered = f"{negotiated.version}, {negotiated.suite}: {len(facts)} certificates, {leaf}"
    interview.cite(key_type, asked, answered, interview.s_client("-showcerts", *options))
    return Chain(key_type=key_type, negotiated=negotiated, certificates=facts, trust=trust, proven=proven)
