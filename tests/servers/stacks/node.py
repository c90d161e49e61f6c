"""TLS servers of Node, which carries an OpenSSL of its own: four ages of it by four releases.

The Node of OpenSSL 1.0.1 takes one certificate; SSLv2 and SSLv3 are switched on by its flags. Up to 1.0.2 it has one
curve at a time (`ecdhCurve`), and DHE only with parameters given to it.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.servers.harness import Configuration, Listener, Site
from tests.servers.stacks.installed import HERE

OP_NO_SSL2, OP_NO_SSL3 = 0x01000000, 0x02000000
OP_PRIORITIZE_CHACHA = 0x00200000
SERVER = str(HERE / "node_server.js")


def configuration(
    name: str,
    binary: Path,
    package: str,
    listener: Listener,
    options: dict[str, Any],
    *,
    flags: tuple[str, ...] = (),
    dh_parameters: str | None = None,
) -> Configuration:
    """A Node of this path serving what `options` (of `tls.createServer`) say; `dh_parameters` are PEM."""
    return Configuration(
        name=name,
        binary=str(binary),
        package=package,
        tls="required",
        truth={"tls": listener},
        prepare=_prepare(listener, options, flags, dh_parameters),
    )


def _prepare(
    listener: Listener, options: dict[str, Any], flags: tuple[str, ...], dh_parameters: str | None
) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = [site.pki.issue(spec) for spec in listener.certificates]
        certificates = [str(one.served) for one in issued]
        keys = [str(one.key) for one in issued]
        whole: dict[str, Any] = {"address": site.address, "port": site.ports["tls"], **options}
        # the oldest take no lists
        whole["cert"], whole["key"] = (certificates, keys) if len(issued) > 1 else (certificates[0], keys[0])
        if dh_parameters:
            path = site.folder / "dh.pem"
            path.write_text(dh_parameters)
            whole["dhparam"] = str(path)
        written = site.folder / "options.json"
        written.write_text(json.dumps(whole))
        return ["node", *flags, SERVER, str(written)]

    return prepare
