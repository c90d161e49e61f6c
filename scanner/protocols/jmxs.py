"""JMX over RMI whose registry speaks TLS from the first byte (`com.sun.management.jmxremote.registry.ssl=true`)."""

from scanner.model import ReachTls
from scanner.protocols import Protocol
from scanner.protocols.rmi import ACTIVE

PROTOCOL = Protocol(port=9999, reach_tls=ReachTls.IMPLICIT, active=ACTIVE)
