"""What a command costs: CPU and memory by the kernel's account, connections by the network namespace's own counter.

The bench runs in a fresh network namespace in which nothing but its servers listens, on port 443 alone. So the kernel's
`PassiveOpens` (RFC 4022: connections that a listening socket took) counts the connections to the TLS port, whatever
scanner makes them, and nothing else.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
INSIDE = "TLSASSAY_BENCH_INSIDE"
"""Environment variable: the namespace's, once there."""


class Cost(NamedTuple):
    """Of one command, its child processes included."""

    connections: float
    """To the TLS port."""
    cpu: float
    """Seconds, user and system."""
    memory: float
    """MiB: the most that one process had resident."""
    wall: float
    """Seconds."""
    status: int
    """Exit status of the command."""


class NotMeasuredError(Exception):
    """A command that cannot run here, or ended in a way that its figures mean nothing; says why."""


def enter_namespace() -> None:
    """Start this program again in a network namespace of its own, unless it is there. Exits if there can be none."""
    if os.environ.get(INSIDE):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        sys.exit("bench: needs unshare (util-linux) and ip (iproute2)")
    as_root = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    words = ["unshare", "--net", *as_root, sys.executable, "-m", "bench", *sys.argv[1:]]
    os.execvpe(words[0], words, {**os.environ, INSIDE: "1"})


def connections() -> int:
    """Taken by the listening sockets of this namespace so far."""
    names, values = (
        line.split() for line in Path("/proc/self/net/snmp").read_text().splitlines() if line.startswith("Tcp:")
    )
    return int(values[names.index("PassiveOpens")])


def measure(words: list[str], *, timeout: float = 1200) -> Cost:
    """Run a command to its end. Raises NotMeasuredError if it is not installed or takes over `timeout` seconds."""
    if shutil.which(words[0]) is None:
        raise NotMeasuredError("not installed")
    before = connections()
    read, write = os.pipe()
    parent = [sys.executable, "-I", "-S", str(Path(__file__).with_name("cost.py")), str(write)]
    process = subprocess.Popen(
        [*parent, *words],
        cwd=ROOT,
        env={**os.environ, "TERM": "dumb"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(write,),
        process_group=0,
    )
    os.close(write)
    try:
        process.wait(timeout)
    except BaseException as error:
        os.killpg(process.pid, signal.SIGKILL)  # its descendants too: nobody else ends them
        process.wait()
        if isinstance(error, subprocess.TimeoutExpired):
            raise NotMeasuredError(f"took longer than {timeout:.0f} s") from None
        raise
    finally:
        with os.fdopen(read) as pipe:
            line = pipe.read() if process.returncode == 0 else ""
    if not line:
        raise NotMeasuredError("could not be started")
    cpu, peak, wall, status = line.split()
    return Cost(connections() - before, float(cpu), int(peak) / 1024, float(wall), int(status))


def middle(costs: list[Cost]) -> Cost:
    """Medians, column by column; of the status the last."""
    taken, cpu, memory, wall = (median(column) for column in list(zip(*costs, strict=True))[:4])
    return Cost(taken, cpu, memory, wall, costs[-1].status)
