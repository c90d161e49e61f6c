"""The whole way, from an inventory to report.json and the exit status, over real servers.

What is expected comes from the servers' configurations, which `test_truth.py` confirms with other people's clients.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servers import clients, openssh
from tests.servers.conftest import CONFIGURATIONS
from tests.servers.harness import Listener, Running, free_ports

pytestmark = pytest.mark.real

SECONDS = 120
UNDECIDABLE = {
    "rule": "credentials-before-tls",
    "service": "mariadb-*",
    "reason": "MariaDB answers alike in both cases; its configuration was audited",
    "owner": "database team",
    "expires": "2099-12-31",
}


def service(running: Running) -> dict[str, Any]:
    """The service that a configuration's `fails` assumes."""
    return {
        "id": running.configuration.name,
        "endpoints": [
            {
                "url": f"{scheme}://{running.server_name}:{port}",
                "address": running.address,
                "server_name": running.server_name,
            }
            for scheme, port in running.ports.items()
        ],
        "tls": running.configuration.tls,
        "certificate": {"trust": [str(running.ca_pem)]},
    }


def tlsassay(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scanner", *words], capture_output=True, text=True, timeout=SECONDS, check=False
    )


def scan(
    folder: Path, services: Iterable[dict[str, Any]], waivers: Iterable[dict[str, str]] = (), *words: str
) -> tuple[int, dict[str, Any], str]:
    """Exit status, report.json and output of `tlsassay scan`."""
    inventory = folder / "inventory.yaml"
    document = {"name": "real servers", "services": list(services), "waivers": list(waivers)}
    inventory.write_text(yaml.safe_dump(document, sort_keys=False))
    ended = tlsassay("scan", str(inventory), "--output", str(folder / "runs"), *words)
    assert "Traceback" not in ended.stderr, ended.stderr
    report = json.loads((folder / "runs" / "real-servers" / "latest" / "report.json").read_text())
    return ended.returncode, report, ended.stdout


def facts(report: dict[str, Any], running: Running, scheme: str) -> dict[str, Any]:
    """Observations by probe of one listener; a failed probe has None."""
    url = f"{scheme}://{running.server_name}:{running.ports[scheme]}"
    (found,) = (one for one in report["endpoints"] if one["url"] == url)
    return {probe: attempt.get("observation") for probe, attempt in found["attempts"].items()}


def verdicts(report: dict[str, Any], running: Running, scheme: str, verdict: str) -> set[str]:
    url = f"{scheme}://{running.server_name}:{running.ports[scheme]}"
    return {one["rule"] for one in report["findings"] if one["url"] == url and one["verdict"] == verdict}


def check_against_configuration(report: dict[str, Any], running: Running) -> None:
    for scheme, listener in running.truth.items():
        seen = facts(report, running, scheme)
        assert seen["reachability"]["state"] == "open"
        if listener.versions:
            versions = seen["tls_versions"]["versions"]
            assert {name for name, answer in versions.items() if answer == "accepted"} == listener.versions, scheme
            assert "unknown" not in versions.values(), seen["tls_versions"]
            served = {
                chain["key_type"]: [one["sha256"] for one in chain["certificates"]]
                for chain in seen["certificate"]["chains"]
            }
            assert {key: chain[0] for key, chain in served.items()} == {
                key: issued.sha256 for key, issued in running.certificates(scheme).items()
            }, scheme
            for version, names in listener.suites.items():
                assert set(seen["cipher_suites"]["suites"][version]) == names, (scheme, version)
            assert set(seen["cipher_suites"]["suites"]) == listener.versions
            for version, names in listener.groups.items():
                assert set(seen["groups"]["groups"][version]) == names, (scheme, version)
            assert listener.dh_bits in (None, seen["groups"]["dh_bits"]), scheme
        if listener.starttls is not None:
            assert seen["cleartext"]["tls_offered"] is listener.starttls, scheme
        if listener.starttls and scheme in {"imap", "smtp", "submission", "ldap"}:
            assert seen["upgrade"]["injection"] == "dropped", seen["upgrade"]
            assert seen["upgrade"]["after"]["tls_offered"] is False
        assert seen["cleartext"]["credentials"] == listener.credentials, (scheme, seen["cleartext"])
        assert seen["cleartext"].get("redirect") == running.redirect(scheme)
        if listener.host_keys:
            check_ssh(seen["ssh"], running, listener)
        if listener.encryption_types:
            answers = seen["kerberos"]["encryption_types"]
            assert {name for name, answer in answers.items() if answer == "accepted"} == listener.encryption_types
            assert set(answers.values()) == {"accepted", "refused"}
        assert verdicts(report, running, scheme, "fail") == listener.fails, scheme
        assert verdicts(report, running, scheme, "warn") == listener.warns, scheme
        if listener.versions or listener.encryption_types or scheme in ("http", "ssh"):
            assert verdicts(report, running, scheme, "unknown") == listener.unknown, scheme


def check_ssh(seen: dict[str, Any], running: Running, listener: Listener) -> None:
    """Lists as `sshd -T` has them, keys as `ssh-keygen -l` prints them."""
    holds = clients.sshd_configured(running)
    assert seen["key_exchange"] == holds["kexalgorithms"].split(",")
    for field, keyword in (("ciphers", "ciphers"), ("macs", "macs")):
        assert seen[field] == dict.fromkeys(("to_server", "to_client"), holds[keyword].split(",")), field
    assert seen["host_key_algorithms"] == list(clients.ssh_offers(running)["host key algorithms"])
    files = [f"{openssh.key_file(running.folder, name)}.pub" for name in listener.host_keys]
    assert {(key["bits"], key["fingerprint"]) for key in seen["host_keys"]} == set(map(clients.ssh_keygen, files))
    assert {key["public_key"] for key in seen["host_keys"]} == {
        " ".join(Path(file).read_text().split()[:2]) for file in files
    }
    assert (seen["reasons"], seen["not_asked"], seen["strict_key_exchange"], seen["terrapin"]) == ({}, [], True, [])


def test_each_server_comes_out_as_it_is_configured(running_server: Running, tmp_path: Path) -> None:
    status, report, output = scan(tmp_path, [service(running_server)])
    check_against_configuration(report, running_server)
    fails = set().union(*(listener.fails for listener in running_server.truth.values()))
    unknown = set().union(*(listener.unknown for listener in running_server.truth.values()))
    assert status == (1 if fails else 3 if unknown else 0)
    for rule in fails:
        assert rule in output


@pytest.fixture(scope="session")
def all_running(request: pytest.FixtureRequest) -> list[Running]:
    return [request.getfixturevalue(one.name.replace("-", "_")) for one in CONFIGURATIONS]


def test_all_servers_in_one_inventory(all_running: list[Running], tmp_path: Path) -> None:
    status, report, _ = scan(tmp_path, map(service, all_running))
    assert status == 1
    assert report["run"]["complete"]
    for running in all_running:
        check_against_configuration(report, running)


def test_depth_quick_finds_the_same(all_running: list[Running], tmp_path: Path) -> None:
    status, report, _ = scan(tmp_path, map(service, all_running), (), "--depth", "quick")
    assert status == 1
    for running in all_running:
        for scheme, listener in running.truth.items():
            assert verdicts(report, running, scheme, "fail") == listener.fails, (running.configuration.name, scheme)
            assert verdicts(report, running, scheme, "warn") == listener.warns, (running.configuration.name, scheme)
            if listener.versions:
                unknown = verdicts(report, running, scheme, "unknown")
                assert unknown == listener.unknown, (running.configuration.name, scheme)


def sound(everything: list[Running]) -> list[Running]:
    return [one for one in everything if not any(listener.fails for listener in one.truth.values())]


def test_sound_servers_only_exit_0(all_running: list[Running], tmp_path: Path) -> None:
    fine = sound(all_running)
    assert {one.configuration.name.partition("-")[0] for one in fine} == {
        "nginx",
        "dovecot",
        "postfix",
        "slapd",
        "mariadb",
        "prosody",
        "mosquitto",
        "rabbitmq",
        "unbound",
        "chrony",
        "kamailio",
        "openssh",
        "vsftpd",
        "inn",
        "ngircd",
        "postgresql",
        "redis",
        "memcached",
        "xrdp",
        "krb5",
        "java",
        "activemq",
    }
    status, report, _ = scan(tmp_path, map(service, fine), [UNDECIDABLE])
    assert (status, report["summary"]["fail"], report["summary"]["unknown"]) == (0, 0, 0)
    assert report["summary"]["waived"] == 1


def test_what_nobody_can_decide_is_inconclusive_unless_waived(all_running: list[Running], tmp_path: Path) -> None:
    status, report, _ = scan(tmp_path, map(service, sound(all_running)))
    assert status == 3
    (open_question,) = (one for one in report["findings"] if one["verdict"] == "unknown")
    assert open_question["rule"] == "credentials-before-tls"
    assert "MariaDB" in open_question["message"]


def test_nothing_listening_is_not_compliant(tmp_path: Path) -> None:
    ports = free_ports("127.0.0.1", 5)
    urls = [
        f"{scheme}://127.0.0.1:{port}"
        for scheme, port in zip(("https", "imap", "smtp", "ldap", "mysql"), ports, strict=True)
    ]
    status, report, _ = scan(tmp_path, [{"id": "gone", "endpoints": urls}])
    assert status == 1
    assert report["summary"]["endpoints_not_assessed"] == 0  # they were: reachability is known
    assert {one["reachability"] for one in report["endpoints"]} == {"closed"}
    assert not [one for one in report["findings"] if one["verdict"] == "pass"]


def test_check_works_without_a_file(dovecot_sound: Running, tmp_path: Path) -> None:
    url = f"imap://{dovecot_sound.address}:{dovecot_sound.ports['imap']}"
    ended = tlsassay("check", url, "--trust", str(dovecot_sound.ca_pem), "--server-name", dovecot_sound.server_name)
    assert ended.returncode == 0, ended.stdout
    strict = tlsassay("check", url)
    assert strict.returncode == 1
    assert "name-not-covered" in strict.stdout
    assert "chain-not-trusted" in strict.stdout


def test_passive_asks_no_login(slapd_defective: Running, mariadb_defective: Running, tmp_path: Path) -> None:
    urls = [
        f"ldap://127.0.0.1:{slapd_defective.ports['ldap']}",
        f"mysql://127.0.0.1:{mariadb_defective.ports['mysql']}",
    ]
    ended = tlsassay("check", "--passive", "--output", str(tmp_path), *urls)
    assert ended.returncode == 1
    (report_file,) = tmp_path.glob("*/latest/report.json")
    report = json.loads(report_file.read_text())
    hows = [one["attempts"]["cleartext"]["observation"] for one in report["endpoints"]]
    assert [one["credentials"] for one in hows] == ["unknown", "unknown"]
    assert all("--passive" in one["how"] for one in hows)


@pytest.mark.parametrize(("pinned", "status"), [("ed25519", 0), ("nobody", 1)])
def test_a_host_key_is_pinned_by_its_fingerprint(
    openssh_sound: Running, tmp_path: Path, pinned: str, status: int
) -> None:
    _, fingerprint = clients.ssh_keygen(f"{openssh.key_file(openssh_sound.folder, 'ed25519')}.pub")
    declared = service(openssh_sound)
    declared["certificate"]["pins"] = [fingerprint if pinned == "ed25519" else "SHA256:" + "A" * 43]
    ended, report, _ = scan(tmp_path, [declared])
    assert ended == status
    assert verdicts(report, openssh_sound, "ssh", "fail") == ({"host-key-not-pinned"} if status else set())


def test_ssh_evidence_can_be_reproduced(openssh_sound: Running, openssh_defective: Running, tmp_path: Path) -> None:
    """Each command shows what was answered."""
    for running in (openssh_sound, openssh_defective):
        folder = tmp_path / running.configuration.name
        folder.mkdir()
        _, report, _ = scan(folder, [service(running)])
        lines = {line["about"]: line for one in report["findings"] for line in one["evidence"]}
        assert {"cleartext", "key exchange", "host key algorithms", "ciphers", "macs", "rsa"} <= set(lines)
        for about in set(lines) - {"reachability"}:
            answered, command = lines[about]["answered"], lines[about]["reproduce"]
            told = re.search(r"OpenSSH_[^']+|SHA256:[^,]+", answered)
            shown = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=SECONDS, check=False)
            assert (told[0] if told else answered.replace(", ", ",")) in shown.stdout, (about, command)
