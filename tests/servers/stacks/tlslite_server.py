"""A TLS server of tlslite-ng: python tlslite_server.py OPTIONS.json."""

import json
import socketserver
import sys
from pathlib import Path

from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey
from tlslite.errors import BaseTLSException

options = json.loads(Path(sys.argv[1]).read_text())
identity = {"anon": not options["cert"]}
for certificate, key in zip(options["cert"], options["key"], strict=True):
    chain = X509CertChain()
    chain.parsePemList(Path(certificate).read_text())
    identity |= {"certChain": chain, "privateKey": parsePEMKey(Path(key).read_text(), private=True)}
settings = HandshakeSettings()
for name, value in options["settings"].items():
    setattr(settings, name, tuple(value) if name.endswith("Version") else value)
settings = settings.validate()


class Server(socketserver.ThreadingTCPServer):
    """A thread a connection."""

    allow_reuse_address = True
    daemon_threads = True


class Handler(socketserver.BaseRequestHandler):
    """Shake hands, say hello, close."""

    def handle(self) -> None:
        """Whoever is declined has got the alert."""
        connection = TLSConnection(self.request)
        try:
            connection.handshakeServer(settings=settings, **identity)
            connection.sendall(b"hello\n")
            connection.close()
        except (BaseTLSException, OSError):
            pass


Server((options["address"], options["port"]), Handler).serve_forever()
