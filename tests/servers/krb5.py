"""MIT Kerberos' KDC, over UDP and over TCP: AES alone, or RC4 and triple DES as well.

Which encryption types it uses is decided three times: by the keys that were made (`supported_enctypes`), by what it
permits (`permitted_enctypes`), and by `allow_rc4` and `allow_des3` for session keys. Single DES it no longer has.
"""

import subprocess
from collections.abc import Callable, Collection
from pathlib import Path

from tests.servers.harness import Configuration, Listener, Site, require_binary

REALM = "EXAMPLE.TEST"
USER, PASSWORD = "alice", "correct horse"
NAMES = {
    "aes256-cts": "aes256-cts-hmac-sha1-96",
    "aes128-cts": "aes128-cts-hmac-sha1-96",
    "aes256-sha2": "aes256-cts-hmac-sha384-192",
    "aes128-sha2": "aes128-cts-hmac-sha256-128",
    "camellia256-cts": "camellia256-cts-cmac",
    "camellia128-cts": "camellia128-cts-cmac",
    "rc4-hmac": "rc4-hmac",
    "des3-cbc-sha1": "des3-cbc-sha1-kd",
}
"""MIT's name → IANA's, of all that it has."""


def _environment(folder: Path) -> dict[str, str]:
    files = {"KRB5_CONFIG": folder / "krb5.conf", "KRB5_KDC_PROFILE": folder / "kdc.conf"}
    return {name: str(path) for name, path in files.items()} | {"KRB5RCACHENAME": "none:"}


def _prepare(types: tuple[str, ...], options: str) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        folder = site.folder
        (folder / "krb5.conf").write_text(
            f"""
[libdefaults]
default_realm = {REALM}
dns_lookup_kdc = false
dns_lookup_realm = false
{options}
"""
        )
        (folder / "kdc.conf").write_text(
            f"""
[kdcdefaults]
kdc_listen = {site.address}:{site.ports["kerberos"]}
kdc_tcp_listen = {site.address}:{site.ports["kerberos-tcp"]}
[realms]
{REALM} = {{
    database_name = {folder}/principal
    key_stash_file = {folder}/stash
    acl_file = {folder}/acl
    supported_enctypes = {" ".join(f"{one}:normal" for one in types)}
    default_principal_flags = +preauth
}}
[logging]
kdc = STDERR
"""
        )
        environment = _environment(folder)
        for command in (
            ["kdb5_util", "-r", REALM, "create", "-s", "-P", "master"],
            ["kadmin.local", "-r", REALM, "-q", f'addprinc -pw "{PASSWORD}" {USER}'],
        ):
            program = [require_binary(command[0]), *command[1:]]
            subprocess.run(program, check=True, timeout=60, capture_output=True, env=environment, cwd=folder)
        words = [f"{name}={value}" for name, value in environment.items()]
        return ["env", *words, require_binary("krb5kdc"), "-n", "-P", str(folder / "pid")]

    return prepare


def _configuration(name: str, types: tuple[str, ...], options: str = "", fails: Collection[str] = ()) -> Configuration:
    listener = Listener(encryption_types=frozenset(NAMES[one] for one in types), fails=frozenset(fails))
    return Configuration(
        name=name,
        binary="env",
        package="coreutils",
        tls="none",
        truth={"kerberos": listener, "kerberos-tcp": listener},
        udp=frozenset({"kerberos"}),
        also={"krb5kdc": "krb5-kdc", "kadmin.local": "krb5-admin-server", "kinit": "krb5-user"},
        prepare=_prepare(types, options),
    )


SOUND = _configuration("krb5-sound", ("aes256-sha2", "aes256-cts", "aes128-cts"))
PERMITTED = "permitted_enctypes = aes256-cts rc4-hmac des3-cbc-sha1"
DEFECTIVE = _configuration(
    "krb5-defective",
    ("aes256-cts", "rc4-hmac", "des3-cbc-sha1"),
    f"allow_weak_crypto = true\nallow_rc4 = true\nallow_des3 = true\n{PERMITTED}",
    ["kerberos-encryption-too-weak"],
)
CONFIGURATIONS = (SOUND, DEFECTIVE)
