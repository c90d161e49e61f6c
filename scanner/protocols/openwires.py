"""OpenWire over TLS from the first byte: ActiveMQ's transport `ssl`."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=61617, reach_tls=ReachTls.IMPLICIT, twins=("openwire",))
