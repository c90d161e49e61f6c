"""OpenSSH's sshd, which encrypts without TLS: as Debian ships it but for its host keys, or with all that is old.

It cannot be made to leave out strict key exchange, so that Terrapin is shown by a fake (`tests/ssh_server.py`) alone.
"""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.servers.harness import Configuration, Listener, Site, require_binary

HOST_KEYS: dict[str, tuple[str, ...]] = {
    "ed25519": ("-t", "ed25519"),
    "ecdsa-nistp256": ("-t", "ecdsa", "-b", "256"),
    "ecdsa-nistp384": ("-t", "ecdsa", "-b", "384"),
    "rsa": ("-t", "rsa", "-b", "2048"),
    "rsa-1024": ("-t", "rsa", "-b", "1024"),
    "dsa": ("-t", "dsa"),
}
"""Name of a key's file → how `ssh-keygen` makes it."""


def key_file(folder: Path, name: str) -> Path:
    """The private key of this name in the folder of its server; the public one is beside it."""
    return folder / f"host_{name}"


def _prepare(keys: tuple[str, ...], options: Mapping[str, str]) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        if os.geteuid() == 0:  # where it would drop its privileges to; Debian's start script makes it
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        lines = [f"ListenAddress {site.address}:{site.ports['ssh']}", "PidFile none", "UsePAM no"]
        for name in keys:
            path = key_file(site.folder, name)
            command = [require_binary("ssh-keygen"), "-q", "-N", "", *HOST_KEYS[name], "-f", str(path)]
            subprocess.run(command, check=True, timeout=60, capture_output=True)
            lines.append(f"HostKey {path}")
        lines += [f"{keyword} {value}" for keyword, value in options.items()]
        settings = site.folder / "sshd_config"
        settings.write_text("\n".join(lines) + "\n")
        # an absolute path: it starts itself again for each connection
        return [require_binary("sshd"), "-D", "-e", "-f", str(settings)]

    return prepare


def _configuration(
    name: str, keys: tuple[str, ...], options: Mapping[str, str], *, fails: frozenset[str] = frozenset()
) -> Configuration:
    return Configuration(
        name=name,
        binary="sshd",
        package="openssh-server",
        tls="required",
        truth={"ssh": Listener(host_keys=keys, algorithms=options, fails=fails)},
        also=dict.fromkeys(("ssh", "ssh-keyscan", "ssh-keygen"), "openssh-client"),
        prepare=_prepare(keys, options),
        greetings={"ssh": b"SSH-2.0-OpenSSH"},
        needs_root=True,
    )


SOUND = _configuration("openssh-sound", ("ed25519", "ecdsa-nistp256", "rsa"), {})
DEFECTIVE = _configuration(
    "openssh-defective",
    ("rsa-1024", "dsa", "ecdsa-nistp384"),
    {
        "KexAlgorithms": "diffie-hellman-group1-sha1,diffie-hellman-group14-sha1",
        "HostKeyAlgorithms": "ssh-rsa,ssh-dss,ecdsa-sha2-nistp384",
        "Ciphers": "3des-cbc,aes128-cbc",
        "MACs": "hmac-md5,hmac-sha1-96,hmac-sha2-256-etm@openssh.com",
        "RequiredRSASize": "1024",
    },
    fails=frozenset({"ssh-algorithm-too-weak", "host-key-too-small"}),
)
CONFIGURATIONS = (SOUND, DEFECTIVE)
