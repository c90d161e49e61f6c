"""FTP over implicit TLS; registered at 990, described by no RFC."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=990, reach_tls=ReachTls.IMPLICIT, twins=("ftp",))
