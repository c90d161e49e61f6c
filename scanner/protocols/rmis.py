"""A Java RMI registry over TLS from the first byte (`SslRMIServerSocketFactory`); it has no port of its own."""

from scanner.model import ReachTls
from scanner.protocols import Protocol
from scanner.protocols.rmi import ACTIVE

PROTOCOL = Protocol(port=1099, reach_tls=ReachTls.IMPLICIT, active=ACTIVE)
