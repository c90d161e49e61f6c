"""LDAP over implicit TLS; registered at 636, described by no RFC."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=636, reach_tls=ReachTls.IMPLICIT, twins=("ldap",))
