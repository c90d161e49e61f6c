"""AMQP over implicit TLS (AMQP 1.0 §5.2)."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=5671, reach_tls=ReachTls.IMPLICIT, twins=("amqp",))
