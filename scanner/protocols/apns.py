"""Apple Push Notification service, binary provider interface; APNs over HTTP/2 is `https`."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=2195, reach_tls=ReachTls.IMPLICIT)
