"""Diffie-Hellman parameters."""

import subprocess

import pytest


@pytest.fixture(scope="session")
def dh_parameters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Files by the name of the prime; `own`: 1024 bits that nobody else has."""
    folder = tmp_path_factory.mktemp("dh")
    made = {}
    for name in ("ffdhe2048", "ffdhe3072"):
        made[name] = ["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", f"group:{name}"]
    made["own"] = ["dhparam", "-dsaparam", "1024"]
    for name, (command, *options) in made.items():
        words = ["openssl", command, "-out", str(folder / name), *options]
        subprocess.run(words, check=True, capture_output=True)
    return {name: str(folder / name) for name in made}
