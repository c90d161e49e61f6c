"""MongoDB over implicit TLS (`net.tls.mode: requireTLS`), on the same port; where it takes both, declare both."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=27017, reach_tls=ReachTls.IMPLICIT)
