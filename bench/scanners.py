"""What is run: every scanner's command for each measure, restricted to the same questions as far as it can be.

In a command `{host}` stands for one address, `{hosts}` for several, `{folder}` for the bench's files, `{output}` for a
folder of the run's own, `{inventory}` and `{targets}` for files that list the addresses.
"""

import sys
from pathlib import Path
from typing import NamedTuple

from bench.measure import ROOT
from bench.servers import CERTIFICATES, NAME

PROGRAMS = Path(sys.executable).parent
"""Where tlsassay and sslyze are installed."""


class Scanner(NamedTuple):
    """One row of a table."""

    title: str
    command: str
    runs: int | None = None
    """How often, if not as often as the others."""
    uvloop: bool = True
    """Whether tlsassay may use it."""

    @property
    def ours(self) -> bool:
        """Whether this is tlsassay."""
        return self.command.startswith("tlsassay ")

    def words(self, **values: str | list[str]) -> list[str]:
        """The command as the kernel takes it. `values` are those of the module's placeholders."""
        words: list[str] = []
        for word in self.command.split():
            value = values.get(word[1:-1]) if word.startswith("{") else None
            words.extend(value if isinstance(value, list) else [word.format(**values)])
        if self.ours and not self.uvloop:
            hide = "import sys; sys.modules['uvloop'] = None; from scanner.cli import main; main()"
            return [sys.executable, "-c", hide, *words[1:]]
        installed = PROGRAMS / words[0]
        return [str(installed) if installed.exists() else words[0], *words[1:]]


_IDENTITY = f"--trust {{folder}}/{CERTIFICATES} --server-name {NAME}"
_CHECK = f"tlsassay check --quiet {_IDENTITY} --output {{output}}"
_POLICIES = [
    name for name in ("rfc9325", "mozilla-intermediate") if (ROOT / "scanner" / "policies" / f"{name}.yaml").exists()
]
_SCAN = "tlsassay scan {inventory} --quiet --format json --output {output} --rate 100000"
_SSLSCAN = "sslscan --no-compression --no-fallback --no-heartbleed --no-renegotiation"
_SSLSCAN_QUICK = f"{_SSLSCAN} --no-ciphersuites --no-groups"
_SSLYZE = "sslyze --sslv2 --sslv3 --tlsv1 --tlsv1_1 --tlsv1_2 --tlsv1_3 --certinfo --elliptic_curves"
_QUESTIONS = "versions, suites, groups, certificates"

SELECTED = Scanner(
    f"tlsassay, {_QUESTIONS}",
    f"{_CHECK} --probe tls_versions --probe cipher_suites --probe groups --probe certificate https://{{host}}",
)
# Full depth is the default.
FULL = Scanner("tlsassay, full", f"{_CHECK} https://{{host}}")
QUICK = Scanner("tlsassay, quick, policy site", f"{_CHECK} --depth quick --policy site https://{{host}}")
QUICK_ALL = Scanner(
    f"tlsassay, quick, policies {', '.join(['site', *_POLICIES])}",
    f"{_CHECK} --depth quick --policy site {' '.join(f'--policy {name}' for name in _POLICIES)} https://{{host}}",
)
SSLYZE = Scanner("sslyze, all", "sslyze {host}")
SSLYZE_RESTRICTED = Scanner(f"sslyze, {_QUESTIONS}", f"{_SSLYZE} {{host}}")
SSLSCAN = Scanner("sslscan, all", "sslscan {host}")
SSLSCAN_RESTRICTED = Scanner(f"sslscan, {_QUESTIONS}", f"{_SSLSCAN} {{host}}")
NMAP = Scanner("nmap, suites and certificate", "nmap -Pn -n -p 443 --script ssl-enum-ciphers,ssl-cert {host}")
TESTSSL = Scanner("testssl.sh, all", "testssl --quiet --warnings off --color 0 {host}:443", runs=1)

TYPICAL = [
    *(SELECTED, FULL, QUICK, *([QUICK_ALL] if _POLICIES else [])),
    *(SSLYZE_RESTRICTED, SSLYZE, SSLSCAN_RESTRICTED, SSLSCAN, NMAP, TESTSSL),
]
LEGACY = [FULL, SSLYZE_RESTRICTED, SSLYZE, SSLSCAN_RESTRICTED, SSLSCAN, NMAP]

HOSTS_FULL = Scanner("tlsassay, full", _SCAN)
HOSTS_SSLYZE = Scanner(f"sslyze, {_QUESTIONS}", f"{_SSLYZE} {{hosts}}")
HOSTS_SSLSCAN = Scanner(f"sslscan, {_QUESTIONS}", f"{_SSLSCAN} --targets={{targets}}")

_MANY = f"{_SCAN} --depth quick --probe tls_versions --probe certificate"
MANY = Scanner("tlsassay, quick, with uvloop", _MANY)
MANY_PLAIN = Scanner("tlsassay, quick, without uvloop", _MANY, uvloop=False)
MANY_SSLSCAN = Scanner("sslscan, one process", f"{_SSLSCAN_QUICK} --targets={{targets}}")
MANY_SSLSCAN_EACH = Scanner("sslscan, a process each", f"xargs -a {{targets}} -n 1 {_SSLSCAN_QUICK}")

COLD = Scanner("tlsassay check, quick", f"tlsassay check --quiet {_IDENTITY} --depth quick https://{{host}}")
COLD_PEERS = [
    SSLYZE_RESTRICTED,  # it tells versions by their suites
    Scanner("sslscan, versions and certificate", f"{_SSLSCAN_QUICK} {{host}}"),
]
