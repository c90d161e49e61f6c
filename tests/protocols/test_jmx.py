"""JMX's registry is one of RMI; what it names is in tests/probes/test_java_rmi.py."""

from scanner.model import ReachTls
from scanner.protocols import protocol


def test_port() -> None:
    assert (protocol("jmx").port, protocol("jmx").reach_tls) == (9999, ReachTls.NEVER)
    assert protocol("jmx").converse is protocol("rmi").converse
