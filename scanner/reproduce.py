"""Commands with public tools that put the same question to an endpoint again."""

import shlex

from scanner.model import Endpoint
from scanner.protocols import Protocol


def s_client(endpoint: Endpoint, protocol: Protocol, *options: str) -> str:
    """An `openssl s_client` command that asks this endpoint the same; `-noservername` among the options wins."""
    address = f"[{endpoint.address}]" if ":" in endpoint.address else endpoint.address
    words = ["openssl", "s_client", "-connect", f"{address}:{endpoint.port}"]
    if "-noservername" not in options and "-servername" not in options:
        words += ["-servername", endpoint.server_name] if endpoint.server_name else ["-noservername"]
    words += ["-starttls", protocol.starttls] if protocol.starttls else []
    return shlex.join([*words, *options]) + " </dev/null"


def in_the_clear(endpoint: Endpoint, protocol: Protocol) -> str:
    """A command that shows the conversation in the clear."""
    url_host = f"[{endpoint.identity}]" if ":" in endpoint.identity else endpoint.identity
    numeric = f"[{endpoint.address}]" if ":" in endpoint.address else endpoint.address
    words = {"host": url_host, "address": endpoint.address, "numeric": numeric, "port": str(endpoint.port)}
    return protocol.reproduce.format(**{key: shlex.quote(word) for key, word in words.items()})
