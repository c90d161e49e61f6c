"""RabbitMQ (Erlang's TLS): AMQP 0-9-1 over TLS alone, and beside it in the clear, where it lists PLAIN.

Up to TLS 1.2 Erlang takes curves of 163 bits and knows no extended master secret; a sound one is left with TLS 1.3. It
starts without Erlang's port mapper, a daemon that would outlive it; that takes some four seconds.
"""

import shlex
from collections.abc import Callable

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import Configuration, Listener, Site, free_ports

USER, PASSWORD = "guest", "guest"  # of a new server, from its own host
BINARY = "/usr/lib/rabbitmq/bin/rabbitmq-server"
ERLANG = {"TLSv1.3": "tlsv1.3", "TLSv1.2": "tlsv1.2", "TLSv1.1": "tlsv1.1", "TLSv1.0": "tlsv1"}


def _prepare(over_tls: Listener) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(over_tls.certificates[0])
        folder = site.folder
        listeners = {
            "listeners.tcp.1": f"{site.address}:{site.ports['amqp']}" if "amqp" in site.ports else "",
            "listeners.ssl.1": f"{site.address}:{site.ports['amqps']}",
            "ssl_options.certfile": str(issued.served),
            "ssl_options.cacertfile": str(issued.served),  # from which the intermediate is taken
            "ssl_options.keyfile": str(issued.key),
            **{f"ssl_options.versions.{number}": ERLANG[one] for number, one in enumerate(sorted(over_tls.versions))},
        }
        lines = [f"{key} = {value}" for key, value in listeners.items() if value]
        if "amqp" not in site.ports:
            lines.append("listeners.tcp = none")
        (folder / "rabbitmq.conf").write_text("\n".join((*lines, "")))
        (folder / "plugins").write_text("[].")
        node = f"{site.ports['amqps']}@localhost"
        distribution = f"-sname {node} -start_epmd false -erl_epmd_port {free_ports('127.0.0.1', 1)[0]}"
        environment = {
            "HOME": str(folder),  # of Erlang's cookie
            "RABBITMQ_NODENAME": node,
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{distribution} -kernel inet_dist_use_interface {{127,0,0,1}}",
        }
        script = folder / "start.sh"
        exports = "".join(f"export {key}={shlex.quote(value)}\n" for key, value in environment.items())
        script.write_text(f"{exports}exec {BINARY}\n")
        return ["sh", str(script)]

    return prepare


def _configuration(name: str, truth: dict[str, Listener]) -> Configuration:
    return Configuration(
        name=name,
        binary="sh",
        package="dash",
        tls="required",
        truth=truth,
        also={BINARY: "rabbitmq-server", "amqp-get": "amqp-tools"},
        prepare=_prepare(truth["amqps"]),
    )


SOUND = _configuration(
    "rabbitmq-sound", {"amqps": Listener(versions=frozenset({"TLSv1.3"}), certificates=(CertificateSpec(),))}
)
DEFECTIVE = _configuration(
    "rabbitmq-defective",
    {
        "amqp": Listener(credentials="accepted", fails=frozenset({"plaintext-port-open", "credentials-before-tls"})),
        "amqps": Listener(
            versions=frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2"}),
            certificates=(CertificateSpec(validity="future"),),
            fails=frozenset({"tls-version-below-minimum", "certificate-not-yet-valid", "key-exchange-too-weak"}),
            warns=frozenset({"cipher-suite-too-weak", "extended-master-secret-missing"}),
        ),
    },
)
CONFIGURATIONS = (SOUND, DEFECTIVE)
