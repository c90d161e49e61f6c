"""XMPP between client and server over implicit TLS (XEP-0368)."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=5223, reach_tls=ReachTls.IMPLICIT, alpn=("xmpp-client",), twins=("xmpp",))
