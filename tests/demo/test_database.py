"""MySQL of the estate, by MariaDB's client and by openssl."""

import subprocess
from typing import Any

import pytest

mariadb = pytest.mark.needs("mariadb")
openssl = pytest.mark.needs("openssl")


def log_in(running: Any, service: str, *options: str) -> str:
    host, port = running.address(service)
    command = ["mariadb", "--no-defaults", "-h", host, "-P", str(port), "-u", "nobody", *options, "-e", "select 1"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert said.returncode != 0
    return said.stderr


@mariadb
@pytest.mark.parametrize(("service", "code"), [("mysql-good", 3159), ("mysql-login-in-clear", 1045)])
def test_a_login_in_the_clear(running: Any, service: str, code: int) -> None:
    assert f"ERROR {code} " in log_in(running, service, "--skip-ssl")


@mariadb
@pytest.mark.parametrize("service", ["mysql-good", "mysql-login-in-clear"])
def test_a_login_through_tls(running: Any, service: str) -> None:
    assert "ERROR 1045 (28000)" in log_in(running, service, "--ssl", f"--ssl-ca={running.ca}")


@openssl
@pytest.mark.parametrize("service", ["mysql-good", "mysql-login-in-clear"])
def test_ssl_request_and_certificate(running: Any, service: str) -> None:
    host, port = running.address(service)
    command = ["openssl", "s_client", "-connect", f"{host}:{port}", "-starttls", "mysql", "-verify_return_error"]
    trust = ["-CAfile", str(running.ca), "-verify_hostname", running.server_name(service)]
    said = subprocess.run([*command, *trust], stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    assert said.returncode == 0, said.stderr
    assert b"Verify return code: 0 (ok)" in said.stdout
