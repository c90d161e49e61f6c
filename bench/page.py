"""docs/performance.md: the tables, how they were measured, and the command of every row."""

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Sequence

PAGE = """# What a scan costs

Made by `make bench`: {machine}, medians of {runs} runs (one of testssl.sh). {peers}.

Every scanner asks the same servers: one nginx on loopback, in a network namespace where nothing else listens.
Connections are those that the kernel counts there on listening sockets (`PassiveOpens`), whoever makes them; a port
scan's half-open probe is none. CPU and memory are the kernel's account of the process that scans and of its children,
start-up included; memory is that of the largest process, and cannot be told below 9 MiB. Absolute times depend on the
machine: compare counts, and ratios within one run. {uvloop}

## Bars

{bars}

{sections}"""
SECTION = """## {title}

{text}

{table}

    {commands}
"""
TYPICAL = """TLS 1.2 with Mozilla's six ECDHE suites, TLS 1.3 with its three, RSA 2048 and P-256 certificates, OpenSSL's
default groups, HTTP/2. Connections are given for the server's order of suites / the client's; all else is measured on
the former. "× ours" is against tlsassay at full depth."""
LEGACY = """Every suite that OpenSSL 3 serves from an RSA and an ECDSA certificate on TLS 1.0 to 1.2, anonymous and NULL
ones included: `openssl s_client` negotiates {served}. The client's order of suites decides, as is nginx's default; for
tlsassay connections are given for the client's order / the server's."""
PER_HOST = """Several hosts in one run, each at an address of its own. "Without start-up" is what a further host adds:
(CPU of N hosts − CPU of one) ÷ (N − 1)."""
MANY = """Versions and certificate only, one address each. sslscan gives one certificate of each host, tlsassay one for
each key type."""
COLD = """A fresh process for one host, as in a pipeline's step."""


def _version(*words: str) -> str:
    """The last word of the first line that names a version; "not installed" without the program."""
    try:
        shown = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL).stdout
    except FileNotFoundError:
        return "not installed"
    found = (word for word in shown.replace("\x1b[0m", " ").split() if word[:1].isdigit() and "." in word)
    return next(found, "of unknown version")


def _package(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def render(runs: int, bars: str, sections: Sequence[tuple[str, str, str, Sequence[str]]]) -> str:
    """The page. Each section: title, text, table, commands."""
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    peers = ", ".join(
        (
            f"sslyze {_package('sslyze')}",
            f"sslscan {_version('sslscan', '--version')}",
            f"nmap {_version('nmap', '--version')}",
            f"testssl.sh {_version('testssl', '--version')}",
            f"OpenSSL {_version('openssl', 'version')}",
        )
    )
    uvloop = _package("uvloop")
    used = f"tlsassay ran with uvloop {uvloop} (extra `[speed]`) unless a row says otherwise."
    parts = (
        SECTION.format(title=title, text=text, table=table, commands="\n    ".join(commands))
        for title, text, table, commands in sections
    )
    return PAGE.format(
        machine=machine,
        runs=runs,
        peers=peers,
        uvloop="uvloop was not installed." if uvloop == "not installed" else used,
        bars=bars,
        sections="\n".join(parts),
    )
