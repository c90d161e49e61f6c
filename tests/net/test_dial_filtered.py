"""Closed, filtered and unreachable as the kernel really says them, in a network of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.missing import not_run

ROOT = Path(__file__).parents[2]
RULES = """
table inet filter {
  chain input {
    type filter hook input priority 0;
    tcp dport 1001 drop
    ip protocol tcp tcp dport 1002 reject with icmp type admin-prohibited
    ip6 nexthdr tcp tcp dport 1002 reject with icmpv6 type admin-prohibited
    ip protocol tcp tcp dport 1003 reject with icmp type host-unreachable
    ip6 nexthdr tcp tcp dport 1003 reject with icmpv6 type addr-unreachable
    tcp dport 1004 reject with tcp reset
    udp dport 1001 drop
    ip protocol udp udp dport 1002 reject with icmp type admin-prohibited
    ip6 nexthdr udp udp dport 1002 reject with icmpv6 type admin-prohibited
    ip protocol udp udp dport 1003 reject with icmp type host-unreachable
    ip6 nexthdr udp udp dport 1003 reject with icmpv6 type addr-unreachable
  }
}
"""
DIAL = """
import asyncio, json, socket, sys
from scanner.model import AskFailedError
from scanner.net.dial import dial

async def ask(address, port):  # over loopback ICMP may only be heard for the second SYN
    try:
        connection = await dial(address, port, connect=2.5, seconds=5, budget=1)
    except AskFailedError as error:
        return [str(error.failure.kind), error.failure.detail]
    connection.close()
    return ["open", ""]

async def main():
    with socket.create_server(("::", 1000), family=socket.AF_INET6, dualstack_ipv6=True):
        asked = json.loads(sys.argv[1])
        print(json.dumps(await asyncio.gather(*(ask(*one) for one in asked))))

asyncio.run(main())
"""


GROUPS = [
    ["ip", "route", "add", "224.0.0.0/4", "dev", "lo"],
    ["ip", "link", "add", "wire", "type", "veth", "peer", "name", "other"],  # loopback takes no IPv6 groups
    ["ip", "link", "set", "other", "up"],
    ["ip", "link", "set", "wire", "up"],
    ["ip", "-6", "address", "add", "fe80::1/64", "dev", "wire", "nodad"],
]
UDP = """
import asyncio, json, socket, sys, threading
from scanner.model import AskFailedError
from scanner.net.datagrams import Datagrams, Group
from scanner.net.dial import dial

GROUPS = {"224.2.2.3", "ff02::114%wire"}

async def ask(address, port):
    group = address in GROUPS
    try:
        line = await dial(address, port, connect=1.5, seconds=5, budget=100, kind=Group if group else Datagrams)
        if group and port == 1000:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            destination = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM)[0][4]
            with socket.socket(family, socket.SOCK_DGRAM) as member:
                member.sendto(b"a member", destination)
        await line.hear(None if group else b"anybody there?", 1.5)
    except AskFailedError as error:
        return [str(error.failure.kind), error.failure.detail]
    line.close()
    return ["open", bytes(line.buffer).decode()]

def echo(server):
    for _ in range(2):
        words, client = server.recvfrom(100)
        server.sendto(words, client)

async def main():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as server:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("::", 1000))
        thread = threading.Thread(target=echo, args=(server,), daemon=True)
        thread.start()
        asked = json.loads(sys.argv[1])
        print(json.dumps(await asyncio.gather(*(ask(*one) for one in asked))))

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def network() -> Iterator[str]:
    """The name of a network namespace with nothing but a filtered loopback, and a wire for groups."""
    if os.geteuid() != 0:
        not_run("only root may make a network namespace")
    for program, package in (("ip", "iproute2"), ("nft", "nftables")):
        if shutil.which(program) is None:
            not_run(f"{program} is not installed (apt-get install {package})")
    name = f"tlsassay-test-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode:
        not_run(f"no network namespace: {made.stderr.strip()}")
    try:
        for command in (["ip", "link", "set", "lo", "up"], *GROUPS, ["nft", "-f", "-"]):
            subprocess.run(["ip", "netns", "exec", name, *command], input=RULES, text=True, check=True)
        yield name
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


def dialled(network: str, asked: list[tuple[str, int]], program: str = DIAL) -> list[list[str]]:
    command = ["ip", "netns", "exec", network, sys.executable, "-W", "error", "-c", program, json.dumps(asked)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30, cwd=ROOT)
    assert not done.stderr
    answers: list[list[str]] = json.loads(done.stdout)
    return answers


def test_states(network: str) -> None:
    ports = {1000: "open", 999: "refused", 1001: "filtered", 1002: "filtered", 1003: "filtered", 1004: "refused"}
    expected = {(address, port): state for address in ("127.0.0.1", "::1") for port, state in ports.items()}
    expected |= {("192.0.2.1", 1000): "unreachable", ("2001:db8::1", 1000): "unreachable"}
    answers = dialled(network, list(expected))
    assert {where: kind for where, (kind, _) in zip(expected, answers, strict=True)} == expected
    details = dict(zip(expected, (detail for _, detail in answers), strict=True))
    assert details["127.0.0.1", 1001] == details["::1", 1001] == "no answer within 2.5 s"
    assert "ICMP" in details["127.0.0.1", 1002]
    assert "ICMP" in details["::1", 1002]


def test_states_over_udp(network: str) -> None:
    """Silence is neither open nor closed; ICMP tells closed from prohibited and unreachable, as it does over TCP."""
    ports = {1000: "open", 999: "refused", 1001: "timed out", 1002: "filtered", 1003: "filtered"}
    expected = {(address, port): state for address in ("127.0.0.1", "::1") for port, state in ports.items()}
    expected |= {("192.0.2.1", 1000): "unreachable", ("2001:db8::1", 1000): "unreachable"}
    answers = dialled(network, list(expected), UDP)
    assert {where: kind for where, (kind, _) in zip(expected, answers, strict=True)} == expected
    details = dict(zip(expected, (detail for _, detail in answers), strict=True))
    for address in ("127.0.0.1", "::1"):
        assert details[address, 1000] == "anybody there?"
        assert details[address, 999] == "ICMP: port unreachable"
        assert details[address, 1001] == "open|filtered: no answer over UDP within 1.5 s, and no ICMP"
        assert "ICMP" in details[address, 1002]


def test_a_group_is_heard_or_nothing_is_known(network: str) -> None:
    expected = {("224.2.2.3", 1000): "open", ("224.2.2.3", 1005): "timed out"}
    expected |= {("ff02::114%wire", 1000): "open", ("ff02::114%wire", 1005): "timed out"}
    answers = dialled(network, list(expected), UDP)
    assert {where: kind for where, (kind, _) in zip(expected, answers, strict=True)} == expected
    assert answers[0][1] == "a member"
    assert answers[1][1].startswith("nothing was heard of the group within 1.5 s")
