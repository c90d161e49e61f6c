"""One authenticated handshake on a connection of ours, by pyOpenSSL over memory BIOs.

Only for what is encrypted in TLS 1.3. The OpenSSL is the one in cryptography's wheel: the same on every host.
"""

import re
from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.bindings.openssl.binding import Binding
from OpenSSL import SSL, crypto

from scanner.model import AskFailedError, FailureKind
from scanner.net.dial import Connection
from scanner.wire.text import printable

CHUNK = 1 << 14
_binding = Binding()

SCHEMES = {
    "rsa": (
        "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512"
        ":rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512"
    ),
    "ecdsa": "ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:ecdsa_secp521r1_sha512:ed25519:ed448",
}
# For signatures inside the chain only: RFC 8446 §4.2.3 allows PKCS #1 in certificates, never in CertificateVerify.
_IN_CHAINS = ":RSA+SHA256:RSA+SHA384:RSA+SHA512"

_DECLINED = re.compile(
    r"(ssl/tls|sslv3|tlsv1|tlsv13) alert"
    r" (handshake failure|insufficient security|illegal parameter|access denied|unsupported certificate|no certificate)"
)
"""What OpenSSL calls the alerts that decline what was offered; others (unrecognized name, internal error …) tell
nothing. Rustls answers access_denied (49) when it has no certificate of the kind."""


@dataclass(frozen=True)
class Handshake:
    """What a completed handshake showed."""

    version: str
    suite: str
    group: str | None
    alpn: str | None
    chain: tuple[bytes, ...]
    """DER, leaf first, as served."""


@cache
def _context(key_type: str) -> SSL.Context:
    """One context a key type for the whole scan: building one costs more than a handshake."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_3_VERSION)
    context.set_verify(SSL.VERIFY_NONE)  # the chain is a fact; what it is worth is judged later
    context.set_cipher_list(b"ALL:@SECLEVEL=0")
    # pyOpenSSL has no public call for signature algorithms, and they are how a server is asked for one of its two keys
    _binding.lib.SSL_CTX_set1_sigalgs_list(context._context, (SCHEMES[key_type] + _IN_CHAINS).encode())
    return context


async def handshake(
    connection: Connection, key_type: str, server_name: str | None, alpn: tuple[str, ...]
) -> Handshake | None:
    """Shake hands in TLS 1.3, offering signatures of one key type; None when the server declines that by an alert.

    Raises AskFailedError when the connection ends first, the alert is about something else, or the server's messages do
    not verify.
    """
    tls = SSL.Connection(_context(key_type), None)
    tls.set_connect_state()
    if server_name:
        tls.set_tlsext_host_name(server_name.encode("idna" if not server_name.isascii() else "ascii"))
    if alpn:
        tls.set_alpn_protos([name.encode("ascii") for name in alpn])
    while True:
        try:
            tls.do_handshake()
        except SSL.WantReadError:
            _flush(tls, connection)
            await connection.more()
            tls.bio_write(bytes(connection.buffer))
            connection.buffer.clear()
        except SSL.Error as error:
            _raise_unless_declined(error)
            return None
        else:
            _flush(tls, connection)
            return _result(tls)


def _flush(tls: SSL.Connection, connection: Connection) -> None:
    while True:
        try:
            connection.send(tls.bio_read(CHUNK))
        except SSL.WantReadError:
            return


def _raise_unless_declined(error: SSL.Error) -> None:
    reasons = [str(part[2]) for part in (error.args[0] if error.args else [])]
    if any(_DECLINED.fullmatch(reason) for reason in reasons):
        return
    raise AskFailedError(FailureKind.MALFORMED, printable("handshake: " + ", ".join(reasons or ["unknown error"]), 200))


def _result(tls: SSL.Connection) -> Handshake:
    chain = tls.get_peer_cert_chain() or []
    return Handshake(
        version=tls.get_protocol_version_name(),
        suite=tls.get_cipher_name() or "",
        group=tls.get_group_name(),
        alpn=tls.get_alpn_proto_negotiated().decode("ascii", "backslashreplace") or None,
        # not through cryptography's parser, which takes less than OpenSSL's: what is malformed is a fact, too
        chain=tuple(crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate) for certificate in chain),
    )
