"""lighttpd, which has a module for each of several TLS libraries: see mbedtls.py and wolfssl.py."""

from collections.abc import Callable, Mapping

from tests.servers.harness import Configuration, Listener, Site


def configuration(library: str, name: str, listener: Listener, commands: Mapping[str, str]) -> Configuration:
    """lighttpd with mod_`library`; `commands` are of `ssl.openssl.ssl-conf-cmd`."""
    return Configuration(
        name=f"{library}-{name}",
        binary="lighttpd",
        package="lighttpd",
        also={f"/usr/lib/lighttpd/mod_{library}.so": f"lighttpd-mod-{library}"},
        tls="required",
        truth={"tls": listener},
        prepare=_prepare(library, listener, commands),
    )


def _prepare(library: str, listener: Listener, commands: Mapping[str, str]) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(listener.certificates[0])
        (site.folder / "index.html").write_text("hello\n")
        pairs = ", ".join(f'"{key}" => "{value}"' for key, value in commands.items())
        written = site.folder / "lighttpd.conf"
        written.write_text(
            f"""
server.modules = ("mod_indexfile", "mod_staticfile", "mod_{library}")
server.document-root = "{site.folder}"
server.bind = "{site.address}"
server.port = {site.ports["tls"]}
index-file.names = ("index.html")
ssl.engine = "enable"
ssl.pemfile = "{issued.served}"
ssl.privkey = "{issued.key}"
ssl.openssl.ssl-conf-cmd = ({pairs})
"""
        )
        return ["lighttpd", "-D", "-f", str(written)]

    return prepare
