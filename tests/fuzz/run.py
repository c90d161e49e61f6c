"""Coverage-guided fuzzing: `python -m tests.fuzz.run [--seconds N] [TARGET …]`, all targets unless some are named.

Each runs in a process of its own, from the corpus in the tests and from what earlier runs found (`.fuzz/corpus/`).
Whatever breaks a promise is written to `.fuzz/crashes/` and makes the whole run fail.
"""

import argparse
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"
FOUND = ROOT / ".fuzz"
LIMITS = (
    "-timeout=5",  # seconds, of one input: none takes a tenth of one
    "-rss_limit_mb=1024",
    "-max_len=4096",  # enough for every message, and quick
    "-print_final_stats=1",
)


def fuzz(name: str, options: list[str]) -> None:
    """Fuzz one target in this process, until libFuzzer ends it."""
    with atheris.instrument_imports(include=["scanner.wire", "asn1crypto"]):
        targets = import_module("tests.fuzz.targets")
    target = targets.TARGETS[name]
    atheris.Setup([sys.argv[0], *options], lambda data: targets.outcome(target, data))
    atheris.Fuzz()


def run(name: str, seconds: int) -> bool:
    """Fuzz one target in a process of its own; whether all promises were kept."""
    corpus, crashes = FOUND / "corpus" / name, FOUND / "crashes"
    for folder in (corpus, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}", f"-artifact_prefix={crashes}/{name}-", *LIMITS]
    command = [sys.executable, "-m", "tests.fuzz.run", "--one", name, *options, str(corpus), str(CORPUS / name)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    executions = re.search(r"number_of_executed_units: (\d+)", ended.stderr)
    kept = ended.returncode == 0 and executions is not None
    sys.stdout.write(f"{name}: {executions[1] if executions else 'no'} executions{'' if kept else ', FAILED'}\n")
    if not kept:
        sys.stdout.write(ended.stdout[-4000:] + ended.stderr[-4000:])
    sys.stdout.flush()
    return kept


def main() -> int:
    """The exit status: 1 when a promise was broken."""
    if sys.argv[1:2] == ["--one"]:
        fuzz(sys.argv[2], sys.argv[3:])
        return 0
    names = sorted(folder.name for folder in CORPUS.iterdir())
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(names)}")
    chosen = parser.parse_args()
    if unknown := set(chosen.targets) - set(names):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    kept = [run(name, chosen.seconds) for name in chosen.targets or names]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
