"""A multicast group, such as Hazelcast's 224.2.2.3:54327: whether its traffic reaches this host, by listening alone.

A group has no owner that could be asked, and what would make its members answer is a request to join them, which a
guest does not send. So the group is joined for as long as a connect may take: a datagram heard is `open`, and hearing
none is unknown, since members may be silent for minutes.
"""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=None, reach_tls=ReachTls.NEVER, transport="multicast")
