"""The walls of the house: which room may know which.

Judging and rendering never load a socket, so a stored run gives the same report on a machine without a network, and the
same files can be judged next year. The tests read imports, statically and in a fresh interpreter.
"""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from scanner import registry

ROOT = Path(__file__).parents[1] / "scanner"
PURE = (
    "declared",
    "model",
    "report",
    "registry",
    "observations",
    "wire",
    "rules",
    "policy",
    "judge",
    "peers",
    "assess",
    "explain",
    "render",
)
IMPURE_STDLIB = {"asyncio", "socket", "ssl", "time", "random", "os", "secrets", "select", "subprocess", "threading"}
MAY_IMPORT = {
    # room: our rooms it may import besides itself
    "declared": set(),
    "model": set(),
    "report": {"declared", "model"},
    "registry": set(),
    "observations": {"model", "registry"},
    "wire": {"observations", "model"},
    "peers": {"model"},
    "rules": {"declared", "model", "observations", "peers", "wire"},
    "render": {"declared", "model", "report", "observations", "registry", "wire"},
    "net": {"model", "wire"},
    "protocols": {"model", "net", "observations", "registry", "wire"},
    "probes": {"declared", "interview", "memory", "model", "net"}
    | {"observations", "protocols", "registry", "trust", "wire"},
}
ONE_FILE_EACH = ("protocols", "probes", "rules", "render")
"""A probe and its observation share a test."""


def modules() -> dict[str, Path]:
    """Every module by its dotted name below `scanner`."""
    found = {}
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imports(path: Path) -> set[str]:
    """Dotted names of all imports, wherever they stand, except those for type checkers only."""
    names: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            names.add(module)
            names.update(f"{module}.{alias.name}" for alias in node.names)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text("utf-8")))
    return names


def ours(path: Path) -> set[str]:
    """Our modules that a file imports, as dotted names below `scanner`."""
    known = modules()
    return {
        name.removeprefix("scanner.")
        for name in imports(path)
        if name.removeprefix("scanner.") in known and name != "scanner"
    }


def room(name: str) -> str:
    return name.partition(".")[0]


@pytest.mark.parametrize("name", sorted(name for name in modules() if room(name) in PURE))
def test_what_judges_and_renders_touches_no_network_clock_or_chance(name: str) -> None:
    path = modules()[name]
    assert not {one.partition(".")[0] for one in imports(path)} & IMPURE_STDLIB
    for other in ours(path):
        reached = room(other)
        assert reached in (*PURE, "yamlfile", "yamlrecord"), f"{name} imports {other}"


def test_readers_of_yaml_are_as_pure() -> None:
    for name in ("yamlfile", "yamlrecord"):
        assert not {one.partition(".")[0] for one in imports(modules()[name])} & IMPURE_STDLIB


@pytest.mark.parametrize("name", sorted(name for name in modules() if room(name) in MAY_IMPORT))
def test_imports_go_one_way(name: str) -> None:
    allowed = MAY_IMPORT[room(name)] | {room(name)}
    assert {room(other) for other in ours(modules()[name])} <= allowed


def test_nobody_imports_the_command_line() -> None:
    importers = {name for name, path in modules().items() if ours(path) & {"cli", "console", "options"}}
    assert importers <= {"cli", "__main__"}


def test_only_the_command_line_prints() -> None:
    for name, path in modules().items():
        calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
        printing = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
        assert not printing or name in {"cli", "console"}, name


def test_a_stored_run_is_judged_and_rendered_without_a_socket(tmp_path: Path) -> None:
    """In a fresh interpreter: what is loaded is what is counted, static or not."""
    program = """
import json, sys, io
from pathlib import Path
from scanner.assess import assess
from scanner.journal import StoredRun
from scanner.policy import load_policies
from scanner.render import html, json as as_json
from tests.test_journal import write_example
report = assess([StoredRun(write_example(Path(sys.argv[1])))], load_policies(["site"]), version="0")
for renderer in (html, as_json):
    renderer.render(report, io.BytesIO())
assert len(report.findings) > 10
print(json.dumps(sorted(name for name in sys.modules if name.startswith("scanner."))))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT.parent,
        timeout=60,
    )
    loaded = {room(name.removeprefix("scanner.")) for name in json.loads(done.stdout)}
    assert not loaded & {"net", "protocols", "probes", "interview", "scan", "trust", "demo", "cli"}


@pytest.mark.parametrize("folder", ONE_FILE_EACH)
def test_each_file_of_a_folder_has_a_test_of_its_stem(folder: str) -> None:
    tests = {path.stem for path in (ROOT.parent / "tests" / folder).glob("test_*.py")}
    missing = [stem for stem in registry.stems(folder) if f"test_{stem}" not in tests]
    assert not missing


def test_probes_and_observations_share_their_stems() -> None:
    assert registry.stems("probes") == registry.stems("observations")
