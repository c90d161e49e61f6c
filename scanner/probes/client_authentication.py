"""Look for a CertificateRequest, and shake hands without a certificate where there is one.

In TLS 1.3 the client's handshake looks finished when the server has yet to look at it: that it wants a certificate
comes with the first read after it (RFC 8446 §4.4.2.4).
"""

from asn1crypto import x509

from scanner.interview import Interview
from scanner.model import AskFailedError
from scanner.net.session import Declined
from scanner.observations.client_authentication import ClientAuthentication, Wanted
from scanner.observations.signature_schemes import SignatureSchemes
from scanner.observations.tls_versions import TlsVersions
from scanner.probes import _commands, _heard, _tls13
from scanner.wire.text import printable
from scanner.wire.tls_names import Alert, Version

MOST = 100
"""Names of authorities that are kept; servers that trust the web's whole list send 150."""
_WANTS_ONE = {
    Alert.CERTIFICATE_REQUIRED,
    Alert.BAD_CERTIFICATE,
    Alert.HANDSHAKE_FAILURE,
    Alert.CERTIFICATE_UNKNOWN,
    Alert.ACCESS_DENIED,
}


class _Found:
    def __init__(self) -> None:
        self.wanted: dict[str, Wanted] = {}
        self.reasons: dict[str, str] = {}
        self.authorities: dict[bytes, None] = {}


async def probe(interview: Interview, versions: TlsVersions, _schemes: SignatureSchemes | None) -> ClientAuthentication:
    """In the newest version up to TLS 1.2, and in TLS 1.3."""
    accepted = [version for version in Version if versions.versions.get(version.label) == "accepted"]
    found = _Found()
    older = [version for version in accepted if Version.SSLv2 < version < Version.TLSv1_3][-1:]
    for version, ask in [*((one, _in_clear) for one in older), (Version.TLSv1_3, _encrypted)]:
        if version not in accepted:
            continue
        try:
            await ask(interview, version, found)
        except AskFailedError as error:
            found.wanted[version.label], found.reasons[version.label] = "unknown", str(error)
        said = found.reasons.get(version.label, "")
        answered = f"client certificate: {found.wanted[version.label]}{f' ({said})' if said else ''}"
        interview.cite(
            f"{version.label} client",
            f"{version.label} without a client certificate",
            answered,
            interview.s_client(*_commands.version_options(version)),
        )
    return ClientAuthentication(
        wanted=found.wanted, authorities=tuple(map(_name, list(found.authorities)[:MOST])), reasons=found.reasons
    )


async def _in_clear(interview: Interview, version: Version, found: _Found) -> None:
    await _heard.acceptance(interview, version)
    requests = [flight.certificate_request for _, flight in _heard.of_version(interview, version)]
    wanted = [request for request in requests if request is not None]
    found.wanted[version.label] = "requested" if wanted else "none"
    for request in wanted:
        found.authorities |= dict.fromkeys(request.authorities)
    session = await interview.establish(tickets=True) if wanted else None
    if isinstance(session, Declined):
        found.wanted[version.label], found.reasons[version.label] = "required", session.how


async def _encrypted(interview: Interview, version: Version, found: _Found) -> None:
    handshake = await _tls13.shake_hands(interview, _tls13.hello(interview), finish=True)
    if handshake is None:
        found.wanted[version.label], found.reasons[version.label] = "unknown", "the handshake was declined"
        return
    request, alert = handshake.certificate_request, handshake.alert
    found.wanted[version.label] = "requested" if request else "none"
    if request:
        found.authorities |= dict.fromkeys(request.authorities)
    if request and alert is not None and alert.description in _WANTS_ONE:
        found.wanted[version.label], found.reasons[version.label] = "required", str(alert)


def _name(der: bytes) -> str:
    try:
        return printable(x509.Name.load(der).human_friendly, 200)
    except (ValueError, TypeError, KeyError):
        return f"malformed name {der[:16].hex()}"
