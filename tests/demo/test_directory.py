"""LDAP of the estate, by OpenLDAP's client and by openssl."""

import subprocess
from typing import Any

import pytest

ldapsearch = pytest.mark.needs("ldapsearch")
openssl = pytest.mark.needs("openssl")


def search(running: Any, service: str, *options: str) -> subprocess.CompletedProcess[str]:
    host, port = running.address(service)
    command = ["ldapsearch", "-LLL", "-x", "-H", f"ldap://{host}:{port}", "-s", "base", "-b", "", *options, "+"]
    environment = {"LDAPTLS_CACERT": str(running.ca), "LDAPTLS_REQCERT": "allow", "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, env=environment)


@ldapsearch
@pytest.mark.parametrize(("service", "code"), [("ldap-good", 13), ("ldap-bind-in-clear", 49)])
def test_a_bind_in_the_clear(running: Any, service: str, code: int) -> None:
    assert search(running, service, "-D", "cn=nobody", "-w", "none").returncode == code


@ldapsearch
@pytest.mark.parametrize("service", ["ldap-good", "ldap-bind-in-clear"])
def test_a_bind_through_start_tls(running: Any, service: str) -> None:
    assert search(running, service, "-ZZ", "-D", "cn=nobody", "-w", "none").returncode == 49


@ldapsearch
def test_the_root_dse(running: Any) -> None:
    found = search(running, "ldap-good")
    assert found.returncode == 0
    assert "supportedExtension: 1.3.6.1.4.1.1466.20037" in found.stdout


@openssl
@pytest.mark.parametrize("service", ["ldap-good", "ldap-bind-in-clear"])
def test_start_tls_and_certificate(running: Any, service: str) -> None:
    host, port = running.address(service)
    command = ["openssl", "s_client", "-connect", f"{host}:{port}", "-starttls", "ldap", "-verify_return_error"]
    trust = ["-CAfile", str(running.ca), "-verify_hostname", running.server_name(service)]
    said = subprocess.run([*command, *trust], stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    assert said.returncode == 0, said.stderr
    assert b"Verify return code: 0 (ok)" in said.stdout
