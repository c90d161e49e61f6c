"""Reachability alone."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=None, reach_tls=ReachTls.NEVER)
