"""xmpp-server differs from xmpp, and is tested with it, but for its port and its name in openssl."""

from scanner.model import ReachTls
from scanner.protocols import protocol


def test_port() -> None:
    known = protocol("xmpp-server")
    assert (known.port, known.reach_tls, known.starttls) == (5269, ReachTls.UPGRADE, "xmpp-server")
    assert "jabber:server" in known.reproduce
