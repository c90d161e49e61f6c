"""PostgreSQL (OpenSSL): logins by `hostssl` alone, or by `host`, which takes them in the clear as well.

The server refuses to run as root, and to use a key that anybody can read.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS13_SUITES, TLS_1_2_UP, Configuration, Listener, Site, require_binary

USER, PASSWORD = "reader", "correct horse"
_INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
POSTGRES = str(_INSTALLED[-1]) if _INSTALLED else "postgres"


def _as_its_account() -> tuple[str, ...]:
    """What makes root drop to the account of the package."""
    return ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups") if os.geteuid() == 0 else ()


def _give(*paths: Path) -> None:
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        for path in paths:
            os.chown(path, account.pw_uid, account.pw_gid)


def _empty_database(shared: Path) -> Path:
    """An initialised data folder with one account, to copy from: made once a session, it takes a second."""
    template = shared / "postgresql-template"
    if template.exists():
        return template
    template.mkdir()
    password = shared / "postgresql-password"
    password.write_text(PASSWORD)
    _give(template)
    initdb = str(Path(require_binary(POSTGRES)).with_name("initdb"))
    options = ("--username", USER, "--pwfile", str(password), "--auth=scram-sha-256", "--no-sync", "--no-locale")
    command = [*_as_its_account(), initdb, "--pgdata", str(template), *options]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    return template


def _prepare(listener: Listener, line: str, settings: dict[str, str]) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        data = site.folder / "data"
        shutil.copytree(_empty_database(site.shared), data)
        tls = {}
        for spec in listener.certificates:
            issued = site.pki.issue(spec)
            shutil.copy(issued.key, data / "server.key")
            (data / "server.key").chmod(0o600)
            tls = {"ssl": "on", "ssl_cert_file": str(issued.served), "ssl_key_file": "server.key"}
        (data / "pg_hba.conf").write_text(f"{line} {site.address}/32 scram-sha-256\n")
        _give(data, *data.rglob("*"))
        always = {
            "listen_addresses": site.address,
            "port": str(site.ports["postgresql"]),
            "unix_socket_directories": "",
            "fsync": "off",
            "shared_buffers": "1MB",
        }
        options = [word for name, value in {**always, **tls, **settings}.items() for word in ("-c", f"{name}={value}")]
        return [*_as_its_account(), require_binary(POSTGRES), "-D", str(data), *options]

    return prepare


def _configuration(name: str, listener: Listener, line: str, **settings: str) -> Configuration:
    return Configuration(
        name=name,
        binary=(_as_its_account() or (POSTGRES,))[0],
        package="postgresql",
        tls="starttls-enforced",
        truth={"postgresql": listener},
        also={POSTGRES: "postgresql", "psql": "postgresql-client"},
        prepare=_prepare(listener, line, settings),
    )


AES_SUITES = frozenset(f"TLS_ECDHE_RSA_WITH_AES_{bits}_GCM_SHA{digest}" for bits, digest in ((256, 384), (128, 256)))
CURVE = {version: frozenset({"secp256r1"}) for version in TLS_1_2_UP}
"""`ssl_ecdh_curve`, unless told otherwise."""
SOUND = _configuration(
    "postgresql-sound",
    Listener(
        versions=TLS_1_2_UP,
        certificates=(CertificateSpec(),),
        starttls=True,
        credentials="refused",
        suites={"TLSv1.2": AES_SUITES, "TLSv1.3": TLS13_SUITES},
        groups=CURVE,
    ),
    "hostssl all all",
    ssl_min_protocol_version="TLSv1.2",
    ssl_ciphers="ECDHE+AESGCM",
)
DEFECTIVE = _configuration(
    "postgresql-defective",
    Listener(
        versions=frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2"}),
        certificates=(CertificateSpec(names=("other.example.test",)),),
        starttls=True,
        credentials="accepted",
        fails=frozenset({"tls-version-below-minimum", "name-not-covered", "credentials-before-tls"}),
        warns=frozenset({"cipher-suite-too-weak"}),
    ),
    "host all all",
    ssl_min_protocol_version="TLSv1",
    ssl_max_protocol_version="TLSv1.2",
    ssl_ciphers="DEFAULT:@SECLEVEL=0",
)
WITHOUT_TLS = _configuration(
    "postgresql-without-tls",
    Listener(
        starttls=False,
        credentials="accepted",
        fails=frozenset({"starttls-not-offered", "credentials-before-tls"}),
    ),
    "host all all",
)
ONE_USER = _configuration(
    "postgresql-one-user",
    Listener(
        versions=TLS_1_2_UP,
        certificates=(CertificateSpec(names=("other.example.test",)),),
        starttls=True,
        credentials="unknown",
        fails=frozenset({"name-not-covered"}),
        unknown=frozenset({"credentials-before-tls"}),
    ),
    f"host all {USER}",
    ssl_min_protocol_version="TLSv1.2",
    ssl_ciphers="ECDHE+AESGCM",
)
"""Takes a login in the clear, and nobody but the user can know: whoever else asks is turned away, with TLS or not."""
CONFIGURATIONS = (SOUND, DEFECTIVE, WITHOUT_TLS, ONE_USER)
