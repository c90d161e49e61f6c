"""`openssl s_server`, for what the standard library cannot configure; one connection after the other."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.probes.tls_servers import RSA
from tests.servers.certificates import CertificateSpec, Pki


@contextmanager
def s_server(pki: Pki, *options: str, specs: tuple[CertificateSpec, ...] = (RSA,)) -> Iterator[int]:
    """Serve with these certificates (an RSA and an ECDSA one at most) and options; the port on loopback."""
    words = ["openssl", "s_server", "-accept", "127.0.0.1:0", *options]
    words += [] if "-early_data" in options else ["-www"]  # which do not go together
    for prefix, spec in zip(("", "d"), specs, strict=False):
        issued = pki.issue(spec)
        words += [f"-{prefix}cert", str(issued.served), f"-{prefix}key", str(issued.key)]
        words += [f"-{prefix}cert_chain", str(issued.served)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        assert server.stdout is not None
        said = ""
        try:
            for line in server.stdout:
                said += line
                if line.startswith("ACCEPT"):
                    yield int(line.rpartition(":")[2])
                    break
            else:
                raise AssertionError(said)
        finally:
            server.terminate()
