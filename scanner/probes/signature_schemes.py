"""Ask for signature schemes by removal: in TLS 1.2 by the signed ServerKeyExchange, in TLS 1.3 by whole handshakes.

In TLS 1.2 other questions have shown some schemes already. Each of these hellos also carries application protocols
that the server has not selected yet (RFC 7301), so that their probe need not ask for them.
"""

from dataclasses import replace

from scanner.interview import Interview, Reply
from scanner.model import AskFailedError, FailureKind
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.groups import Groups
from scanner.observations.signature_schemes import SignatureSchemes
from scanner.observations.tls_versions import TlsVersions
from scanner.probes import _commands, _heard, _tls13
from scanner.probes._contradictions import contradiction
from scanner.wire.tls_hello import CHAIN_SCHEMES, SIGNATURE_SCHEMES, TLS13_SCHEMES, Hello
from scanner.wire.tls_names import Alert, Version, scheme_name, suite_name
from scanner.wire.tls_questions import offering
from scanner.wire.tls_suites import every_suite


async def probe(
    interview: Interview, versions: TlsVersions, suites: CipherSuites | None, _groups: Groups | None
) -> SignatureSchemes:
    """Schemes of TLS 1.2 and 1.3, of which either may not be accepted."""
    found: dict[str, tuple[str, ...]] = {}
    reasons: dict[str, str] = {}
    for version, ask in ((Version.TLSv1_2, _in_clear), (Version.TLSv1_3, _encrypted)):
        if versions.versions.get(version.label) != "accepted":
            continue
        codes: list[int] = []
        try:
            await ask(interview, codes, suites)
            if contradicted := contradiction(interview):
                reasons[version.label] = contradicted
        except AskFailedError as error:
            reasons[version.label] = str(error)
        found[version.label] = tuple(map(scheme_name, codes))
    return SignatureSchemes(schemes=found, reasons=reasons)


def _signed(suites: CipherSuites | None) -> dict[str, tuple[int, ...]]:
    """By kind of key, the suites of TLS 1.2 with a signed ServerKeyExchange: of those known to be accepted, or of all.

    Apart, since NSS and JSSE select a suite before they look whether they can sign for it.
    """
    accepted = suites.complete("TLSv1.2") if suites else None
    signed = [
        code
        for code in every_suite(Version.TLSv1_2)
        if "DHE_" in (name := suite_name(code)) and "_PSK" not in name and (accepted is None or name in accepted)
    ]
    kinds = ("_RSA_", "_ECDSA_", "_DSS_")
    return {kind: tuple(code for code in signed if f"{kind}WITH" in suite_name(code)) for kind in kinds}


async def _in_clear(interview: Interview, codes: list[int], suites: CipherSuites | None) -> None:
    await _heard.acceptance(interview, Version.TLSv1_2)
    for code in _heard.schemes(interview, Version.TLSv1_2):
        codes.append(code)
        _cite(interview, Version.TLSv1_2, code, "heard in answer to another question", "")
    for signed in _signed(suites).values():
        if signed:
            await _remove(interview, codes, signed)


async def _remove(interview: Interview, codes: list[int], signed: tuple[int, ...]) -> None:
    """Until the server declines what is left, or signs with what was not offered, as OpenSSL 1.0.2 does."""
    while remaining := tuple(code for code in SIGNATURE_SCHEMES if code not in codes):
        hello = offering(Version.TLSv1_2, signed, schemes=remaining)
        reply = await _with_unheard_alpn(interview, replace(hello, extensions=(*hello.extensions, CHAIN_SCHEMES)))
        flight = reply.flight
        if flight is None or flight.hello is None or flight.hello.version != Version.TLSv1_2:
            _cite_refusal(interview, Version.TLSv1_2, remaining, reply.how)
            return
        scheme = flight.key_exchange.scheme
        if scheme is None:
            raise AskFailedError(
                FailureKind.MALFORMED, f"the server key exchange of {flight} shows no signature scheme"
            )
        if scheme not in remaining:
            _cite_refusal(interview, Version.TLSv1_2, remaining, f"{reply.how}, signed with {scheme_name(scheme)}")
            return
        codes.append(scheme)
        _cite(interview, Version.TLSv1_2, scheme, reply.how, str(hello))


async def _with_unheard_alpn(interview: Interview, hello: Hello) -> Reply:
    names = _heard.unheard_alpn(interview)
    if names and _heard.alpn(interview):
        rider = replace(hello, alpn=names)
        flight = await interview.ask(rider)
        if flight.alert is None or flight.alert.description != Alert.NO_APPLICATION_PROTOCOL:
            return await interview.offer(rider)
    return await interview.offer(hello)


async def _encrypted(interview: Interview, codes: list[int], _suites: CipherSuites | None) -> None:
    while remaining := tuple(code for code in TLS13_SCHEMES if code not in codes):
        question = _tls13.hello(interview, remaining)
        # the first one offers all, and other probes want to know how it goes on
        handshake = await _tls13.shake_hands(interview, question, finish=not codes)
        if handshake is None:
            _cite_refusal(interview, Version.TLSv1_3, remaining, "declined by an alert")
            return
        if handshake.scheme is None or handshake.scheme not in remaining:
            raise AskFailedError(FailureKind.MALFORMED, "the server signed with a scheme that was not offered")
        codes.append(handshake.scheme)
        _cite(interview, Version.TLSv1_3, codes[-1], f"CertificateVerify {scheme_name(codes[-1])}", str(question))


def _cite(interview: Interview, version: Version, code: int, how: str, asked: str) -> None:
    named = scheme_name(code)
    offer = asked or f"{version.label}, among others {named}"
    interview.cite(
        f"{version.label} {named}", offer, f"{how}, signed with {named}", _command(interview, version, (code,))
    )


def _cite_refusal(interview: Interview, version: Version, codes: tuple[int, ...], how: str) -> None:
    named = ", ".join(map(scheme_name, codes))
    about = f"{version.label} signature schemes"
    interview.cite(about, f"{version.label}, signature schemes {named}", how, _command(interview, version, codes))


def _command(interview: Interview, version: Version, codes: tuple[int, ...]) -> str:
    signed = ["-cipher", f"kEECDH:kEDH:!aNULL:{_commands.LEVEL}"] if version is Version.TLSv1_2 else []
    return interview.s_client(_commands.S_CLIENT[version], *signed, *_commands.scheme_options(codes))
