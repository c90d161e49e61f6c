"""What a scan costs: connections, CPU seconds and memory, beside sslyze on the same server.

One nginx (TLS 1.2 and 1.3, RSA and ECDSA certificates) listens on every loopback address, so each endpoint has an
address of its own and the limits of one address do not decide. CPU and memory are the kernel's figures (wait4) for the
process that scans. Absolute times depend on the machine: compare counts, and ratios within one run.

usage: python bench/scan.py [--endpoints 1,100,1000] [--runs 3] [--write]      --write: into docs/performance.md
"""

import argparse
import contextlib
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from scanner.demo.certificates import Authority, Identity
from scanner.journal import StoredRun

ROOT = Path(__file__).parents[1]
NGINX = """daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
uwsgi_temp_path {folder}; scgi_temp_path {folder};
server {{ listen {port} ssl backlog=4096; ssl_protocols TLSv1.2 TLSv1.3;
{certificates}
return 204; }} }}
"""


class Cost(NamedTuple):
    """Of one process."""

    cpu: float
    """Seconds, user and system."""
    memory: float
    """MiB, at most resident."""
    wall: float


def measure(*words: str) -> Cost:
    """Run a command to its end; whatever its exit status, what it cost."""
    started = time.monotonic()
    # as on a user's machine: a module is compiled once, not at each start
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(words, stdout=quiet, stderr=quiet, cwd=ROOT, env=environment)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, time.monotonic() - started)


@contextlib.contextmanager
def nginx(folder: Path) -> Iterator[int]:
    """A server on every loopback address; its port."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        sys.exit("bench: nginx is not installed")
    authority = Authority(datetime.now(UTC))
    lines = []
    keys = {"rsa": authority.rsa_key, "ecdsa": ec.generate_private_key(ec.SECP256R1())}
    for name, key in keys.items():
        identity: Identity = authority.issue("bench.test", key)
        path = folder / f"{name}.pem"
        path.write_bytes(identity.pem)
        lines.append(f"ssl_certificate {path}; ssl_certificate_key {path};")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port, certificates="\n".join(lines)))
    server = subprocess.Popen([program, "-c", str(config), "-e", str(folder / "error.log")], stderr=subprocess.DEVNULL)
    try:
        for _ in range(1000):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.01)
        yield port
    finally:
        server.terminate()
        server.wait()


def scan(folder: Path, port: int, endpoints: int, runs: int) -> tuple[list[Cost], float]:
    """Costs of each run, and connections an endpoint."""
    addresses = [f"127.{1 + i // 62500}.{i // 250 % 250}.{1 + i % 250}" for i in range(endpoints)]
    inventory = folder / f"{endpoints}.yaml"
    services = "\n".join(f"  - {{id: S{i}, endpoints: ['https://{a}:{port}']}}" for i, a in enumerate(addresses))
    inventory.write_text(f"name: bench-{endpoints}\nservices:\n{services}\n")
    words = [
        sys.executable,
        "-m",
        "scanner",
        "scan",
        str(inventory),
        "--output",
        str(folder),
        "--quiet",
        "--rate",
        "100000",
    ]
    costs = [measure(*words, "--format", "json") for _ in range(runs)]
    stored = StoredRun(folder / f"bench-{endpoints}" / "latest" / "attempts.jsonl")
    answered = sum(attempts["certificate"].observation is not None for _, attempts in stored.endpoints())
    if answered != endpoints:
        sys.exit(f"bench: only {answered} of {endpoints} endpoints gave their certificates")
    return costs, stored.run.connections / endpoints


def row(what: str, costs: list[Cost], connections: str, endpoints: int) -> str:
    cpu, memory, wall = (statistics.median(column) for column in zip(*costs, strict=True))
    each = f"{cpu / endpoints * 1000:.1f}"
    return f"| {what} | {connections} | {cpu:.2f} | {each} | {memory:.0f} | {wall:.1f} |"


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--endpoints", default="1,100,1000")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    lines = [
        "| command | connections an endpoint | CPU s | CPU ms an endpoint | memory MiB | wall s |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as name, nginx(Path(name)) as port:
        for count in map(int, chosen.endpoints.split(",")):
            costs, connections = scan(Path(name), port, count, chosen.runs)
            lines.append(row(f"`tlsassay scan`, {count} endpoints", costs, f"{connections:.1f}", count))
        asked = ("--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--certinfo")
        peer = [sys.executable, "-m", "sslyze", *asked, f"127.0.0.1:{port}"]
        lines.append(
            row(
                "`sslyze`, versions with suites, certificates, 1 endpoint",
                [measure(*peer) for _ in range(chosen.runs)],
                "",
                1,
            )
        )
    table = "\n".join(lines)
    print(table)
    if chosen.write:
        page = ROOT / "docs" / "performance.md"
        machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, medians of {chosen.runs} runs"
        page.write_text(TEMPLATE.format(machine=machine, table=table))


TEMPLATE = """# What a scan costs

Made by `python bench/scan.py --write` (`make bench` prints the same): {machine}. One nginx with TLS 1.2 and 1.3 and two
certificates answers on loopback; every endpoint is asked for all versions and both chains, judged by policy `site`, and
written as JSON. Start-up is included. Absolute figures depend on the machine; the connections do not.

{table}

sslyze also lists cipher suites, which tlsassay does not yet; the row is there for scale.
"""

if __name__ == "__main__":
    main()
