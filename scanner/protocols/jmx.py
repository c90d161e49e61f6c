"""JMX over RMI (JSR 160): a registry, in the clear, that names the connector `jmxrmi` on a port of its own."""

from dataclasses import replace

from scanner.protocols import rmi

PROTOCOL = replace(rmi.PROTOCOL, port=9999)
