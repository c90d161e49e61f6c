"""MQTT over implicit TLS (OASIS MQTT 5.0 §4.2; ALPN: IANA registry)."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=8883, reach_tls=ReachTls.IMPLICIT, alpn=("mqtt",), twins=("mqtt",))
