"""Read off the answers to other questions what extensions the server has; only application protocols are asked for."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from scanner.interview import Interview
from scanner.model import AskFailedError, FailureKind
from scanner.observations.cipher_suites import CipherSuites
from scanner.observations.extensions import Extensions, OcspStaple
from scanner.observations.signature_schemes import SignatureSchemes
from scanner.observations.tls_versions import TlsVersions
from scanner.probes import _commands, _heard, _tls13
from scanner.wire.errors import MalformedError
from scanner.wire.stapled import count_scts, decode_staple
from scanner.wire.tls_flight import Flight
from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import Extension, Version, suite_name

QUICK = True

Answers = list[tuple[Hello, Flight]]

_ENCRYPTED = "all that the server accepts is TLS 1.3, which has no such thing"


async def probe(
    interview: Interview, versions: TlsVersions, _suites: CipherSuites | None, _schemes: SignatureSchemes | None
) -> Extensions:
    """What answers up to TLS 1.2 and TLS 1.3 handshakes have shown. Raises AskFailedError when there is none."""
    reasons: dict[str, str] = {}
    newest_only = [label for label, answer in versions.versions.items() if answer == "accepted"] == ["TLSv1.3"]
    if newest_only:
        await _tls13.shake_hands(interview, _tls13.hello(interview))
    alpn = _heard.alpn(interview)
    if not interview.plan.quick:
        try:
            alpn = await _application_protocols(interview, newest_only=newest_only)
        except AskFailedError as error:
            alpn, reasons["alpn"] = _heard.alpn(interview), str(error)
    clear = [
        (hello, flight)
        for hello, flight in interview.heard()
        if flight.hello and flight.hello.version < Version.TLSv1_3 and not flight.resumed
    ]
    staple, stapled, scts = _stapled(interview, clear)
    seen = Extensions(
        alpn=alpn,
        extended_master_secret=_answered(clear, Extension.EXTENDED_MASTER_SECRET, lambda hello: bool(hello.groups)),
        encrypt_then_mac=_encrypt_then_mac(clear),
        secure_renegotiation=_answered(clear, Extension.RENEGOTIATION_INFO, lambda hello: 0x00FF in hello.suites),
        session_tickets=_answered(clear, Extension.SESSION_TICKET),
        heartbeat=_answered(clear, Extension.HEARTBEAT),
        compression=_compression(clear),
        ocsp_staple=staple,
        stapled=stapled,
        scts=scts,
        reasons=reasons,
    )
    for name in ("extended_master_secret", "secure_renegotiation", "session_tickets", "heartbeat", "compression"):
        if getattr(seen, name) is None:
            reasons[name] = _ENCRYPTED if newest_only else "no answer could have shown it"
    if seen.encrypt_then_mac is None:
        reasons["encrypt_then_mac"] = "no answer has a CBC suite"
    _cite(interview, seen)
    return seen


def _answered(answers: Answers, code: int, offered: Callable[[Hello], bool] | None = None) -> bool | None:
    """Whether the server answers an extension, of the hellos that offer it."""
    able = offered or (lambda hello: any(listed == code for listed, _ in hello.extensions))
    found = [code in flight.hello.extensions for hello, flight in answers if flight.hello and able(hello)]
    return any(found) if found else None


def _encrypt_then_mac(answers: Answers) -> bool | None:
    with_cbc = [
        (hello, flight) for hello, flight in answers if flight.hello and "_CBC_" in suite_name(flight.hello.suite)
    ]
    return _answered(with_cbc, Extension.ENCRYPT_THEN_MAC)


def _compression(answers: Answers) -> bool | None:
    chosen = [flight.hello.compression for hello, flight in answers if flight.hello and len(hello.compressions) > 1]
    return any(chosen) if chosen else None


def _stapled(interview: Interview, clear: Answers) -> tuple[OcspStaple | None, bool | None, int | None]:
    """OCSP response, whether there was one, and the number of timestamps, of the answers to hellos that asked for
    them."""
    staples: list[bytes | None] = []
    timestamps: list[bytes] = []
    for hello, flight in clear:
        if flight.hello and any(code == Extension.STATUS_REQUEST for code, _ in hello.extensions):
            staples.append(flight.staple)
            timestamps.append(flight.hello.extensions.get(Extension.SIGNED_CERTIFICATE_TIMESTAMP, b""))
    for _, handshake in interview.handshakes():
        leaf = handshake.entry_extensions[0] if handshake.entry_extensions else {}
        staples.append(leaf.get(Extension.STATUS_REQUEST, b"")[4:] or None)  # RFC 8446 §4.4.2.1: a CertificateStatus
        timestamps.append(leaf.get(Extension.SIGNED_CERTIFICATE_TIMESTAMP, b""))
    found = next((decode_staple(staple) for staple in staples if staple), None)
    if not staples:
        return None, None, None
    return found, found is not None, max(map(_count, timestamps))


def _count(extension: bytes) -> int:
    try:
        return count_scts(extension) if extension else 0
    except MalformedError:
        return 0


async def _application_protocols(interview: Interview, *, newest_only: bool) -> tuple[str, ...]:
    """All that the server selects, by removal: in the clear where it can be. Raises AskFailedError."""
    while names := _heard.unheard_alpn(interview):
        before = len(_heard.alpn(interview))
        if newest_only:
            handshake = await interview.shake_hands(_tls13.hello(interview, alpn=names))
            declined = handshake is None or handshake.alpn is None
        else:
            hello, _ = await _heard.acceptance(interview, _newest_in_clear(interview))
            flight = await interview.ask(replace(hello, alpn=names))
            declined = flight.hello is None or flight.hello.alpn is None
        if declined or len(_heard.alpn(interview)) == before:
            break
    return _heard.alpn(interview)


def _newest_in_clear(interview: Interview) -> Version:
    versions: Iterable[int] = (flight.hello.version for _, flight in interview.heard() if flight.hello)
    newest = max((version for version in versions if version < Version.TLSv1_3), default=None)
    if newest is None:
        raise AskFailedError(FailureKind.MALFORMED, "no answer in the clear keeps to what was offered")
    return Version(newest)


def _cite(interview: Interview, seen: Extensions) -> None:
    told = {
        "extended master secret": seen.extended_master_secret,
        "encrypt-then-MAC": seen.encrypt_then_mac,
        "secure renegotiation": seen.secure_renegotiation,
        "session tickets": seen.session_tickets,
        "heartbeat": seen.heartbeat,
        "compression": seen.compression,
        "OCSP staple": seen.stapled,
    }
    for name, value in told.items():
        if value is not None:
            interview.cite(
                name,
                f"ClientHellos that offer {name}",
                "answered" if value else "not answered",
                _command(interview, name),
            )
    if seen.alpn:
        interview.cite(
            "ALPN",
            "application protocols, by removal",
            ", ".join(seen.alpn),
            interview.s_client("-alpn", ",".join(seen.alpn)),
        )


def _command(interview: Interview, name: str) -> str:
    if name == "OCSP staple":
        return interview.s_client("-status")
    ciphers = "ALL:!AESGCM:!AESCCM:!CHACHA20:!ARIAGCM" if name == "encrypt-then-MAC" else "ALL"
    shown = ["-comp"] if name == "compression" else ["-tlsextdebug"]
    return interview.s_client(*_commands.version_options(_newest_in_clear(interview), ciphers), *shown)
