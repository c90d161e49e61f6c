"""Redis and Valkey over implicit TLS (`tls-port`); no port is registered."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=6380, reach_tls=ReachTls.IMPLICIT, twins=("redis",))
