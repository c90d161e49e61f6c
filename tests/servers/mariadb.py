"""MariaDB (OpenSSL): TLS required of every login, or not.

MariaDB 10.11 answers a login in the clear with error 1045 whether TLS is missing or the password is wrong: what it does
with credentials before TLS cannot be told without an account.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import TLS_1_2_UP, Configuration, Listener, Site, require_binary

USER, PASSWORD = "reader", "correct horse"
INNODB = ("--innodb-buffer-pool-size=8M", "--innodb-log-file-size=4M", "--innodb-flush-method=nosync")


def _empty_database(shared: Path) -> Path:
    """An initialised data folder to copy from: made once a session, it takes a second."""
    template = shared / "mariadb-template"
    if not template.exists():
        command = [require_binary("mariadb-install-db"), "--no-defaults", f"--datadir={template}", _user(), *INNODB]
        command += ["--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(command, check=True, timeout=120, capture_output=True)
    return template


def _user() -> str:
    """MariaDB refuses to run as root unless told that this is meant."""
    return f"--user={pwd.getpwuid(os.geteuid()).pw_name}"


def _prepare(listener: Listener, options: tuple[str, ...]) -> Callable[[Site], list[str]]:
    def prepare(site: Site) -> list[str]:
        issued = site.pki.issue(listener.certificates[0])
        folder = site.folder
        shutil.copytree(_empty_database(site.shared), folder / "data")
        accounts = folder / "accounts.sql"
        accounts.write_text(f"CREATE USER {USER}@'%' IDENTIFIED BY '{PASSWORD}';\n")
        return [
            *("mariadbd", "--no-defaults", _user(), f"--datadir={folder}/data", *INNODB),
            *(
                f"--socket={folder}/socket",
                f"--pid-file={folder}/pid",
                f"--init-file={accounts}",
                "--skip-name-resolve",
            ),
            *(f"--bind-address={site.address}", f"--port={site.ports['mysql']}"),
            *(f"--ssl-cert={issued.served}", f"--ssl-key={issued.key}"),
            f"--tls-version={','.join(sorted(listener.versions))}",
            *options,
        ]

    return prepare


def _configuration(name: str, listener: Listener, *options: str) -> Configuration:
    return Configuration(
        name=name,
        binary="mariadbd",
        package="mariadb-server",
        tls="starttls-enforced",
        truth={"mysql": listener},
        also={"mariadb": "mariadb-client"},
        prepare=_prepare(listener, options),
        greetings={"mysql": b"mysql_native_password"},
    )


UNKNOWN = frozenset({"credentials-before-tls"})
SOUND = _configuration(
    "mariadb-sound",
    Listener(
        versions=TLS_1_2_UP,
        certificates=(CertificateSpec(),),
        starttls=True,
        credentials="unknown",
        unknown=UNKNOWN,
        suites={
            "TLSv1.2": frozenset({"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"})
        },
    ),
    "--require-secure-transport=ON",
    "--ssl-cipher=ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384",
)
DEFECTIVE = _configuration(
    "mariadb-defective",
    Listener(
        versions=frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2"}),
        certificates=(CertificateSpec(validity="future"),),
        starttls=True,
        credentials="unknown",
        fails=frozenset({"tls-version-below-minimum", "certificate-not-yet-valid"}),
        warns=frozenset({"cipher-suite-too-weak"}),
        unknown=UNKNOWN,
    ),
    "--require-secure-transport=OFF",
    "--ssl-cipher=DEFAULT:@SECLEVEL=0",
)
CONFIGURATIONS = (SOUND, DEFECTIVE)
